"""Days of the bill that nobody pays to ask for again."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from cygni.actuals.bill import Billed
from cygni.actuals.grouping import Grouping
from cygni.actuals.period import Period
from stacks.billed_days import BilledDays, missing

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def billed(day: int, usd: str = "1.25", service: str = "EC2 - Other") -> Billed:
    return Billed(date(2026, 11, day), "shop.staging.data", service, Decimal(usd))


def period(start: int, end: int) -> Period:
    return Period(date(2026, 11, start), date(2026, 11, end))


class TestBilledDays:
    def test_are_kept_as_they_were_said(self, tmp_path: Path) -> None:
        said = [billed(3), billed(3, "-1E-9", "Ünïcode"), billed(4)]
        BilledDays(tmp_path).keep(Grouping.STACK, said, NOW)
        assert BilledDays(tmp_path).kept(Grouping.STACK) == {
            date(2026, 11, 3): said[:2],
            date(2026, 11, 4): said[2:],
        }

    def test_are_those_that_were_over_for_three_days(self, tmp_path: Path) -> None:
        days = BilledDays(tmp_path)
        days.keep(Grouping.STACK, [billed(day) for day in range(15, 22)], NOW)
        assert [day.day for day in days.kept(Grouping.STACK)] == [15, 16, 17, 18]

    def test_are_kept_beside_those_that_are_there(self, tmp_path: Path) -> None:
        days = BilledDays(tmp_path)
        days.keep(Grouping.STACK, [billed(3), billed(4)], NOW)
        days.keep(Grouping.STACK, [billed(4, "2"), billed(5)], NOW)
        found = days.kept(Grouping.STACK)
        assert [found[date(2026, 11, day)][0].usd for day in (3, 4, 5)] == [
            Decimal("1.25"),
            Decimal(2),
            Decimal("1.25"),
        ]

    def test_of_one_grouping_are_not_those_of_another(self, tmp_path: Path) -> None:
        days = BilledDays(tmp_path)
        days.keep(Grouping.STACK, [billed(3)], NOW)
        assert days.kept(Grouping.RESOURCE) == {}

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "[]",
            "{}",
            '{"format": 2, "days": {}}',
            '{"format": 1, "days": {"soon": []}}',
            '{"format": 1, "days": {"2026-11-03": [["a", "b", "?"]]}}',
            '{"format": 1, "days": 7}',
        ],
    )
    def test_that_cannot_be_read_are_asked_for_again(self, tmp_path: Path, text: str) -> None:
        (tmp_path / "billed-by-stack.json").write_text(text)
        assert BilledDays(tmp_path).kept(Grouping.STACK) == {}


class TestMissing:
    @pytest.mark.parametrize(
        ("kept", "expected"),
        [
            ([], period(1, 8)),
            ([1, 2, 3], period(4, 8)),
            ([3, 4], period(1, 8)),
            ([1, 2, 6, 7], period(3, 6)),
            ([1, 2, 3, 4, 5, 6, 7], period(8, 8)),
        ],
    )
    def test_is_one_period_for_one_request(self, kept: list[int], expected: Period) -> None:
        assert missing(period(1, 8), [date(2026, 11, day) for day in kept]) == expected
