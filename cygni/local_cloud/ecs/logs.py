"""Puts what containers say into CloudWatch Logs, in the streams that the awslogs driver would write.

What the local cloud keeps of a stream is bounded: it is in memory alone, and a program may talk all day.
"""

from __future__ import annotations

from typing import Any, Final

from cygni.local_cloud.data_plane.reports import LogEvents
from cygni.local_cloud.ecs.objects import Task
from cygni.local_cloud.ecs.placement import log_stream

KEPT_EVENTS: Final = 20_000
KEPT_BYTES: Final = 8 * 1024 * 1024
"""Of one stream. The oldest events go first."""


def take(backend: Any, task: Task, report: LogEvents) -> None:
    """Add the events unless they were added before: a report may come twice."""
    if report.start < task.log_positions.get(report.container, 0):
        return
    task.log_positions[report.container] = report.position
    given = next(
        (one for one in task.definition.container_definitions if one["name"] == report.container), None
    )
    place = log_stream(task, report.container, given) if given is not None else None
    if given is None or place is None or not report.events:
        return
    from moto.logs.models import logs_backends

    options = given["logConfiguration"]["options"]
    logs = logs_backends[backend.account_id][options.get("awslogs-region") or backend.region_name]
    group = logs.groups.get(place[0])
    stream = group.streams.get(place[1]) if group is not None else None
    if stream is None:
        return  # deleted meanwhile; the awslogs driver drops events then
    stream.put_log_events([{"timestamp": at, "message": message} for at, message in report.events])
    _trim(stream)


def _trim(stream: Any) -> None:
    kept, size = 0, 0
    for event in reversed(stream.events):
        size += len(event.message)
        if kept >= KEPT_EVENTS or (size > KEPT_BYTES and kept):
            break
        kept += 1
    if kept < len(stream.events):
        del stream.events[: len(stream.events) - kept]
