from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from botocore.session import Session
from botocore.validate import ParamValidator

from cygni.errors import NotFound, ToolMissing, UsageError
from cygni.naming import Colour
from cygni.targets.fargate.clients import Clients
from cygni.targets.fargate.entering import Entered, plugin, start_session, task_to_enter
from cygni.targets.fargate.running import RunningService

NOW = datetime(2026, 11, 21, tzinfo=UTC)
CLUSTER = "arn:aws:ecs:us-east-1:123456789012:cluster/shop"
WEB = RunningService(
    name="web",
    cluster=CLUSTER,
    names={Colour.BLUE: "web-blue", Colour.GREEN: "web-green"},
    task_definition="web:1",
    log_group="/web",
    count=1,
)


def task(id: str, age: float, *, status: str = "RUNNING", entered: bool = True) -> dict[str, Any]:
    return {
        "taskArn": f"arn:aws:ecs:us-east-1:123456789012:task/shop/{id}",
        "lastStatus": status,
        "createdAt": NOW - timedelta(seconds=age),
        "enableExecuteCommand": entered,
        "containers": [{"name": "app", "runtimeId": f"{id}-1"}],
    }


@dataclass
class FakeEcs:
    """ECS as far as it is asked: tasks by service."""

    tasks: Mapping[str, Sequence[dict[str, Any]]]
    started: list[dict[str, Any]] = field(default_factory=list)
    meta: Any = field(
        default_factory=lambda: SimpleNamespace(region_name="us-east-1", endpoint_url="https://ecs")
    )

    def get_paginator(self, name: str) -> FakeEcs:
        assert name == "list_tasks"
        return self

    def paginate(self, **asked: str) -> Iterator[dict[str, Any]]:
        assert (asked["cluster"], asked["desiredStatus"]) == (CLUSTER, "RUNNING")
        yield {"taskArns": [one["taskArn"] for one in self.tasks.get(asked["serviceName"], [])]}

    def describe_tasks(self, *, cluster: str, tasks: list[str]) -> dict[str, Any]:
        known = {one["taskArn"]: one for several in self.tasks.values() for one in several}
        return {"tasks": [known[arn] for arn in tasks]}

    def execute_command(self, **given: Any) -> dict[str, Any]:
        self.started.append(given)
        return {"session": {"sessionId": "s", "streamUrl": "wss://", "tokenValue": "very secret"}}


def clients(ecs: FakeEcs) -> Clients:
    return cast(Clients, lambda service: {"ecs": ecs}[service])


class TestTask:
    ECS = FakeEcs({"web-blue": [task("b1", 50), task("b2", 10)], "web-green": [task("g1", 5)]})

    def test_is_the_newest_of_the_active_colour(self) -> None:
        found = task_to_enter(clients(self.ECS), WEB, Colour.BLUE)
        assert found == Entered("b2", CLUSTER, "b2-1")
        assert task_to_enter(clients(self.ECS), WEB, Colour.GREEN).id == "g1"

    def test_is_of_the_other_colour_where_that_alone_runs(self) -> None:
        ecs = FakeEcs({"web-blue": [task("b1", 50)], "web-green": [task("g1", 5, status="PENDING")]})
        assert task_to_enter(clients(ecs), WEB, Colour.GREEN).id == "b1"

    def test_is_the_one_that_is_asked_for(self) -> None:
        assert task_to_enter(clients(self.ECS), WEB, Colour.BLUE, "g").id == "g1"

    @pytest.mark.parametrize("asked", ["x", "b12"])
    def test_that_does_not_run_is_told_with_those_that_do(self, asked: str) -> None:
        with pytest.raises(NotFound) as caught:
            task_to_enter(clients(self.ECS), WEB, Colour.BLUE, asked)
        assert "b2, b1, g1" in str(caught.value.hint)

    def test_must_let_commands_in(self) -> None:
        ecs = FakeEcs({"web-blue": [task("b1", 5, entered=False)]})
        with pytest.raises(UsageError) as caught:
            task_to_enter(clients(ecs), WEB, Colour.BLUE)
        assert "services.web.exec: true" in str(caught.value.hint)


class TestSession:
    def test_keeps_its_token_from_arguments(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("AWS_SSM_START_SESSION_RESPONSE", "")
        ecs = FakeEcs({})
        words = start_session(clients(ecs), Entered("b1", CLUSTER, "b1-1"), ["echo", "a b"], "/bin/plugin")
        assert words[:4] == ["/bin/plugin", "AWS_SSM_START_SESSION_RESPONSE", "us-east-1", "StartSession"]
        assert json.loads(words[5]) == {"Target": "ecs:shop_b1_b1-1"}
        assert "very secret" not in " ".join(words)
        assert json.loads(os.environ["AWS_SSM_START_SESSION_RESPONSE"])["tokenValue"] == "very secret"
        [given] = ecs.started
        assert (given["command"], given["container"], given["interactive"]) == ("echo 'a b'", "app", True)


class TestPlugin:
    @staticmethod
    def installed(folder: Path, said: str, monkeypatch: pytest.MonkeyPatch) -> Path:
        made = folder / "session-manager-plugin"
        made.write_text(f"#!/bin/sh\necho {said}\n")
        made.chmod(0o755)
        monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
        return made

    def test_is_found_on_the_path(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        assert plugin_is(self.installed(tmp_path, "1.2.650.0", monkeypatch))

    @pytest.mark.parametrize("said", ["1.2.463.0", "", "unknown"])
    def test_must_keep_the_token_to_itself(
        self, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        self.installed(tmp_path, said, monkeypatch)
        with pytest.raises(ToolMissing, match="too old"):
            plugin()

    def test_that_is_not_there_is_told_with_how_to_get_it(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("PATH", str(tmp_path))
        with pytest.raises(ToolMissing, match="not installed") as caught:
            plugin()
        assert "https://" in str(caught.value.hint)


def plugin_is(path: Path) -> bool:
    return plugin() == str(path)


def test_the_call_is_as_botocore_s_model_has_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SSM_START_SESSION_RESPONSE", "")
    ecs = FakeEcs({})
    start_session(clients(ecs), Entered("b1", CLUSTER, "b1-1"), ["ls"], "/bin/plugin")
    operation = Session().get_service_model("ecs").operation_model("ExecuteCommand")
    assert not ParamValidator().validate(ecs.started[0], operation.input_shape).has_errors()
    assert {*operation.output_shape.members["session"].members} == {"sessionId", "streamUrl", "tokenValue"}
