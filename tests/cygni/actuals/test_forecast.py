"""What a month will come to. November has 30 days; 73 USD a month of 730 hours are 2.40 USD a day."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cygni.actuals.accrual import InForce
from cygni.actuals.bill import Billed
from cygni.actuals.forecast import Forecast, forecast
from cygni.releases.estimate import KeptEstimate

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
"""The days up to the 19th are settled; 11 are left."""
OCTOBER = datetime(2026, 10, 1, tzinfo=UTC)


def billed(usd: str, *days: int) -> list[Billed]:
    return [Billed(date(2026, 11, day), "", "EC2 - Other", Decimal(usd)) for day in days]


def estimate(monthly: str, at: datetime = OCTOBER) -> InForce:
    return InForce(at, KeptEstimate.of_total(Decimal(monthly)), "release 1")


def found(bill: list[Billed], *history: InForce, now: datetime = NOW) -> Forecast:
    made = forecast(bill, history, now)
    assert made is not None
    return made


class TestForecast:
    def test_goes_on_as_the_last_week_was_billed(self) -> None:
        """The first days were dearer, and are in what was billed alone."""
        bill = [*billed("9", *range(1, 13)), *billed("3", *range(13, 20))]
        made = found(bill, estimate("73"))
        assert (made.billed, made.days_left, made.recent) == (Decimal(129), 11, 7)
        assert made.rest == 11 * Decimal(3)

    def test_has_what_a_deploy_has_changed_since(self) -> None:
        """From the 22nd on 2.40 USD a day more, for 9 of the 11 days."""
        later = estimate("146", datetime(2026, 11, 22, tzinfo=UTC))
        made = found(billed("3", *range(1, 20)), estimate("73"), later)
        assert made.rest == 11 * Decimal(3) + 9 * Decimal("2.4")

    def test_is_the_estimate_alone_without_settled_days(self) -> None:
        """On the second of the month nothing is settled, and 30 days are left."""
        made = found([], estimate("73"), now=datetime(2026, 11, 2, 12, tzinfo=UTC))
        assert (made.recent, made.billed, made.rest) == (0, Decimal(0), 30 * Decimal("2.4"))

    def test_is_the_bill_alone_without_an_estimate(self) -> None:
        made = found(billed("3", *range(1, 20)))
        assert made.total == 30 * Decimal(3)

    def test_does_not_take_days_without_tags_for_free_ones(self) -> None:
        """The tags were activated on the 18th."""
        made = found(billed("3", 18, 19), estimate("73"))
        assert (made.recent, made.rest) == (2, 11 * Decimal(3))

    def test_leaves_out_the_day_of_the_first_deploy(self) -> None:
        """It was billed for an hour alone."""
        bill = [*billed("0.10", 17), *billed("3", 18, 19)]
        made = found(bill, estimate("73", datetime(2026, 11, 17, 23, tzinfo=UTC)))
        assert (made.recent, made.billed, made.rest) == (2, Decimal("6.10"), 11 * Decimal(3))

    def test_is_never_less_than_what_is_billed(self) -> None:
        """Everything was destroyed but for a little, and the last days cost much."""
        last = estimate("0", datetime(2026, 11, 20, tzinfo=UTC))
        made = found([*billed("1", *range(13, 20)), *billed("50", 20)], estimate("146"), last)
        assert made.rest == Decimal(50)

    def test_is_none_where_nothing_tells(self) -> None:
        assert forecast([], [], NOW) is None

    @given(
        st.dictionaries(st.integers(1, 21), st.decimals(0, 100, places=2)),
        st.lists(st.tuples(st.integers(0, 60), st.decimals(0, 1000, places=2)), max_size=4),
    )
    def test_holds_all_that_is_billed(
        self, bill: dict[int, Decimal], deploys: list[tuple[int, Decimal]]
    ) -> None:
        rows = [one for day, usd in bill.items() for one in billed(str(usd), day)]
        history = [
            estimate(str(monthly), OCTOBER + timedelta(days=day, hours=7)) for day, monthly in sorted(deploys)
        ]
        made = forecast(rows, history, NOW)
        assert made is None or made.total >= sum(bill.values())


class TestBudget:
    @pytest.mark.parametrize(
        ("budget", "percent", "nears"),
        [
            ("100", "80", True),
            ("101", None, False),
            ("50", "160", True),
            ("0", None, True),
            (None, None, False),
        ],
    )
    def test_is_neared_from_where_a_plan_warns(
        self, budget: str | None, percent: str | None, nears: bool
    ) -> None:
        made = Forecast(Decimal(60), Decimal(20), 11, 7, None if budget is None else Decimal(budget))
        assert made.nears_budget is nears
        if percent is not None:
            assert made.budget_percent == Decimal(percent)
