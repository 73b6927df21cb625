from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

from cygni.billing.credits import CreditUse, Grant, use

START, END = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC)


def grant(
    name: str, amount: int = 10, *, end: datetime | None = None, priority: int = 50, prepaid: bool = False
) -> Grant:
    return Grant(name, Decimal(amount), START, end, priority, prepaid)


def order_of(*grants: Grant) -> str:
    return "".join(one.grant for one in use(grants, Decimal(1000), END))


def test_what_is_due_is_paid_as_far_as_grants_reach() -> None:
    assert use([grant("a"), grant("b")], Decimal(14), END) == (
        CreditUse("a", Decimal(10)),
        CreditUse("b", Decimal(4)),
    )
    assert use([grant("a")], Decimal(0), END) == ()
    assert use([grant("a", 0)], Decimal(5), END) == ()


def test_a_low_priority_number_goes_first() -> None:
    assert order_of(grant("a"), grant("b", priority=1)) == "ba"


def test_what_expires_goes_before_what_does_not() -> None:
    later = datetime(2026, 6, 1, tzinfo=UTC)
    assert order_of(grant("a"), grant("b", end=later), grant("c", end=END)) == "cba"


def test_what_was_given_goes_before_what_was_paid() -> None:
    assert order_of(grant("a", prepaid=True), grant("b")) == "ba"


def test_a_grant_is_in_force_when_the_period_ends() -> None:
    expired = grant("a", end=datetime(2026, 1, 31, 23, 59, tzinfo=UTC))
    coming = Grant("b", Decimal(10), END)
    assert use([expired, coming], Decimal(5), END) == ()
