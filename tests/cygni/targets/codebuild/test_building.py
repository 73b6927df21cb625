"""A build of CodeBuild, with botocore's Stubber in the place of AWS: what is asked is held to the models of its APIs."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack
from io import BytesIO
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.stub import ANY, Stubber

from cygni.builder.images.remote import Clock, RemoteOrder
from cygni.builder.images.sources import image_source
from cygni.errors import BuildFailed, NotFound, UsageError
from cygni.targets.codebuild.building import build_remotely
from cygni.targets.codebuild.project import BuildProject, build_project

ADDRESS = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/shop/staging/web:abc"
PROJECT = BuildProject("builder", "builds", "cx/", "LINUX_CONTAINER")
SECRET = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:build-AbCdEf"
BUILD = "builder:1"


class Aws:
    """Clients of AWS that answer what they are given, in order. `sent` is what was put into S3."""

    def __init__(self, stack: ExitStack) -> None:
        self.made: dict[str, Any] = {}
        self.stubs: dict[str, Stubber] = {}
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self.sent: dict[str, bytes] = {}
        for service in ("codebuild", "logs", "s3"):
            client = boto3.client(service, "eu-west-1", aws_access_key_id="a", aws_secret_access_key="b")
            client.meta.events.register(f"provide-client-params.{service}.*", self._note)
            self.made[service], self.stubs[service] = client, stack.enter_context(Stubber(client))

    def __call__(self, service: str, region: str | None = None) -> Any:
        return self.made[service]

    def _note(self, params: dict[str, Any], model: Any, **given: Any) -> None:
        self.asked.append((model.name, dict(params)))
        if model.name == "PutObject":
            self.sent[params["Key"]] = params["Body"].read()

    def names(self) -> list[str]:
        return [name for name, _ in self.asked]

    def takes_the_source(self) -> None:
        self.stubs["s3"].add_response("put_object", {}, {"Bucket": "builds", "Key": ANY, "Body": ANY})
        self.stubs["s3"].add_response("delete_object", {}, {"Bucket": "builds", "Key": ANY})

    def starts(self) -> None:
        self.stubs["codebuild"].add_response("start_build", {"build": {"id": BUILD}})

    def is_at(self, status: str, *, logged: bool = True, **more: Any) -> None:
        logs = {"groupName": "/aws/codebuild/builder", "streamName": "1"} if logged else {}
        found = {"id": BUILD, "buildStatus": status, "logs": logs, **more}
        self.stubs["codebuild"].add_response("batch_get_builds", {"builds": [found]}, {"ids": [BUILD]})

    def logs(self, token: str, *lines: str) -> None:
        events = [{"message": f"{line}\n"} for line in lines]
        self.stubs["logs"].add_response("get_log_events", {"events": events, "nextForwardToken": token})


@pytest.fixture
def aws() -> Iterator[Aws]:
    with ExitStack() as stack:
        yield Aws(stack)


@pytest.fixture
def order(tmp_path: Path) -> RemoteOrder:
    (tmp_path / "Dockerfile").write_text("FROM scratch\n")
    return RemoteOrder(
        image_source(tmp_path), ADDRESS, "linux/amd64", "eu-west-1", {"TOKEN": SECRET}, tmp_path
    )


def build(aws: Aws, order: RemoteOrder, clock: Clock = Clock(sleep=lambda seconds: None)) -> list[str]:  # noqa: B008
    told: list[str] = []
    clients: Any = aws
    assert build_remotely(PROJECT, order, clients, told.append, clock) == BUILD
    return told


FOUND: dict[str, Any] = {
    "name": "builder",
    "source": {"type": "S3", "location": "builds/cx/any.zip"},
    "environment": {"type": "LINUX_CONTAINER", "image": "a", "computeType": "BUILD_GENERAL1_SMALL",
                    "privilegedMode": True},
}  # fmt: skip


class TestBuild:
    def test_is_started_with_what_was_sent_and_its_log_is_told(self, aws: Aws, order: RemoteOrder) -> None:
        aws.takes_the_source()
        aws.starts()
        aws.is_at("IN_PROGRESS", logged=False)
        aws.is_at("IN_PROGRESS")
        aws.logs("f/1", "one", "two\nthree")
        aws.logs("f/1")
        aws.is_at("SUCCEEDED")
        aws.logs("f/2", "four")
        aws.logs("f/2")
        assert build(aws, order) == ["one", "two", "three", "four"]
        [start] = [given for name, given in aws.asked if name == "StartBuild"]
        [(key, sent)] = aws.sent.items()
        assert start["sourceLocationOverride"] == f"builds/{key}"
        assert key.startswith("cx/cygni/")
        assert zipfile.ZipFile(BytesIO(sent)).namelist() == ["Dockerfile", "context.tar.gz"]
        assert (
            f"docker push {ADDRESS}" in json.loads(start["buildspecOverride"])["phases"]["build"]["commands"]
        )
        assert [one["type"] for one in start["environmentVariablesOverride"]] == ["SECRETS_MANAGER"]
        assert aws.names()[-1] == "DeleteObject"
        assert "StopBuild" not in aws.names()

    def test_that_fails_says_why(self, aws: Aws, order: RemoteOrder) -> None:
        aws.takes_the_source()
        aws.starts()
        phases = [
            {"phaseType": "BUILD", "contexts": [{"message": "exit status 1"}]},
            {"phaseType": "COMPLETED"},
        ]
        aws.is_at("FAILED", phases=phases)
        aws.logs("f/1", "no such package: flaks")
        aws.logs("f/1")
        with pytest.raises(BuildFailed, match="CodeBuild says FAILED: exit status 1") as failed:
            build(aws, order)
        assert failed.value.details["last_lines"] == ["no such package: flaks"]
        assert aws.names()[-1] == "DeleteObject"

    def test_that_is_interrupted_is_stopped(self, aws: Aws, order: RemoteOrder) -> None:
        def interrupted(seconds: float) -> None:
            raise KeyboardInterrupt

        aws.takes_the_source()
        aws.starts()
        aws.is_at("IN_PROGRESS", logged=False)
        aws.stubs["codebuild"].add_response("stop_build", {}, {"id": BUILD})
        with pytest.raises(KeyboardInterrupt):
            build(aws, order, Clock(sleep=interrupted))
        assert aws.names()[-2:] == ["StopBuild", "DeleteObject"]

    def test_that_does_not_end_is_stopped(self, aws: Aws, order: RemoteOrder) -> None:
        times = iter([0.0, 1e6])
        aws.takes_the_source()
        aws.starts()
        aws.is_at("IN_PROGRESS", logged=False)
        aws.stubs["codebuild"].add_response("stop_build", {}, {"id": BUILD})
        with pytest.raises(BuildFailed, match="did not end in 95 minutes"):
            build(aws, order, Clock(now=lambda: next(times)))

    def test_whose_log_is_not_there_yet_goes_on(self, aws: Aws, order: RemoteOrder) -> None:
        aws.takes_the_source()
        aws.starts()
        aws.is_at("IN_PROGRESS")
        aws.stubs["logs"].add_client_error("get_log_events", "ResourceNotFoundException")
        aws.is_at("SUCCEEDED", logged=False)
        assert build(aws, order) == []

    def test_with_a_secret_of_this_machine_sends_nothing(self, aws: Aws, order: RemoteOrder) -> None:
        mine = RemoteOrder(
            order.source, ADDRESS, "linux/amd64", "eu-west-1", {"npmrc": "file:~/.npmrc"}, order.folder
        )
        with pytest.raises(UsageError, match="CodeBuild cannot read"):
            build(aws, mine)
        assert aws.asked == []

    def test_for_another_processor_is_refused(self, aws: Aws, order: RemoteOrder) -> None:
        arm = RemoteOrder(order.source, ADDRESS, "linux/arm64", "eu-west-1", {}, order.folder)
        with pytest.raises(UsageError, match="is a LINUX_CONTAINER, and linux/arm64 takes a ARM_CONTAINER"):
            build(aws, arm)


class TestProject:
    def find(self, aws: Aws, *projects: dict[str, Any]) -> BuildProject:
        aws.stubs["codebuild"].add_response(
            "batch_get_projects", {"projects": list(projects)}, {"names": ["builder"]}
        )
        clients: Any = aws
        return build_project(clients, "builder")

    def test_has_the_bucket_of_its_source(self, aws: Aws) -> None:
        assert self.find(aws, FOUND) == PROJECT

    def test_that_could_not_build_is_refused(self, aws: Aws) -> None:
        with pytest.raises(UsageError, match="not in S3"):
            self.find(aws, {**FOUND, "source": {"type": "NO_SOURCE"}})
        plain = {**FOUND["environment"], "privilegedMode": False}
        with pytest.raises(UsageError, match="not privileged"):
            self.find(aws, {**FOUND, "environment": plain})

    def test_that_is_not_there_or_not_named_is_an_error(self, aws: Aws) -> None:
        with pytest.raises(NotFound, match="no CodeBuild project builder"):
            self.find(aws)
        clients: Any = aws
        with pytest.raises(UsageError, match="no CodeBuild project is named"):
            build_project(clients, None)
