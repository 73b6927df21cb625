"""Schedules and time zones as a specification holds them."""

from __future__ import annotations

import zoneinfo
from dataclasses import dataclass
from functools import cache
from typing import Annotated

from cygni.schedules import ScheduleMistake, schedule_expression
from cygni.spec.section import Finding, Text
from cygni.wording import did_you_mean, quoted


@dataclass(frozen=True, slots=True)
class _Schedule(Text):
    """A schedule, which becomes the expression that EventBridge takes."""

    def check(self, value: str) -> str:
        try:
            expression = schedule_expression(value)
        except ScheduleMistake as mistake:
            raise Finding((), mistake.message, mistake.hint).error() from None
        if len(value) > self.longest or len(expression) > self.longest:
            raise Finding((), f"takes {len(expression)} characters in EventBridge's words", self.says).error()
        return expression


# EventBridge Scheduler CreateSchedule: ScheduleExpression has 1 to 256 characters, the time zone 1 to 50.
Schedule = Annotated[
    str,
    _Schedule(
        r" *(cron|rate) *\(.*\) *| *[^ ()]+( +[^ ()]+){4} *",
        "EventBridge takes 256: write ranges and steps in its own words, cron(0/15 * * * ? *)",
        256,
    ),
]


@cache
def _zones() -> frozenset[str]:
    """The time zones this machine knows; none where it has no IANA database."""
    return frozenset(zoneinfo.available_timezones())


@dataclass(frozen=True, slots=True)
class _TimeZone(Text):
    """A time zone of the IANA database."""

    def check(self, value: str) -> str:
        # not `super()`: a slotted dataclass is a second class, which the first's `super()` does not know
        name = Text.check(self, value)
        if _zones() and name not in _zones():
            raise Finding(
                (), f"{quoted(name)} is not a time zone{did_you_mean(name, _zones())}", self.says
            ).error()
        return name


TimeZone = Annotated[
    str, _TimeZone(r"[A-Za-z0-9_+-]+(/[A-Za-z0-9_+-]+)*", "write UTC, or a place: Europe/Berlin", 50)
]
