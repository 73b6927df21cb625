"""What becomes of an invoice as time goes by, without anybody doing anything (pure)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from decimal import Decimal
from typing import Final

from cygni.billing.invoices import InvoiceState
from cygni.billing.periods import Period
from cygni.billing.plans import DEFAULT_GRACE
from cygni.billing.subscriptions import Subscription

DUE_AFTER: Final = timedelta(days=30)
"""In which an invoice is to be paid, unless the server's settings say otherwise."""


def first_period(subscription: Subscription) -> int:
    """The number of the period in which it begins."""
    return subscription.cycle.number_at(subscription.phases[0].start)


def grace_of(subscription: Subscription, period: Period) -> timedelta:
    """How long usage of `period` is waited for: as the plan says that held last in it."""
    parts = subscription.segments(period)
    return parts[-1].plan.grace if parts else DEFAULT_GRACE


def carried_over(billed: Iterable[tuple[Decimal, Decimal]]) -> Decimal:
    """What the next invoice begins with, of all that were billed and are not void: the subtotal of each, and what it
    began with. What a subtotal lacks to zero is carried on until an invoice has used it."""
    return sum((min(subtotal, Decimal(0)) - carried for subtotal, carried in billed), Decimal(0))


def state_after_final(due: Decimal) -> InvoiceState:
    """Who owes nothing has paid."""
    return InvoiceState.FINAL if due > 0 else InvoiceState.PAID
