"""What tests of tasks ask of a local cloud: a cluster, images of small programs, task definitions, services."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil

from cygni.builder.context import read_context
from cygni.local_cloud.images.store import ImageStore
from cygni.local_cloud.process import LocalCloud
from tests.conftest import aws_clients
from tests.cygni.local_cloud.balanced import eventually

_NUMBERS = itertools.count(1)
REGION = "us-east-1"

SERVER = """
import http.server, os, signal, sys

class Answer(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        body = f"{os.environ.get('VERSION', '')} {os.environ['PORT']}".encode()
        self.send_response(int(os.environ.get("STATUS", "200")))
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *words):
        pass

signal.signal(signal.SIGTERM, lambda *_: (print("stopping", flush=True), os._exit(0)))
print("listening", os.environ["PORT"], flush=True)
http.server.ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), Answer).serve_forever()
"""
"""Answers everything with STATUS; VERSION and PORT are in the answer."""


class Running:
    """A local cloud with a cluster and a log group; everything it makes has a name of its own."""

    def __init__(self, cloud: LocalCloud, folder: Path) -> None:
        self.cloud = cloud
        self.aws = aws_clients(cloud.endpoint)
        self.ecs, self.logs = self.aws("ecs"), self.aws("logs")
        self.images = ImageStore(cloud.log_file.parent)
        self._folder = folder
        self.cluster = f"cluster-{next(_NUMBERS)}"
        self.ecs.create_cluster(clusterName=self.cluster)
        self.log_group = f"/tasks/{self.cluster}"
        self.logs.create_log_group(logGroupName=self.log_group)
        subnet = self.aws("ec2").describe_subnets()["Subnets"][0]["SubnetId"]
        self.network = {"awsvpcConfiguration": {"subnets": [subnet]}}

    def image(self, program: str) -> str:
        """The name of an image that runs a program of Python's."""
        folder = self._folder / f"program-{next(_NUMBERS)}"
        folder.mkdir(parents=True)
        (folder / "app.py").write_text(program)
        name = f"{folder.name}:1"
        self.images.add(name, read_context(folder), ["python3", "-u", "app.py"])
        return name

    def definition(
        self, image: str, *, family: str | None = None, memory: int = 512, **container: Any
    ) -> str:
        """A task definition of one container, with a log."""
        options = {
            "awslogs-group": self.log_group,
            "awslogs-region": REGION,
            "awslogs-stream-prefix": "app",
        }
        given = {
            "name": "app",
            "image": image,
            "logConfiguration": {"logDriver": "awslogs", "options": options},
            **container,
        }
        made = self.ecs.register_task_definition(
            family=family or f"family-{next(_NUMBERS)}",
            networkMode="awsvpc",
            requiresCompatibilities=["FARGATE"],
            cpu="256",
            memory=str(memory),
            containerDefinitions=[given],
        )
        return str(made["taskDefinition"]["taskDefinitionArn"])

    def server(self, **environment: str) -> str:
        """A task definition of a program that answers HTTP."""
        variables = [{"name": name, "value": value} for name, value in environment.items()]
        return self.definition(
            self.image(SERVER), environment=variables, portMappings=[{"containerPort": 8080}], stopTimeout=5
        )

    def service(self, definition: str, desired: int = 1, *, breaker: bool = False, **settings: Any) -> str:
        """The name of a new service; with `breaker` its deployments fail and are rolled back."""
        name = f"service-{next(_NUMBERS)}"
        deployment = {"deploymentCircuitBreaker": {"enable": breaker, "rollback": breaker}}
        self.ecs.create_service(
            cluster=self.cluster,
            serviceName=name,
            taskDefinition=definition,
            desiredCount=desired,
            launchType="FARGATE",
            networkConfiguration=self.network,
            deploymentConfiguration=deployment | settings.pop("deploymentConfiguration", {}),
            **settings,
        )
        return name

    def describe(self, service: str) -> dict[str, Any]:
        found: dict[str, Any] = self.ecs.describe_services(cluster=self.cluster, services=[service])[
            "services"
        ][0]
        return found

    def run(self, definition: str, **settings: Any) -> str:
        """The ARN of a task of its own."""
        [task] = self.ecs.run_task(
            cluster=self.cluster,
            taskDefinition=definition,
            launchType="FARGATE",
            networkConfiguration=self.network,
            **settings,
        )["tasks"]
        return str(task["taskArn"])

    def task(self, arn: str) -> dict[str, Any]:
        found: dict[str, Any] = self.ecs.describe_tasks(cluster=self.cluster, tasks=[arn])["tasks"][0]
        return found

    def tasks(self, service: str, status: str = "RUNNING") -> list[dict[str, Any]]:
        """The tasks of a service, by their desired status."""
        arns = self.ecs.list_tasks(cluster=self.cluster, serviceName=service, desiredStatus=status)[
            "taskArns"
        ]
        return self.ecs.describe_tasks(cluster=self.cluster, tasks=arns)["tasks"] if arns else []

    def until(self, arn: str, status: str, seconds: float = 30.0) -> dict[str, Any]:
        """The task once its last status is that."""
        task = eventually(lambda: self.task(arn), lambda one: one["lastStatus"] == status, seconds)
        assert task["lastStatus"] == status, task
        return task

    def until_service(
        self, service: str, wanted: Callable[[dict[str, Any]], bool], seconds: float = 40.0
    ) -> dict[str, Any]:
        found = eventually(lambda: self.describe(service), wanted, seconds)
        assert wanted(found), found
        return found

    def log(self, arn: str) -> list[str]:
        """What a task has said."""
        stream = f"app/app/{arn.rpartition('/')[2]}"
        found = self.logs.get_log_events(
            logGroupName=self.log_group, logStreamName=stream, startFromHead=True
        )
        return [event["message"] for event in found["events"]]

    def until_log(self, arn: str, line: str) -> None:
        lines = eventually(lambda: self.log(arn), lambda found: line in found)
        assert line in lines

    def messages(self, service: str) -> list[str]:
        """The service's events, oldest first."""
        return [event["message"] for event in reversed(self.describe(service)["events"])]


def port_of(task: dict[str, Any]) -> int:
    """The port of this machine that a task listens on."""
    return int(task["containers"][0]["networkBindings"][0]["hostPort"])


def steady(service: dict[str, Any]) -> bool:
    """Whether all tasks of the one deployment run, and it is complete."""
    [*_, first] = reversed(service["deployments"])
    return (
        len(service["deployments"]) == 1
        and first["rolloutState"] == "COMPLETED"
        and service["runningCount"] == service["desiredCount"]
    )


def runs(pid: int) -> bool:
    """False for a zombie too: in a container nobody may reap it."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def soon() -> str:
    """An `at` expression one to two seconds from now."""
    return time.strftime("at(%Y-%m-%dT%H:%M:%S)", time.gmtime(time.time() + 2))
