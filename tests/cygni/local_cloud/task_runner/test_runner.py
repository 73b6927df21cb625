"""Tasks as real processes, started by a real local cloud."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from botocore.exceptions import ClientError

from cygni.local_cloud import process
from cygni.local_cloud.process import LocalCloud
from cygni.settings import Settings
from tests.cygni.local_cloud.balanced import eventually
from tests.cygni.local_cloud.running import Running, port_of, runs, soon, steady

SLEEPS = "import time\nprint('ready')\ntime.sleep(600)"


@pytest.fixture
def running(local_cloud: LocalCloud, tmp_path: Path) -> Running:
    return Running(local_cloud, tmp_path)


@pytest.fixture
def own_cloud(tmp_path: Path) -> Iterator[LocalCloud]:
    """A local cloud of the test's own, to be killed."""
    settings = Settings(data_dir=tmp_path / "own", cache_dir=tmp_path / "cache")
    yield process.start(settings)
    process.stop(settings)


class TestRunTask:
    def test_tells_exit_code_and_output_of_what_it_ran(self, running: Running) -> None:
        program = "import sys\nprint('doing')\nprint('failing', file=sys.stderr)\nsys.exit(3)"
        arn = running.run(running.definition(running.image(program)))
        task = running.until(arn, "STOPPED")
        assert task["containers"][0]["exitCode"] == 3
        assert task["stopCode"] == "EssentialContainerExited"
        assert task["stoppedReason"] == "Essential container in task exited"
        assert task["startedAt"] <= task["stoppedAt"]
        assert running.log(arn) == ["doing", "failing"]

    def test_gives_what_the_task_definition_and_the_caller_say(self, running: Running) -> None:
        program = "import json, os, sys\nprint(json.dumps([dict(os.environ), sys.argv, os.getcwd()]))"
        definition = running.definition(
            running.image(program), environment=[{"name": "A", "value": "1"}, {"name": "B", "value": "2"}]
        )
        override = {
            "name": "app",
            "command": ["python3", "app.py", "more"],
            "environment": [{"name": "B", "value": "3"}],
        }
        arn = running.run(definition, overrides={"containerOverrides": [override]}, startedBy="me")
        task = running.until(arn, "STOPPED")
        variables, words, folder = json.loads(running.log(arn)[0])
        assert (variables["A"], variables["B"], words[1:]) == ("1", "3", ["more"])
        assert variables["AWS_ENDPOINT_URL"] == running.cloud.endpoint
        assert Path(folder).is_relative_to(running.cloud.log_file.parent / "images")
        assert "PORT" not in variables
        assert task["startedBy"] == "me"
        assert task["overrides"]["containerOverrides"] == [override]

    def test_lets_programs_use_the_local_cloud(self, running: Running) -> None:
        program = """
import os, urllib.request
request = urllib.request.Request(os.environ["AWS_ENDPOINT_URL"] + "/_cygni/health")
print(urllib.request.urlopen(request).status)
"""
        arn = running.run(running.definition(running.image(program)))
        running.until(arn, "STOPPED")
        assert running.log(arn) == ["200"]

    def test_tells_a_program_about_itself(self, running: Running) -> None:
        program = """
import json, os, urllib.request
place = os.environ["ECS_CONTAINER_METADATA_URI_V4"]
told = [json.load(urllib.request.urlopen(place + path)) for path in ("", "/task")]
print(json.dumps(told))
"""
        arn = running.run(running.definition(running.image(program)))
        running.until(arn, "STOPPED")
        container, task = json.loads(running.log(arn)[0])
        assert container["Name"] == "app"
        assert task["TaskARN"] == container["Labels"]["com.amazonaws.ecs.task-arn"] == arn
        assert task["Containers"] == [container]

    def test_has_a_network_interface_that_is_ecs_s_own(self, own_cloud: LocalCloud, tmp_path: Path) -> None:
        running = Running(own_cloud, tmp_path)
        task = running.until(running.run(running.definition(running.image(SLEEPS))), "RUNNING")
        [attachment] = task["attachments"]
        details = {one["name"]: one["value"] for one in attachment["details"]}
        [interface] = running.aws("ec2").describe_network_interfaces()["NetworkInterfaces"]
        assert interface["NetworkInterfaceId"] == details["networkInterfaceId"]
        assert interface["PrivateIpAddress"] == details["privateIPv4Address"]
        kinds = [one["kind"] for one in process.inventory(Settings(tmp_path / "own", tmp_path / "cache"))]
        assert "network-interface" not in kinds  # it goes with its task: nobody is to remove it

    def test_says_that_an_image_is_nowhere(self, running: Running) -> None:
        arn = running.run(running.definition("mailer:2"))
        task = running.until(arn, "STOPPED")
        assert task["stopCode"] == "TaskFailedToStart"
        assert task["stoppedReason"].startswith("CannotPullContainerError: ")
        assert "exitCode" not in task["containers"][0]

    def test_says_that_a_program_is_not_there(self, running: Running) -> None:
        definition = running.definition(running.image(""), command=["no-such-program"])
        task = running.until(running.run(definition), "STOPPED")
        assert task["stopCode"] == "TaskFailedToStart"
        assert "CannotStartContainerError" in task["containers"][0]["reason"]
        assert "no-such-program" in task["stoppedReason"]

    def test_says_that_a_log_group_is_missing(self, running: Running) -> None:
        options = {"awslogs-group": "/none", "awslogs-region": "us-east-1", "awslogs-stream-prefix": "app"}
        definition = running.definition(
            running.image(""), logConfiguration={"logDriver": "awslogs", "options": options}
        )
        task = running.until(running.run(definition), "STOPPED")
        assert task["stoppedReason"].startswith("ResourceInitializationError: ")
        assert "/none" in task["stoppedReason"]

    def test_ends_a_task_that_uses_more_memory_than_it_may(self, running: Running) -> None:
        program = (
            "import time\nheld = []\nwhile True:\n    held.append(b'x' * 16_000_000)\n    time.sleep(0.02)"
        )
        definition = running.definition(running.image(program), memory=512)
        task = running.until(running.run(definition), "STOPPED", seconds=60)
        assert task["containers"][0]["exitCode"] == 137
        assert task["containers"][0]["reason"] == "OutOfMemoryError: Container killed due to memory usage"


class TestStopTask:
    def test_lets_a_program_end_by_itself(self, running: Running) -> None:
        program = "import signal, sys, time\nsignal.signal(signal.SIGTERM, lambda *_: (print('bye'), sys.exit(0)))\nprint('ready')\ntime.sleep(600)"
        arn = running.run(running.definition(running.image(program)))
        running.until_log(arn, "ready")
        running.ecs.stop_task(cluster=running.cluster, task=arn, reason="enough")
        task = running.until(arn, "STOPPED")
        assert (task["stopCode"], task["stoppedReason"]) == ("UserInitiated", "enough")
        assert task["containers"][0]["exitCode"] == 0
        assert running.log(arn) == ["ready", "bye"]

    def test_kills_one_that_does_not_with_all_it_has_started(self, running: Running) -> None:
        program = """
import os, signal, subprocess, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print(subprocess.Popen(["sleep", "600"]).pid)
time.sleep(600)
"""
        arn = running.run(running.definition(running.image(program), stopTimeout=1))
        [child] = eventually(lambda: running.log(arn))
        running.ecs.stop_task(cluster=running.cluster, task=arn)
        task = running.until(arn, "STOPPED")
        assert task["containers"][0]["exitCode"] == 137
        assert task["stoppedReason"] == "Task stopped by user"
        assert not runs(int(child))

    def test_of_what_is_not_there_is_refused(self, running: Running) -> None:
        with pytest.raises(ClientError) as refused:
            running.ecs.stop_task(cluster=running.cluster, task="0" * 32)
        assert refused.value.response["Error"]["Code"] == "InvalidParameterException"


class TestSecrets:
    @pytest.fixture
    def secret(self, running: Running) -> Iterator[dict[str, Any]]:
        client = running.aws("secretsmanager")
        value = json.dumps({"password": "hunter2-not-to-be-seen", "user": "me"})
        made = client.create_secret(Name=f"database-{running.cluster}", SecretString=value)
        yield made
        client.delete_secret(SecretId=made["ARN"], ForceDeleteWithoutRecovery=True)

    def test_reach_the_program_and_nobody_else(self, running: Running, secret: dict[str, Any]) -> None:
        program = "import os, time\nprint(len(os.environ['PASSWORD']), os.environ['WHO'])\ntime.sleep(600)"
        secrets = [
            {"name": "PASSWORD", "valueFrom": f"{secret['ARN']}:password::"},
            {"name": "WHO", "valueFrom": f"{secret['ARN']}:user::"},
        ]
        arn = running.run(running.definition(running.image(program), secrets=secrets))
        running.until_log(arn, "22 me")
        told = json.dumps(running.task(arn), default=str)
        words = [" ".join(one.info["cmdline"] or ()) for one in psutil.process_iter(["cmdline"])]
        folder = running.cloud.log_file.parent
        kept = [file.read_bytes() for file in folder.rglob("*") if file.is_file()]
        assert not any("hunter2" in text for text in [told, *words])
        assert not any(b"hunter2" in content for content in kept)
        running.ecs.stop_task(cluster=running.cluster, task=arn)

    def test_that_are_missing_keep_a_task_from_starting(
        self, running: Running, secret: dict[str, Any]
    ) -> None:
        secrets = [{"name": "PASSWORD", "valueFrom": f"{secret['ARN']}:nothing::"}]
        task = running.until(running.run(running.definition(running.image(""), secrets=secrets)), "STOPPED")
        assert task["stopCode"] == "TaskFailedToStart"
        assert task["stoppedReason"].startswith("ResourceInitializationError: ")
        assert "json key nothing" in task["stoppedReason"]


class TestService:
    def test_has_the_tasks_that_it_wants(self, running: Running) -> None:
        service = running.service(running.server(VERSION="1"), 2)
        found = running.until_service(service, steady)
        assert (found["runningCount"], found["pendingCount"]) == (2, 0)
        tasks = running.tasks(service)
        assert len({port_of(task) for task in tasks}) == 2
        assert {task["startedBy"] for task in tasks} == {found["deployments"][0]["id"]}
        assert any("has reached a steady state" in message for message in running.messages(service))
        running.ecs.update_service(cluster=running.cluster, service=service, desiredCount=0)
        running.until_service(service, lambda one: one["runningCount"] == 0)
        for task in tasks:
            gone = running.until(task["taskArn"], "STOPPED")
            assert gone["stopCode"] == "ServiceSchedulerInitiated"
            assert gone["containers"][0]["exitCode"] == 0
            assert not _listens(port_of(task))

    def test_that_crashes_fails_its_deployment(self, running: Running) -> None:
        definition = running.definition(running.image("print('boom')\nraise SystemExit(9)"))
        service = running.service(definition, breaker=True)
        found = running.until_service(service, lambda one: one["deployments"][0]["rolloutState"] == "FAILED")
        deployment = found["deployments"][0]
        assert deployment["failedTasks"] >= 3
        assert deployment["rolloutStateReason"] == "ECS deployment circuit breaker: tasks failed to start."
        failed = (
            f"(service {service}) (deployment {deployment['id']}) deployment failed: tasks failed to start."
        )
        assert failed in running.messages(service)
        stopped = running.tasks(service, "STOPPED")
        assert {task["containers"][0]["exitCode"] for task in stopped} == {9}
        assert running.log(stopped[0]["taskArn"]) == ["boom"]
        assert running.tasks(service) == []

    def test_goes_back_to_what_ran_before(self, running: Running) -> None:
        good = running.server(VERSION="good")
        service = running.service(good, breaker=True)
        running.until_service(service, steady)
        bad = running.definition(running.image("raise SystemExit(1)"))
        running.ecs.update_service(cluster=running.cluster, service=service, taskDefinition=bad)
        found = running.until_service(service, lambda one: one["taskDefinition"] == good and steady(one))
        assert found["deployments"][0]["taskDefinition"] == good
        assert any("rolling back to deployment" in message for message in running.messages(service))
        assert [task["taskDefinitionArn"] for task in running.tasks(service)] == [good]

    def test_replaces_its_tasks_for_a_new_task_definition(self, running: Running) -> None:
        service = running.service(running.server(VERSION="1"))
        running.until_service(service, steady)
        [old] = running.tasks(service)
        new = running.server(VERSION="2")
        updated = running.ecs.update_service(cluster=running.cluster, service=service, taskDefinition=new)[
            "service"
        ]
        assert [one["status"] for one in updated["deployments"]] == ["PRIMARY", "ACTIVE"]
        running.until_service(service, steady)
        [task] = running.tasks(service)
        assert task["taskDefinitionArn"] == new
        running.until(old["taskArn"], "STOPPED")

    def test_whose_image_is_nowhere_costs_no_process(self, own_cloud: LocalCloud, tmp_path: Path) -> None:
        running = Running(own_cloud, tmp_path)
        service = running.service(running.definition("mailer:2"), 2, breaker=True)
        running.until_service(service, lambda one: one["deployments"][0]["rolloutState"] == "FAILED")
        running.until_service(service, lambda one: one["runningCount"] == one["pendingCount"] == 0)
        assert _ask(own_cloud)["data_plane"] == {"pid": None, "restarts": 0}

    def test_is_gone_once_its_tasks_are(self, running: Running) -> None:
        service = running.service(running.server(VERSION="1"))
        running.until_service(service, lambda one: one["runningCount"] == 1)
        with pytest.raises(ClientError) as refused:
            running.ecs.delete_service(cluster=running.cluster, service=service)
        assert refused.value.response["Error"]["Code"] == "InvalidParameterException"
        with pytest.raises(ClientError) as refused:
            running.ecs.delete_cluster(cluster=running.cluster)
        assert refused.value.response["Error"]["Code"] == "ClusterContainsServicesException"
        deleted = running.ecs.delete_service(cluster=running.cluster, service=service, force=True)["service"]
        assert deleted["status"] == "DRAINING"
        running.until_service(service, lambda one: one["status"] == "INACTIVE")
        assert running.ecs.list_services(cluster=running.cluster)["serviceArns"] == []


class TestSchedule:
    def test_starts_a_task_when_it_is_due(self, running: Running) -> None:
        definition = running.definition(running.image("print('done')"))
        cluster = running.ecs.describe_clusters(clusters=[running.cluster])["clusters"][0]["clusterArn"]
        running.aws("scheduler").create_schedule(
            Name=f"soon-{running.cluster}",
            ScheduleExpression=soon(),
            FlexibleTimeWindow={"Mode": "OFF"},
            Target={
                "Arn": cluster,
                "RoleArn": "arn:aws:iam::123456789012:role/r",
                "EcsParameters": {
                    "TaskDefinitionArn": definition,
                    "LaunchType": "FARGATE",
                    "NetworkConfiguration": {
                        "awsvpcConfiguration": {"Subnets": running.network["awsvpcConfiguration"]["subnets"]}
                    },
                },
            },
        )

        def stopped() -> list[str]:
            given = {"cluster": running.cluster, "desiredStatus": "STOPPED"}
            found: list[str] = running.ecs.list_tasks(**given)["taskArns"]
            return found

        [arn] = eventually(stopped, seconds=60)
        assert running.until(arn, "STOPPED")["startedBy"].startswith("chronos-schedule/")
        assert running.log(arn) == ["done"]

    def test_that_cannot_start_one_leaves_word(self, running: Running) -> None:
        sqs = running.aws("sqs")
        url = sqs.create_queue(QueueName=f"dead-{running.cluster}")["QueueUrl"]
        arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        running.aws("scheduler").create_schedule(
            Name=f"never-{running.cluster}",
            ScheduleExpression=soon(),
            FlexibleTimeWindow={"Mode": "OFF"},
            Target={
                "Arn": f"arn:aws:ecs:us-east-1:123456789012:cluster/{running.cluster}",
                "RoleArn": "arn:aws:iam::123456789012:role/r",
                "DeadLetterConfig": {"Arn": arn},
                "EcsParameters": {"TaskDefinitionArn": "nothing:1", "LaunchType": "FARGATE"},
            },
        )

        def received() -> list[Any]:
            told = sqs.receive_message(QueueUrl=url, MessageAttributeNames=["All"])
            found: list[Any] = told.get("Messages", [])
            return found

        [message] = eventually(received, seconds=60)
        assert "ERROR_CODE" in message["MessageAttributes"]


class TestDataPlane:
    def test_that_is_killed_leaves_tasks_running_and_takes_them_up_again(
        self, own_cloud: LocalCloud, tmp_path: Path
    ) -> None:
        program = "import sys, time\nfor line in range(10_000):\n    print(line)\n    time.sleep(0.01)"
        running = Running(own_cloud, tmp_path)
        arn = running.run(running.definition(running.image(program)))
        running.until_log(arn, "5")
        pid = _ask(own_cloud)["data_plane"]["pid"]
        os.kill(pid, signal.SIGKILL)
        seen = len(running.log(arn))
        restarted = eventually(
            lambda: _ask(own_cloud)["data_plane"], lambda one: one["pid"] not in (None, pid)
        )
        assert restarted["restarts"] == 1
        lines = eventually(lambda: running.log(arn), lambda found: len(found) > seen + 20)
        assert lines == [str(number) for number in range(len(lines))]  # none twice, none lost
        assert running.task(arn)["lastStatus"] == "RUNNING"
        running.ecs.stop_task(cluster=running.cluster, task=arn)
        assert running.until(arn, "STOPPED")["containers"][0]["exitCode"] == 143

    def test_learns_how_a_task_ended_while_there_was_none(
        self, own_cloud: LocalCloud, tmp_path: Path
    ) -> None:
        running = Running(own_cloud, tmp_path)
        gate = tmp_path / "gate"
        program = f"import os, sys, time\nprint('ready')\nwhile not os.path.exists({str(gate)!r}): time.sleep(0.01)\nprint('last words')\nsys.exit(7)"
        arn = running.run(running.definition(running.image(program)))
        running.until_log(arn, "ready")
        pid = _ask(own_cloud)["data_plane"]["pid"]
        os.kill(pid, signal.SIGSTOP)  # as good as dead, and not replaced yet
        gate.touch()
        assert eventually(lambda: list(own_cloud.log_file.parent.rglob("exit.json")))
        os.kill(pid, signal.SIGKILL)
        assert running.until(arn, "STOPPED")["containers"][0]["exitCode"] == 7
        assert running.log(arn) == ["ready", "last words"]

    def test_says_of_a_task_whose_monitor_was_killed_that_it_was(
        self, own_cloud: LocalCloud, tmp_path: Path
    ) -> None:
        running = Running(own_cloud, tmp_path)
        arn = running.run(running.definition(running.image(SLEEPS)))
        running.until_log(arn, "ready")
        [record] = (own_cloud.log_file.parent / "processes").glob("task-*.json")
        os.killpg(json.loads(record.read_text())["pid"], signal.SIGKILL)
        assert running.until(arn, "STOPPED")["containers"][0]["exitCode"] == 137


class TestEnd:
    def test_of_the_local_cloud_ends_all_tasks_and_leaves_nothing(self, tmp_path: Path) -> None:
        settings = Settings(data_dir=tmp_path / "own", cache_dir=tmp_path / "cache")
        running = Running(process.start(settings), tmp_path)
        arns = [running.run(running.definition(running.image(SLEEPS))) for _ in range(2)]
        for arn in arns:
            running.until_log(arn, "ready")
        folder = running.cloud.log_file.parent
        pids = [json.loads(file.read_text())["pid"] for file in (folder / "processes").glob("task-*.json")]
        assert len(pids) == 2
        process.stop(settings)
        assert not any(runs(pid) for pid in pids)
        assert list((folder / "data-plane" / "tasks").iterdir()) == []
        assert list((folder / "processes").iterdir()) == []

    def test_comes_for_all_tasks_when_the_server_is_killed(self, tmp_path: Path) -> None:
        settings = Settings(data_dir=tmp_path / "own", cache_dir=tmp_path / "cache")
        cloud = process.start(settings)
        running = Running(cloud, tmp_path)
        running.until_log(running.run(running.definition(running.image(SLEEPS))), "ready")
        [record] = (cloud.log_file.parent / "processes").glob("task-*.json")
        pid = json.loads(record.read_text())["pid"]
        os.kill(cloud.pid, signal.SIGKILL)
        assert eventually(lambda: not runs(pid))
        process.stop(settings)

    def test_comes_with_the_next_local_cloud_for_what_a_killed_one_left(self, tmp_path: Path) -> None:
        settings = Settings(data_dir=tmp_path / "own", cache_dir=tmp_path / "cache")
        cloud = process.start(settings)
        running = Running(cloud, tmp_path)
        running.until_log(running.run(running.definition(running.image(SLEEPS))), "ready")
        [record] = (cloud.log_file.parent / "processes").glob("task-*.json")
        pid = json.loads(record.read_text())["pid"]
        data_plane = _ask(cloud)["data_plane"]["pid"]
        os.kill(cloud.pid, signal.SIGSTOP)  # it must not start another
        os.kill(data_plane, signal.SIGKILL)
        os.kill(cloud.pid, signal.SIGKILL)
        assert runs(pid)
        assert eventually(lambda: not runs(cloud.pid))
        process.start(settings)
        assert not runs(pid)
        process.stop(settings)

    def test_comes_for_all_tasks_with_a_reset(self, own_cloud: LocalCloud, tmp_path: Path) -> None:
        running = Running(own_cloud, tmp_path)
        service = running.service(running.server())
        running.until_service(service, lambda one: one["runningCount"] == 1)
        port = port_of(running.tasks(service)[0])
        process.reset(Settings(data_dir=tmp_path / "own", cache_dir=tmp_path / "cache"))
        assert not _listens(port)


def _ask(cloud: LocalCloud) -> dict[str, Any]:
    return process._ask(cloud.port, "GET", "/_cygni/health")


def _listens(port: int) -> bool:
    return any(
        one.laddr and one.laddr.port == port and one.status == "LISTEN"
        for one in psutil.net_connections("tcp")
    )
