"""Until when major versions of RDS's open-source engines are under standard support (pure).

Source: the release calendars of the RDS and Aurora User Guides for MySQL and PostgreSQL, and "Amazon RDS Extended
Support charges", as they stood in 2026. After that day AWS bills extended support for each vCPU, and more from the
third year.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Final

STANDARD_SUPPORT_ENDS: Final[Mapping[tuple[str, str], date]] = {
    ("postgres", "11"): date(2024, 3, 31),  # charged from April, a month after it ended
    ("postgres", "12"): date(2025, 2, 28),
    ("postgres", "13"): date(2026, 2, 28),
    ("mysql", "5.7"): date(2024, 2, 29),
    ("mysql", "8.0"): date(2026, 7, 31),
    ("aurora-postgresql", "11"): date(2024, 2, 29),
    ("aurora-postgresql", "12"): date(2025, 2, 28),
    ("aurora-postgresql", "13"): date(2026, 2, 28),
    ("aurora-mysql", "5.7"): date(2024, 10, 31),
}
_OLDEST: Final = {"postgres": 11.0, "mysql": 5.7, "aurora-postgresql": 11.0, "aurora-mysql": 5.7}
_THIRD_YEAR: Final = 2  # years after the end of standard support


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
    ends = STANDARD_SUPPORT_ENDS.get((engine, found))
    if ends is None:
        return "3" if float(found) < _OLDEST[engine] else None
    if today <= ends:
        return None
    return (
        "3" if (today.year - ends.year, today.month, today.day) > (_THIRD_YEAR, ends.month, ends.day) else "1"
    )
