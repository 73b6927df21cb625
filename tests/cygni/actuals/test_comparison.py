"""A bill beside the estimates for the same days."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from cygni.actuals.bill import Billed
from cygni.actuals.comparison import Comparison, Line, compared
from cygni.actuals.grouping import By
from cygni.actuals.period import Period
from tests.cygni.actuals.conftest import Kept

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
START = datetime(2026, 11, 17, tzinfo=UTC)
ASKED = Period(date(2026, 11, 17), date(2026, 11, 22))


def billed(
    day: int, usd: str, service: str = "EC2 - Other", stack: str = "shop.staging.foundation"
) -> Billed:
    return Billed(date(2026, 11, day), stack, service, Decimal(usd))


class TestLine:
    @pytest.mark.parametrize(
        ("bill", "estimate", "difference", "error"),
        [
            ("10", "8", "-2", "-20"),
            ("10", "12.5", "2.5", "25"),
            ("10", "10", "0", "0"),
            ("0", "3", "3", None),
        ],
    )
    def test_tells_how_far_the_estimate_is_off(
        self, bill: str, estimate: str, difference: str, error: str | None
    ) -> None:
        line = Line("", Decimal(bill), Decimal(estimate))
        assert line.difference == Decimal(difference)
        assert line.error_percent == (None if error is None else Decimal(error))


class TestCompared:
    def comparison(self, kept: Kept, by: By = By.SERVICE) -> Comparison:
        """Three settled days with a NAT gateway at 1.08 USD a day, billed at 1.20; the last two are not settled."""
        bill = [*(billed(day, "1.20") for day in (17, 18, 19)), billed(20, "0.90"), billed(21, "0.05")]
        return compared(bill, [kept(START, nat="32.85")], ASKED, by, NOW)

    def test_is_about_the_settled_days(self, kept: Kept) -> None:
        found = self.comparison(kept)
        assert found.compared == Period(date(2026, 11, 17), date(2026, 11, 20))
        assert found.lines[0] == Line("EC2 - Other", Decimal("3.60"), 72 * Decimal("0.045"))
        assert found.unsettled == Decimal("0.95")
        assert found.total.error_percent == Decimal(-10)

    def test_is_told_apart_by_stack_too(self, kept: Kept) -> None:
        found = self.comparison(kept, By.STACK)
        assert [(one.key, one.billed) for one in found.lines] == [
            ("shop.staging.foundation", Decimal("3.60")),
            ("shop.staging.services", Decimal(0)),
        ]

    def test_begins_on_the_day_of_the_first_estimate(self, kept: Kept) -> None:
        bill = [billed(day, "1") for day in (17, 18, 19)]
        found = compared(
            bill, [kept(START + timedelta(days=1, hours=12), nat="32.85")], ASKED, By.SERVICE, NOW
        )
        assert found.compared.start == date(2026, 11, 18)
        assert (found.total.billed, found.unestimated) == (Decimal(2), Decimal(1))
        assert found.total.estimated == 36 * Decimal("0.045")

    def test_without_an_estimate_compares_nothing(self) -> None:
        found = compared([billed(17, "1"), billed(21, "2")], [], ASKED, By.SERVICE, NOW)
        assert list(found.compared.days) == []
        assert (found.lines, found.unestimated, found.unsettled) == ((), Decimal(1), Decimal(2))

    def test_of_days_that_are_not_settled_compares_nothing(self, kept: Kept) -> None:
        late = Period(date(2026, 11, 21), date(2026, 11, 22))
        found = compared([billed(21, "2")], [kept(START, nat="32.85")], late, By.SERVICE, NOW)
        assert (len(list(found.compared.days)), found.total.estimated) == (0, Decimal(0))
        assert found.unsettled == Decimal(2)

    def test_loses_nothing_of_the_bill(self, kept: Kept) -> None:
        bill = [billed(day, "1.5") for day in range(17, 22)]
        found = compared(bill, [kept(START + timedelta(days=1), nat="5")], ASKED, By.RESOURCE, NOW)
        assert found.total.billed + found.unsettled + found.unestimated == Decimal("7.5")

    def test_has_what_costs_most_first(self, kept: Kept) -> None:
        bill = [billed(17, "1", "A"), billed(17, "9", "B"), billed(17, "5", "C")]
        found = compared(bill, [kept(START)], ASKED, By.SERVICE, NOW)
        assert [one.key for one in found.lines if one.billed] == ["B", "C", "A"]
