"""What a part of the data plane (the load balancer, the task runner) is given, and what it must do.

Each part runs in a thread of its own, so none waits for another. The process may be killed at any moment: what a
part starts must go on without it (processes.py) and be found again by the next.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from cygni.local_cloud.data_plane.processes import Ledger
from cygni.local_cloud.data_plane.reports import Report
from cygni.local_cloud.data_plane.snapshot import Snapshot


class Feed:
    """Hands the newest snapshot to one part; those in between are skipped. Written by one thread, read by one."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._newest: Snapshot | None = None
        self._closed = False
        self._woken = False

    def put(self, snapshot: Snapshot) -> None:
        with self._changed:
            self._newest = snapshot
            self._changed.notify_all()

    def close(self) -> None:
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def wake(self) -> None:
        """Let `next` return now; another thread of the part may have something for it."""
        with self._changed:
            self._woken = True
            self._changed.notify_all()

    @property
    def closed(self) -> bool:
        """True once the part must end what it runs and return."""
        return self._closed

    def next(self, after: Snapshot | None, seconds: float) -> Snapshot | None:
        """The newest snapshot if it is another than `after`, at once; else waits up to `seconds` for one, for
        `wake` or for the end, and returns None where there is none."""
        with self._changed:
            self._changed.wait_for(
                lambda: self._newest is not after or self._closed or self._woken, timeout=seconds
            )
            self._woken = False
            return self._newest if self._newest is not after else None


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a part works with. `folder` is its own, kept for the next process. `reported` is what was reported last
    by an earlier process of this local cloud. `report` only hands over: it neither waits nor fails, and keeps the
    order; `backlog` is how much of it waits to be sent. `endpoint` is the local cloud's."""

    folder: Path
    ledger: Ledger
    feed: Feed
    report: Callable[[Report], None]
    reported: tuple[Report, ...]
    backlog: Callable[[], int]
    endpoint: str


class Part(Protocol):
    """A part of the data plane."""

    @property
    def name(self) -> str: ...

    def run(self, surroundings: Surroundings) -> None:
        """Do what the feed's snapshots say until it is closed; then end what was started, within `END_SECONDS`, and
        return. An error that escapes ends the process at once, without ending anything: it is started again and
        takes over what runs."""


END_SECONDS = 2.0
"""What `cx local down` and a reset leave the parts to end what they run; then it is killed."""
