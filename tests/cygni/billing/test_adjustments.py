from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction

from cygni.billing.adjustments import Adjustment, adjustments
from cygni.billing.periods import BillingCycle
from cygni.billing.plans import PlanVersion, UsageCharge
from cygni.billing.prices import PerUnit
from cygni.billing.rating import Line, rate
from cygni.billing.subscriptions import Segment

APRIL = BillingCycle(date(2026, 4, 1)).period(0)
PLAN = PlanVersion(
    "team", 1, "USD", (UsageCharge("cpu", "Processors", "vcpu_hours", PerUnit(Decimal(1))),), Decimal(10)
)


def lines(hours: int) -> tuple[Line, ...]:
    return rate(Segment(APRIL, APRIL, PLAN), {"vcpu_hours": Fraction(hours)})


def billed(hours: int) -> dict[str, Decimal]:
    return {line.key: line.amount for line in lines(hours)}


def test_nothing_is_left_where_nothing_came_late() -> None:
    assert adjustments(APRIL, billed(25), lines(25), {}) == ()


def test_late_usage_is_billed_for_its_period() -> None:
    assert adjustments(APRIL, billed(25), lines(30), {}) == (
        Adjustment("cpu", "Processors", APRIL, Decimal(5)),
    )


def test_corrections_are_given_back() -> None:
    assert adjustments(APRIL, billed(25), lines(20), {}) == (
        Adjustment("cpu", "Processors", APRIL, Decimal(-5)),
    )


def test_late_usage_within_the_minimum_costs_nothing_more() -> None:
    found = adjustments(APRIL, billed(4), lines(9), {"minimum": "Minimum of the plan"})
    assert [(one.key, one.amount) for one in found] == [("cpu", Decimal(5)), ("minimum", Decimal(-5))]
    assert sum(one.amount for one in found) == 0


def test_a_line_that_is_gone_is_given_back_under_its_name() -> None:
    [_, minimum] = adjustments(APRIL, billed(4), lines(15), {"minimum": "Minimum of the plan"})
    assert minimum == Adjustment("minimum", "Minimum of the plan", APRIL, Decimal(-6))
