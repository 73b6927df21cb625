"""Which days of a bill are asked for, kept and compared."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from cygni.actuals.period import Period, last_days, month_end, month_of, settled_until
from cygni.errors import UsageError

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def period(start: str, end: str) -> Period:
    return Period(date.fromisoformat(start), date.fromisoformat(end))


class TestMonth:
    @pytest.mark.parametrize(
        ("month", "expected"),
        [
            ("2026-11", period("2026-11-01", "2026-11-22")),
            ("2026-10", period("2026-10-01", "2026-11-01")),
            ("2025-12", period("2025-12-01", "2026-01-01")),
            ("2024-02", period("2024-02-01", "2024-03-01")),
        ],
    )
    def test_has_the_days_that_have_ended(self, month: str, expected: Period) -> None:
        assert month_of(month, NOON) == expected

    @pytest.mark.parametrize("month", ["2026-13", "2026", "november", "2026-11-01", ""])
    def test_is_written_as_a_year_and_a_month(self, month: str) -> None:
        with pytest.raises(UsageError, match="is no month"):
            month_of(month, NOON)

    def test_on_its_first_day_has_none_yet(self) -> None:
        with pytest.raises(UsageError, match="no day of 2026-12 has ended") as caught:
            month_of("2026-12", datetime(2026, 12, 1, 9, tzinfo=UTC))
        assert "--month 2026-11" in (caught.value.hint or "")

    def test_to_come_has_none_either(self) -> None:
        with pytest.raises(UsageError, match="no day of 2027-01"):
            month_of("2027-01", NOON)

    @pytest.mark.parametrize(
        ("day", "end"),
        [("2026-11-22", "2026-12-01"), ("2026-12-31", "2027-01-01"), ("2024-02-01", "2024-03-01")],
    )
    def test_ends_with_the_first_day_after_it(self, day: str, end: str) -> None:
        assert month_end(date.fromisoformat(day)) == date.fromisoformat(end)


class TestDays:
    def test_end_yesterday(self) -> None:
        assert last_days(3, NOON) == period("2026-11-19", "2026-11-22")

    @pytest.mark.parametrize(
        ("hour", "first_unsettled"), [(0, "2026-11-20"), (12, "2026-11-20"), (23, "2026-11-20")]
    )
    def test_are_settled_two_days_after_their_end(self, hour: int, first_unsettled: str) -> None:
        assert settled_until(NOON.replace(hour=hour)) == date.fromisoformat(first_unsettled)


class TestPeriod:
    def test_is_cut_within_itself(self) -> None:
        days = period("2026-11-05", "2026-11-10")
        assert days.since(date(2026, 11, 7)) == period("2026-11-07", "2026-11-10")
        assert days.until(date(2026, 11, 7)) == period("2026-11-05", "2026-11-07")
        assert list(days.since(date(2026, 12, 1)).days) == list(days.until(date(2026, 10, 1)).days) == []
        assert days.since(date(2026, 1, 1)) == days.until(date(2027, 1, 1)) == days
