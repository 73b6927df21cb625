from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from cygni.billing.periods import BillingCycle, Period
from cygni.billing.plans import FlatFee, PlanVersion, UsageCharge
from cygni.billing.prices import PerUnit
from cygni.billing.subscriptions import Phase, Segment, Subscription

CYCLE = BillingCycle(date(2026, 4, 1))
APRIL = CYCLE.period(0)
ONE, TWO = PlanVersion("team", 1, "USD"), PlanVersion("team", 2, "USD")


def day(number: int, month: int = 4) -> datetime:
    return datetime(2026, month, number, tzinfo=UTC)


class TestSegments:
    def test_are_the_whole_period_where_nothing_changes(self) -> None:
        assert Subscription(CYCLE, (Phase(day(1, 3), ONE),)).segments(APRIL) == (Segment(APRIL, APRIL, ONE),)

    def test_begin_and_end_with_the_subscription(self) -> None:
        [part] = Subscription(CYCLE, (Phase(day(5), ONE),), end=day(9)).segments(APRIL)
        assert part.span == Period(day(5), day(9))

    def test_are_cut_where_plans_change_and_trials_end(self) -> None:
        subscription = Subscription(CYCLE, (Phase(day(1), ONE), Phase(day(20), TWO)), trial_end=day(11))
        assert [(part.span.start.day, part.plan.version, part.on_trial) for part in subscription.segments(APRIL)] == [
            (1, 1, True), (11, 1, False), (20, 2, False),
        ]  # fmt: skip

    def test_are_none_before_and_after(self) -> None:
        subscription = Subscription(CYCLE, (Phase(day(5), ONE),), end=day(9))
        assert subscription.segments(CYCLE.period(-1)) == ()
        assert subscription.segments(CYCLE.period(1)) == ()


class TestSubscription:
    def test_has_a_plan_in_order_and_in_one_currency(self) -> None:
        with pytest.raises(ValueError, match="has a plan"):
            Subscription(CYCLE, ())
        with pytest.raises(ValueError, match="after the one before"):
            Subscription(CYCLE, (Phase(day(2), ONE), Phase(day(2), TWO)))
        with pytest.raises(ValueError, match="one currency"):
            Subscription(CYCLE, (Phase(day(2), ONE), Phase(day(3), PlanVersion("team", 2, "EUR"))))


class TestPlanVersion:
    def test_knows_its_meters(self) -> None:
        charges = (
            FlatFee("base", "Base", Decimal(1)),
            UsageCharge("a", "A", "requests", PerUnit(Decimal(1))),
        )
        assert PlanVersion("team", 1, "USD", charges).meters == {"requests"}

    def test_refuses_keys_that_are_none_or_are_taken(self) -> None:
        fee = FlatFee("base", "Base", Decimal(1))
        with pytest.raises(ValueError, match="not a key"):
            PlanVersion("Team", 1, "USD")
        with pytest.raises(ValueError, match="taken"):
            PlanVersion("team", 1, "USD", (fee, fee))
        with pytest.raises(ValueError, match="taken"):
            PlanVersion("team", 1, "USD", (FlatFee("minimum", "Minimum", Decimal(1)),))

    @pytest.mark.parametrize("amount", ["-1", "NaN", "Infinity"])
    def test_refuses_amounts_that_are_none(self, amount: str) -> None:
        with pytest.raises(ValueError, match="zero or more"):
            PlanVersion("team", 1, "USD", (FlatFee("base", "Base", Decimal(amount)),))
        with pytest.raises(ValueError, match="zero or more"):
            PlanVersion("team", 1, "USD", minimum=Decimal(amount))
