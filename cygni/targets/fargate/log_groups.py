"""What many tasks wrote, from the log groups of their services."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from heapq import merge
from typing import Any

from cygni.targets.fargate.clients import Clients, asking


@dataclass(frozen=True)
class Written:
    """One line of a task; `id` tells it from every other."""

    at: datetime
    service: str
    task: str
    text: str
    id: str


LATE = timedelta(seconds=10)
"""What comes to CloudWatch Logs so much later than what is newer is still told by whoever follows."""


@dataclass
class Follower:
    """Reads on from where it was, and tells each line once. `start` is where the next reading begins."""

    start: datetime
    _told: dict[str, datetime] = field(default_factory=dict)

    def new(self, lines: Iterable[Written]) -> Iterator[Written]:
        """Those of `lines` that were not told before."""
        latest = self.start + LATE
        for one in lines:
            if one.id not in self._told:
                self._told[one.id] = one.at
                latest = max(latest, one.at)
                yield one
        self.start = max(self.start, latest - LATE)
        self._told = {id: at for id, at in self._told.items() if at >= self.start}


def read_groups(
    clients: Clients, groups: Mapping[str, str], start: datetime, end: datetime | None, pattern: str
) -> Iterator[Written]:
    """What was written from `start` until before `end` to the log groups of services, oldest first, where it matches
    a CloudWatch Logs filter pattern. A group that is not there has nothing. Raises what `asking` raises."""
    found = (_read(clients, service, group, start, end, pattern) for service, group in groups.items())
    yield from merge(*found, key=lambda one: one.at)


def _read(
    clients: Clients, service: str, group: str, start: datetime, end: datetime | None, pattern: str
) -> Iterator[Written]:
    logs = clients("logs")
    asked: dict[str, Any] = {"logGroupName": group, "startTime": _milliseconds(start)}
    if end is not None:
        asked["endTime"] = _milliseconds(end)
    if pattern:
        asked["filterPattern"] = pattern
    with asking(f"the log of {service} is not known"):
        try:
            for page in logs.get_paginator("filter_log_events").paginate(**asked):
                for event in page["events"]:
                    yield _written(service, event)
        except logs.exceptions.ResourceNotFoundException:
            return


def _written(service: str, event: Mapping[str, Any]) -> Written:
    at = datetime.fromtimestamp(event["timestamp"] / 1000, UTC)
    task = event["logStreamName"].rpartition("/")[2]
    return Written(at, service, task, event["message"].rstrip("\n"), event["eventId"])


def _milliseconds(at: datetime) -> int:
    return int(at.timestamp() * 1000)
