"""What was estimated for a time, by the estimates that were in force."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from cygni.actuals.accrual import InForce, accrued, rate_at
from cygni.releases.estimate import EstimatedCost, KeptEstimate
from tests.cygni.actuals.conftest import Kept

START = datetime(2026, 11, 1, tzinfo=UTC)
DAY = timedelta(days=1)


def by_service(cost: EstimatedCost) -> str:
    return cost.service


class TestAccrued:
    def test_a_month_of_730_hours_is_the_whole_estimate(self, kept: Kept) -> None:
        found = accrued([kept(START, nat="32.85")], START, START + timedelta(hours=730), by_service)
        assert found["EC2 - Other"] == Decimal("32.85")

    def test_counts_each_estimate_while_it_was_in_force(self, kept: Kept) -> None:
        """A NAT gateway of 0.045 USD an hour for one day, then none; tasks of 73 USD a month doubled then."""
        history = [
            kept(START - 9 * DAY, nat="32.85", tasks="73"),
            kept(START + DAY, tasks="146"),
        ]
        found = accrued(history, START, START + 3 * DAY, by_service)
        assert found["EC2 - Other"] == 24 * Decimal("0.045")
        assert found["Amazon Elastic Container Service"] == 24 * Decimal("0.1") + 48 * Decimal("0.2")

    def test_counts_from_the_hour_of_a_deploy(self, kept: Kept) -> None:
        found = accrued([kept(START + timedelta(hours=18), tasks="73")], START, START + DAY, by_service)
        assert found["Amazon Elastic Container Service"] == 6 * Decimal("0.1")

    def test_counts_what_depends_on_use_too(self, kept: Kept) -> None:
        found = accrued([kept(START, nat="32.85", data="7.30")], START, START + DAY, by_service)
        assert found["EC2 - Other"] == 24 * (Decimal("0.045") + Decimal("0.01"))

    def test_is_nothing_before_the_first_estimate(self, kept: Kept) -> None:
        assert accrued([kept(START + 5 * DAY, nat="32.85")], START, START + DAY, by_service) == {}
        assert accrued([], START, START + DAY, by_service) == {}

    @given(
        st.lists(st.tuples(st.integers(0, 10**4), st.decimals(0, 10**4, places=2)), min_size=1, max_size=6),
        st.integers(0, 10**4),
        st.integers(0, 10**4),
    )
    def test_of_two_parts_is_that_of_the_whole(
        self, deploys: list[tuple[int, Decimal]], first: int, second: int
    ) -> None:
        history = [
            InForce(START + timedelta(minutes=at), KeptEstimate.of_total(monthly), "")
            for at, monthly in sorted(deploys)
        ]
        middle, end = (START + timedelta(minutes=at) for at in sorted((first, second)))
        parts = [accrued(history, START, middle, by_service), accrued(history, middle, end, by_service)]
        whole = accrued(history, START, end, by_service)
        assert abs(sum(one.get("", Decimal(0)) for one in parts) - whole.get("", Decimal(0))) < Decimal(
            "1e-9"
        )


class TestRate:
    def test_is_that_of_the_last_estimate(self, kept: Kept) -> None:
        history = [kept(START, nat="30"), kept(START + DAY, nat="40", data="2")]
        assert rate_at(history, START + timedelta(hours=23)) == Decimal(30)
        assert rate_at(history, START + DAY) == Decimal(42)
        assert rate_at(history, START - DAY) is None
