"""Numbers the states of the local cloud, as far as the data plane acts on them, and lets it wait for the next."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from cygni.local_cloud.control_plane.sections import SECTIONS, Section
from cygni.local_cloud.data_plane.reports import Report
from cygni.local_cloud.data_plane.snapshot import Snapshot
from cygni.local_cloud.data_plane.wire import Answer

log = logging.getLogger(__name__)


class Feed:
    """The newest snapshot. `refresh`, `look`, `take` and `reset` are called by whoever holds moto's lock; `wait` by
    anybody. `on_work` is called, every time, when the snapshot asks for a data plane; `on_due` with the moment (seconds
    since the epoch) at which `look` is to be called although nothing has happened."""

    def __init__(
        self,
        instance_id: str,
        on_work: Callable[[], None],
        on_due: Callable[[float], None] = lambda moment: None,
    ):
        self._changed = threading.Condition()
        self._newest = Snapshot(instance_id, 1)
        self._on_work = on_work
        self._on_due = on_due

    @property
    def newest(self) -> Snapshot:
        return self._newest

    def refresh(self, service: str) -> None:
        """Read again what a changing call of `service` may have changed."""
        if any(service in section.services for section in SECTIONS):
            self._read()

    def look(self) -> None:
        """Read everything again: it is time."""
        self._read()

    def take(self, instance_id: str, reports: tuple[Report, ...]) -> bool:
        """Take what the data plane reports; False when it means another local cloud."""
        if instance_id != self._newest.instance_id:
            return False
        for section in SECTIONS:
            _take(section, tuple(one for one in reports if one.type in section.reports))
        self._read()
        return True

    def reset(self, instance_id: str) -> None:
        """Begin again, as another local cloud with nothing in it."""
        for section in SECTIONS:
            section.forget()
        with self._changed:
            self._newest = Snapshot(instance_id, self._newest.revision + 1)
            self._changed.notify_all()

    def reported(self) -> tuple[Report, ...]:
        """What was reported last of everything that still exists."""
        return tuple(report for section in SECTIONS for report in section.reported())

    def wait(self, since: int, seconds: float) -> Answer:
        """The newest snapshot once its revision is beyond `since`; without one when it is not within `seconds`."""
        until = time.monotonic() + seconds
        with self._changed:
            while self._newest.revision <= since and (left := until - time.monotonic()) > 0:
                self._changed.wait(left)
            newest = self._newest
        return Answer(newest.instance_id, newest.revision, newest if newest.revision > since else None)

    def _read(self) -> None:
        before = self._newest
        now = replace(
            before, **{name: _section(section, before) for section in SECTIONS if (name := section.name)}
        )
        if now != before:
            with self._changed:
                self._newest = replace(now, revision=before.revision + 1)
                self._changed.notify_all()
        if self._newest.asks_for_work:
            self._on_work()
        moments = [moment for section in SECTIONS if (moment := section.due()) is not None]
        if moments:
            self._on_due(min(moments))


def _section(section: Section, before: Snapshot) -> Any:
    """As it was where it cannot be read: one resource that nobody has foreseen must not stop all the others."""
    try:
        return section.read()
    except Exception:
        log.exception("the section %s could not be read", section.name)
        return getattr(before, section.name or "")


def _take(section: Section, reports: tuple[Report, ...]) -> None:
    """What cannot be taken is told in the log and dropped: sent again, it would be refused again. The others are taken,
    one by one."""
    try:
        section.take(reports)
    except Exception:
        log.exception("reports of the section %s could not be taken", section.name)
        if len(reports) > 1:
            for one in reports:
                _take(section, (one,))
