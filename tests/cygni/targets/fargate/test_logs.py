from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
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
