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
_STREAMS_A_CALL, _STREAMS_DESCRIBED = 100, 50
"""What FilterLogEvents takes, and what DescribeLogStreams answers at once (API references)."""


class TaskLogs:
    def __init__(self, clients: Clients, running: Running) -> None:
        self._clients = clients
        self._running = running

    def tail(self, place: Place, task: str, limit: int) -> Sequence[LogLine]:
        """As `cygni.releases.protocols.Logs`."""
        return last_lines(self._clients, self._running.service(place.service).log_group, task, limit)

    def since(self, place: Place, after: datetime, limit: int) -> Sequence[LogLine]:
        """As `cygni.releases.protocols.Logs`: those of tasks that ECS still knows of."""
        with asking(f"the log of {place.service} is not known"):
            streams = [stream_of(task) for task in self._tasks(place)]
            group = self._running.service(place.service).log_group
            found = _since(self._clients("logs"), group, streams[:_STREAMS_A_CALL], after, limit)
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


def _since(
    logs: Any, group: str, streams: Sequence[str], after: datetime, limit: int
) -> list[dict[str, Any]]:
    """The first events of the streams that are later than `after`. A search fails whole where one of its streams is not
    there, which is so of a task that has not written yet: then those are searched that were written to last."""
    if not streams:
        return []
    try:
        return _search(logs, group, streams, after, limit)
    except logs.exceptions.ResourceNotFoundException:
        pass
    try:
        answer = logs.describe_log_streams(
            logGroupName=group, orderBy="LastEventTime", descending=True, limit=_STREAMS_DESCRIBED
        )
        there = {one["logStreamName"] for one in answer["logStreams"]}
        known = [one for one in streams if one in there]
        return _search(logs, group, known, after, limit) if known else []
    except logs.exceptions.ResourceNotFoundException:
        return []


def _search(
    logs: Any, group: str, streams: Sequence[str], after: datetime, limit: int
) -> list[dict[str, Any]]:
    pages = logs.get_paginator("filter_log_events").paginate(
        logGroupName=group, logStreamNames=list(streams), startTime=int(after.timestamp() * 1000) + 1
    )
    return list(islice((one for page in pages for one in page["events"]), limit))


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
