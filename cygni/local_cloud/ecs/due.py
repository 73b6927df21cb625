"""When a schedule of EventBridge Scheduler runs (pure). Times are seconds since the epoch.

Source: EventBridge Scheduler user guide, "Schedule types" (also for what daylight saving time does).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cygni.schedules import Cron, ScheduleMistake

_SECONDS = {"minute": 60, "hour": 3600, "day": 86400}
_HORIZON_DAYS = 366 * 9
"""A 29th of February is at most eight years away (1896, 1904; 2096, 2104)."""


@dataclass(frozen=True, slots=True)
class Timing:
    """A schedule as EventBridge Scheduler has it. A rate counts from `start`, else from `created`."""

    expression: str
    timezone: str = "UTC"
    created: float = 0.0
    start: float | None = None
    end: float | None = None


def next_run(timing: Timing, after: float) -> float | None:
    """The first run later than `after`; None when there is none any more.

    Raises ScheduleMistake for an expression that is none, or a time zone that nobody knows.
    """
    kind, found = _read(timing.expression)
    run: float | None
    if kind == "at":
        run = _run_once(found, _zone(timing.timezone))
    elif kind == "rate":
        run = _run_regularly(found, timing, after)
    else:
        earliest = after if timing.start is None else max(after, timing.start - 1)
        run = next(_runs_of_cron(Cron.parse(found), _zone(timing.timezone), earliest), None)
    if run is None or run <= after or (timing.end is not None and run > timing.end):
        return None
    return run


def _read(expression: str) -> tuple[str, str]:
    match = re.fullmatch(r"(at|rate|cron)\((.*)\)", expression.strip())
    if match is None:
        raise ScheduleMistake(f'"{expression}" is no schedule', "write at(...), rate(...) or cron(...)")
    return match[1], match[2]


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise ScheduleMistake(f'"{name}" is no time zone', "use a name of the IANA database") from None


def _run_once(text: str, zone: ZoneInfo) -> float:
    try:
        return datetime.strptime(text, "%Y-%m-%dT%H:%M:%S").replace(tzinfo=zone).timestamp()
    except ValueError:
        raise ScheduleMistake(f'"{text}" is no time', "write at(2030-01-31T08:00:00)") from None


def _run_regularly(text: str, timing: Timing, after: float) -> float:
    match = re.fullmatch(r"([1-9][0-9]*) (minute|hour|day)s?", text)
    if match is None:
        raise ScheduleMistake(f'"{text}" is no rate', "write rate(5 minutes)")
    step = int(match[1]) * _SECONDS[match[2]]
    first = timing.created if timing.start is None else timing.start
    if after < first:
        return first
    return first + (int((after - first) // step) + 1) * step


def _runs_of_cron(cron: Cron, zone: ZoneInfo, after: float) -> Iterator[float]:
    """A time that the clock skips is no run; one that it shows twice is a run the first time alone."""
    first = datetime.fromtimestamp(after, zone)
    for days in range(_HORIZON_DAYS):
        day = (first + timedelta(days=days)).date()
        if not cron.runs_on(day):
            continue
        for hour in sorted(cron.hours):
            for minute in sorted(cron.minutes):
                run = datetime(day.year, day.month, day.day, hour, minute, tzinfo=zone)
                shown = run.astimezone(UTC).astimezone(zone)
                if (shown.hour, shown.minute) == (hour, minute) and run.timestamp() > after:
                    yield run.timestamp()
