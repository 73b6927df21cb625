"""Until when AWS bills nothing for the support of major versions of RDS's open-source engines (pure).

After that day it bills extended support for each vCPU, and more from the third year. Source: the columns "start of
Extended Support year 1 pricing" and "year 3 pricing" of the release calendars, as they stood in 2026: "Supported MySQL
major versions" (RDS User Guide), "Release calendar for Aurora MySQL major versions" and "... for Aurora PostgreSQL
major versions" (Aurora release notes; 12 and 13 looked up there), "Amazon RDS Extended Support charges" (11 and 12).
Those of PostgreSQL 13 on RDS itself could not be looked up: taken to be Aurora's.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Final

NOT_BILLED_UNTIL: Final[Mapping[tuple[str, str], date]] = {
    ("postgres", "11"): date(2024, 3, 31),  # a month after its standard support
    ("postgres", "12"): date(2025, 2, 28),
    ("postgres", "13"): date(2026, 2, 28),
    ("mysql", "5.7"): date(2024, 2, 29),
    ("mysql", "8.0"): date(2026, 7, 31),
    ("mysql", "8.4"): date(2029, 7, 31),
    ("aurora-postgresql", "11"): date(2024, 3, 31),  # a month after its standard support
    ("aurora-postgresql", "12"): date(2025, 2, 28),
    ("aurora-postgresql", "13"): date(2026, 2, 28),
    ("aurora-mysql", "5.7"): date(2024, 11, 30),  # a month after its standard support
    ("aurora-mysql", "8.0"): date(2028, 4, 30),
}
_OLDEST: Final = {"postgres": 11.0, "mysql": 5.7, "aurora-postgresql": 11.0, "aurora-mysql": 5.7}
_THIRD_YEAR: Final = 2  # years after that day


def major(engine: str, version: str) -> str | None:
    """`8.0` of MySQL 8.0.39, `16` of PostgreSQL 16.4; None of what is no version of them."""
    parts = version.split(".")
    if engine not in _OLDEST or not all(part.isdecimal() for part in parts[:2]):
        return None
    wanted = 1 if engine.endswith(("postgres", "postgresql")) else 2
    return ".".join(parts[:wanted]) if len(parts) >= wanted else None


def support_year(engine: str, version: str, today: date) -> str | None:
    """`"1"` in the first two years of extended support, `"3"` after them, None under standard support, and for
    engines that have no extended support."""
    found = major(engine, version)
    if found is None:
        return None
    ends = NOT_BILLED_UNTIL.get((engine, found))
    if ends is None:
        return "3" if float(found) < _OLDEST[engine] else None
    if today <= ends:
        return None
    return (
        "3" if (today.year - ends.year, today.month, today.day) > (_THIRD_YEAR, ends.month, ends.day) else "1"
    )
