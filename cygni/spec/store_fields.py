"""The kinds of text that databases and caches of cygni.yaml have in common."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, Any

from pydantic import Field

from cygni.spec.section import Finding, Text
from cygni.wording import quoted

_TIME = r"([01][0-9]|2[0-3]):[0-5][0-9]"
_DAY = r"(mon|tue|wed|thu|fri|sat|sun)"

# RDS CreateDBInstance and ElastiCache CreateReplicationGroup: windows are UTC.
DailyWindow = Annotated[str, Text(rf"{_TIME}-{_TIME}", 'two times of day in UTC: "03:00-04:00"', 11, 11)]
WeeklyWindow = Annotated[
    str,
    Text(rf"{_DAY}:{_TIME}-{_DAY}:{_TIME}", 'two times of the week in UTC: "sun:04:30-sun:05:30"', 19, 19),
]


def backup_window() -> Any:
    return Field(
        default="03:00-04:00",
        description="Time of day (UTC, at least half an hour) in which AWS makes the backup.",
        examples=["01:00-02:00"],
    )


def maintenance_window() -> Any:
    return Field(
        default="sun:04:30-sun:05:30",
        description="Time of the week (UTC, at least half an hour) in which AWS patches; apart from `backup_window`.",
        examples=["tue:02:00-tue:03:00"],
    )


def final_snapshot(what: str) -> Any:
    return Field(
        default=False,
        description=f"Take a last snapshot when the {what} is deleted. It stays, and is billed, until you delete it.",
        examples=[True],
    )


def reader_findings(section: str, stores: Any) -> Iterable[Finding]:
    """DATABASE_MAIN_READER_HOST is where the readers of `main` are, and would be where a database `main-reader` is."""
    names = stores if isinstance(stores, Mapping) else {}
    for name in names:
        if f"{name}-reader" in names:
            message = f"{quoted(f'{name}-reader')} would share a variable with the readers of {quoted(name)}"
            yield Finding((section, f"{name}-reader"), message, "give it another name", at_key=True)
