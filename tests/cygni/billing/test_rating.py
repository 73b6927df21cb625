from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction

import pytest

from cygni.billing.periods import BillingCycle, Period
from cygni.billing.plans import Charge, FlatFee, PlanVersion, UsageCharge
from cygni.billing.prices import PerUnit
from cygni.billing.rating import LineKind, rate, rate_period
from cygni.billing.subscriptions import Phase, Segment, Subscription

APRIL = BillingCycle(date(2026, 4, 1)).period(0)
TEN_DAYS = Period(APRIL.start, datetime(2026, 4, 11, tzinfo=UTC))


def plan(*charges: Charge, minimum: str = "0", currency: str = "USD", version: int = 1) -> PlanVersion:
    return PlanVersion("team", version, currency, charges, Decimal(minimum))


def vcpu(price: str = "0.05", *, included: int = 0, minimum: int = 0) -> UsageCharge:
    charge = PerUnit(Decimal(price))
    return UsageCharge("vcpu", "Processors", "vcpu_hours", charge, Decimal(included), Decimal(minimum))


class TestRate:
    def test_charges_for_what_was_used_beyond_what_is_included(self) -> None:
        [line] = rate(Segment(APRIL, APRIL, plan(vcpu(included=100))), {"vcpu_hours": Fraction(250)})
        assert (line.quantity, line.included, line.amount) == (Fraction(250), Fraction(100), Decimal("7.50"))

    def test_charges_nothing_for_what_was_not_used(self) -> None:
        [line] = rate(Segment(APRIL, APRIL, plan(vcpu(included=100))), {})
        assert (line.quantity, line.amount) == (Fraction(0), Decimal(0))
        assert line.steps == ()

    def test_takes_less_than_nothing_for_nothing(self) -> None:
        [line] = rate(Segment(APRIL, APRIL, plan(vcpu())), {"vcpu_hours": Fraction(-3)})
        assert (line.quantity, line.amount) == (Fraction(0), Decimal(0))

    def test_gives_fees_included_units_and_minimums_by_time(self) -> None:
        fee = FlatFee("base", "Base fee", Decimal(30))
        base, used = rate(
            Segment(APRIL, TEN_DAYS, plan(fee, vcpu(included=30, minimum=9))), {"vcpu_hours": Fraction(20)}
        )
        assert (base.kind, base.amount) == (LineKind.FEE, Decimal(10))
        assert [used.included, used.exact, used.at_least] == [10, 3, 3]

    def test_fills_up_to_the_minimum_of_the_plan(self) -> None:
        *_, line = rate(Segment(APRIL, TEN_DAYS, plan(vcpu(), minimum="100")), {"vcpu_hours": Fraction(20)})
        assert (line.kind, line.amount) == (LineKind.MINIMUM, Decimal("32.33"))

    def test_needs_no_filling_where_enough_was_used(self) -> None:
        lines = rate(Segment(APRIL, APRIL, plan(vcpu(), minimum="1")), {"vcpu_hours": Fraction(20)})
        assert [line.kind for line in lines] == [LineKind.USAGE]

    def test_tells_on_a_trial_what_was_used_and_takes_nothing(self) -> None:
        [line] = rate(
            Segment(APRIL, APRIL, plan(vcpu(), minimum="1"), on_trial=True), {"vcpu_hours": Fraction(20)}
        )
        assert line.on_trial
        assert (line.quantity, line.exact, line.amount) == (Fraction(20), Fraction(0), Decimal(0))

    @pytest.mark.parametrize(
        ("currency", "hours", "amount"),
        [
            ("USD", "0.1", "0.00"),  # half a cent: to even
            ("USD", "0.3", "0.02"),
            ("USD", "0.100001", "0.01"),
            ("JPY", "50", "2"),
            ("KWD", "0.1", "0.005"),
        ],
    )
    def test_rounds_once_half_to_even_to_what_the_currency_has(
        self, currency: str, hours: str, amount: str
    ) -> None:
        [line] = rate(Segment(APRIL, APRIL, plan(vcpu(), currency=currency)), {"vcpu_hours": Fraction(hours)})
        assert f"{line.amount:f}" == amount


class TestRatePeriod:
    def test_rates_each_part_by_what_holds_in_it(self) -> None:
        cheap, dear = plan(vcpu("0.01")), plan(vcpu("0.10"), version=2)
        phases = (Phase(APRIL.start, cheap), Phase(TEN_DAYS.end, dear))
        subscription = Subscription(BillingCycle(date(2026, 4, 1)), phases)
        usage = {TEN_DAYS.start: Fraction(100), TEN_DAYS.end: Fraction(10)}
        lines = rate_period(subscription, APRIL, lambda part: {"vcpu_hours": usage[part.span.start]})
        assert [(line.plan.version, line.amount) for line in lines] == [
            (1, Decimal("1.00")),
            (2, Decimal("1.00")),
        ]
