"""Extended support of RDS by version and day. Source: the release calendars of the RDS User Guide."""

from __future__ import annotations

from datetime import date

import pytest

from cygni.rds_versions import major, support_year


class TestSupportYear:
    @pytest.mark.parametrize(
        ("engine", "version", "day", "year"),
        [
            # The User Guide's own example: PostgreSQL 11 is charged from 1 April 2024, 12 from 1 March 2025.
            ("postgres", "11.22", date(2024, 3, 31), None),
            ("postgres", "11.22", date(2024, 4, 1), "1"),
            ("postgres", "12.17", date(2025, 2, 28), None),
            ("postgres", "12.17", date(2025, 3, 1), "1"),
            ("postgres", "12.17", date(2027, 2, 28), "1"),
            ("postgres", "12.17", date(2027, 3, 1), "3"),
            ("postgres", "16.4", date(2026, 11, 21), None),
            ("postgres", "10.23", date(2026, 11, 21), "3"),
            ("mysql", "5.7.44", date(2024, 3, 1), "1"),
            ("mysql", "8.0.39", date(2026, 7, 31), None),
            ("mysql", "8.0.39", date(2026, 8, 1), "1"),
            ("mysql", "8.4.3", date(2026, 11, 21), None),
            # The calendars of Aurora: MySQL 5.7 is charged from 1 December 2024, and more from 1 December 2026;
            # PostgreSQL 13 from 1 March 2026, and more from 1 March 2028. "Extended Support charges": 11 from 1 April 2024.
            ("aurora-mysql", "5.7.mysql_aurora.2.12.1", date(2024, 11, 30), None),
            ("aurora-mysql", "5.7.mysql_aurora.2.12.1", date(2024, 12, 1), "1"),
            ("aurora-mysql", "5.7.mysql_aurora.2.12.1", date(2026, 11, 30), "1"),
            ("aurora-mysql", "5.7.mysql_aurora.2.12.1", date(2026, 12, 1), "3"),
            ("aurora-mysql", "8.0.mysql_aurora.3.08.0", date(2028, 4, 30), None),
            ("aurora-mysql", "8.0.mysql_aurora.3.08.0", date(2028, 5, 1), "1"),
            ("aurora-postgresql", "11.21", date(2024, 3, 31), None),
            ("aurora-postgresql", "11.21", date(2024, 4, 1), "1"),
            ("aurora-postgresql", "13.9", date(2026, 2, 28), None),
            ("aurora-postgresql", "13.9", date(2026, 3, 1), "1"),
            ("aurora-postgresql", "13.9", date(2028, 3, 1), "3"),
            ("mysql", "5.7.44", date(2026, 2, 28), "1"),
            ("mysql", "5.7.44", date(2026, 3, 1), "3"),
            ("mariadb", "10.6", date(2030, 1, 1), None),  # has no extended support
            ("postgres", "", date(2026, 1, 1), None),
            ("mysql", "8", date(2026, 11, 1), None),
        ],
    )
    def test_is_that_of_the_calendar(self, engine: str, version: str, day: date, year: str | None) -> None:
        assert support_year(engine, version, day) == year


@pytest.mark.parametrize(
    ("engine", "version", "expected"),
    [("postgres", "16.4", "16"), ("mysql", "8.0.39", "8.0"), ("mysql", "8", None), ("postgres", "new", None)],
)
def test_major(engine: str, version: str, expected: str | None) -> None:
    assert major(engine, version) == expected
