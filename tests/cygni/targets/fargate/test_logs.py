from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from cygni.naming import Colour
from cygni.releases.observed import Place
from cygni.targets.fargate.clients import Clients
from cygni.targets.fargate.logs import TaskLogs, stream_of
from cygni.targets.fargate.running import Running

BLUE = Place("web", Colour.BLUE)


@pytest.fixture
def logs(clients: Clients, running: Running) -> TaskLogs:
    return TaskLogs(clients, running)


def write(aws: Callable[..., Any], group: str, task: str, lines: list[str]) -> None:
    now = int(time.time() * 1000)
    aws("logs").create_log_group(logGroupName=group)
    aws("logs").create_log_stream(logGroupName=group, logStreamName=stream_of(task))
    events = [{"timestamp": now + at, "message": f"{line}\n"} for at, line in enumerate(lines)]
    aws("logs").put_log_events(logGroupName=group, logStreamName=stream_of(task), logEvents=events)


class TestTail:
    def test_has_the_last_lines_of_one_task(
        self, logs: TaskLogs, running: Running, aws: Callable[..., Any]
    ) -> None:
        task = uuid.uuid4().hex
        write(aws, running.service("web").log_group, task, ["one", "two", "three"])
        found = logs.tail(BLUE, task, 2)
        assert [line.text for line in found] == ["two", "three"]
        assert {line.task for line in found} == {task}

    def test_is_empty_of_a_task_that_wrote_nothing(self, logs: TaskLogs) -> None:
        assert list(logs.tail(BLUE, "nobody", 5)) == []


class TestSince:
    def test_is_empty_where_no_task_runs(self, logs: TaskLogs) -> None:
        assert list(logs.since(BLUE, datetime.now(UTC), 5)) == []

    def test_has_what_others_wrote_where_a_task_has_not_written_yet(
        self, running: Running, aws: Callable[..., Any]
    ) -> None:
        """The local cloud passes a stream by that is not there, and Amazon refuses the whole search."""
        group, (early, late) = running.service("web").log_group, (uuid.uuid4().hex for _ in range(2))
        write(aws, group, early, ["one"])
        after = datetime.now(UTC) - timedelta(minutes=1)
        client, refused = aws("logs"), list[str]()
        listed = {"taskArns": [f"arn:aws:ecs:us-east-1:123456789012:task/c/{one}" for one in (early, late)]}

        class Ecs:
            def get_paginator(self, name: str) -> Any:
                return SimpleNamespace(
                    paginate=lambda **asked: [
                        listed if asked["desiredStatus"] == "RUNNING" else {"taskArns": []}
                    ]
                )

        def refuse(params: dict[str, Any], **_: Any) -> None:
            if stream_of(late) in params["logStreamNames"]:
                refused.append(late)
                answer = {"Error": {"Code": "ResourceNotFoundException", "Message": "no such log stream"}}
                raise client.exceptions.ResourceNotFoundException(answer, "FilterLogEvents")

        client.meta.events.register("before-parameter-build.cloudwatch-logs.FilterLogEvents", refuse)
        logs = TaskLogs(lambda service: client if service == "logs" else Ecs(), running)  # type: ignore[arg-type]
        assert [line.text for line in logs.since(BLUE, after, 5)] == ["one"]
        assert refused == [late]
