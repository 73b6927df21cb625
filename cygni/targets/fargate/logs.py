"""What tasks wrote, from CloudWatch Logs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import islice
from typing import Any, Final

from cygni.releases.observed import LogLine, Place
from cygni.targets.fargate.clients import Clients, asking
from cygni.targets.fargate.running import Running

CONTAINER: Final = "app"
"""The name of a task's only container, which its stream is named by too (components.task)."""
_STREAMS_A_CALL: Final = 100


class TaskLogs:
    def __init__(self, clients: Clients, running: Running) -> None:
        self._clients = clients
        self._running = running

    def tail(self, place: Place, task: str, limit: int) -> Sequence[LogLine]:
        """As `cygni.releases.protocols.Logs`."""
        return last_lines(self._clients, self._running.service(place.service).log_group, task, limit)

    def since(self, place: Place, after: datetime, limit: int) -> Sequence[LogLine]:
        """As `cygni.releases.protocols.Logs`: those of tasks that ECS still knows of."""
        logs, group = self._clients("logs"), self._running.service(place.service).log_group
        with asking(f"the log of {place.service} is not known"):
            streams = [stream_of(task) for task in self._tasks(place)]
            if not streams:
                return ()
            pages = logs.get_paginator("filter_log_events").paginate(
                logGroupName=group,
                logStreamNames=streams[:_STREAMS_A_CALL],
                startTime=int(after.timestamp() * 1000) + 1,
            )
            try:
                found = list(islice((one for page in pages for one in page["events"]), limit))
            except logs.exceptions.ResourceNotFoundException:  # none of them has written yet
                return ()
        return [_line(one["logStreamName"].rpartition("/")[2], one) for one in found]

    def _tasks(self, place: Place) -> list[str]:
        service = self._running.service(place.service)
        found: list[str] = []
        for status in ("RUNNING", "STOPPED"):
            pages = (
                self._clients("ecs")
                .get_paginator("list_tasks")
                .paginate(
                    cluster=service.cluster, serviceName=service.names[place.colour], desiredStatus=status
                )
            )
            found += [arn.rpartition("/")[2] for page in pages for arn in page["taskArns"]]
        return found


def last_lines(clients: Clients, group: str, task: str, limit: int) -> Sequence[LogLine]:
    """The last lines of one task, oldest first; none where there are none."""
    logs = clients("logs")
    with asking(f"the log of the task {task} is not known"):
        try:
            answer = logs.get_log_events(
                logGroupName=group, logStreamName=stream_of(task), limit=limit, startFromHead=False
            )
        except logs.exceptions.ResourceNotFoundException:
            return ()
    return [_line(task, one) for one in answer["events"]]


def stream_of(task: str) -> str:
    """The stream of a task: prefix, container and task id (awslogs driver; the prefix is set in components.task)."""
    return f"{CONTAINER}/{CONTAINER}/{task}"


def _line(task: str, event: dict[str, Any]) -> LogLine:
    at = datetime.fromtimestamp(event["timestamp"] / 1000, UTC)
    return LogLine(at, task, event["message"].rstrip("\n"))
