"""How an organisation stands with what it has to pay: since when the oldest of its invoices is overdue, if one is.

Nothing is kept of it: an invoice that is paid or void is no longer overdue, and with the last one all goes on at once.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from cygni.billing.invoices import InvoiceState
from cygni.errors import PaymentOverdue
from platform_api.budgets.models import PaymentNotice
from platform_api.invoices.models import InvoiceRow
from platform_api.notifications.occasions import Occasion
from platform_api.notifications.outbox import notify

GRACE: Final = timedelta(days=14)
"""How long after an invoice is overdue everything goes on."""
_NOTICES: Final = {
    "overdue": timedelta(),
    "week": timedelta(days=7),
    "day": GRACE - timedelta(days=1),
    "held": GRACE,
}
"""What people are told, each once, and how long after an invoice is overdue."""


@dataclass(frozen=True, slots=True)
class Overdue:
    """The oldest invoice that is not paid, and when it was due."""

    invoice: uuid.UUID
    number: str
    amount: str
    since: datetime

    def is_held(self, now: datetime) -> bool:
        return now >= self.since + GRACE


async def overdue(session: AsyncSession, organization: uuid.UUID) -> Overdue | None:
    query = select(InvoiceRow).where(
        col(InvoiceRow.organization_id) == organization,
        col(InvoiceRow.state) == InvoiceState.OVERDUE,
        col(InvoiceRow.due_at).is_not(None),
    )
    row = await session.scalar(query.order_by(col(InvoiceRow.due_at)).limit(1))
    if row is None or row.due_at is None:
        return None
    return Overdue(row.id, str(row.number), f"{row.total:f} {row.currency}", row.due_at)


async def require_paid(session: AsyncSession, organization: uuid.UUID, now: datetime) -> None:
    """Raises PaymentOverdue where the grace of an invoice is over."""
    found = await overdue(session, organization)
    if found is not None and found.is_held(now):
        raise PaymentOverdue(
            f"the invoice {found.number} of {found.amount} was due on {found.since:%Y-%m-%d} and is not paid",
            hint="New deployments go on as soon as it is. What runs is left as it is; previews are paused.",
            details={"invoice": found.number, "due": found.since.isoformat()},
        )


async def tell_overdue(session: AsyncSession, organization: uuid.UUID, found: Overdue, now: datetime) -> None:
    """Each notice once, and of several that are due the last alone."""
    due = [name for name, after in _NOTICES.items() if now >= found.since + after]
    new = [name for name in due if await _is_new(session, organization, found, name, now)]
    if new:
        data = {
            "invoice": found.number, "amount": found.amount, "since": found.since.isoformat(),
            "held_at": (found.since + GRACE).isoformat(), "notice": new[-1],
        }  # fmt: skip
        await notify(session, organization, None, Occasion.PAYMENT_OVERDUE, data, now)


async def _is_new(
    session: AsyncSession, organization: uuid.UUID, found: Overdue, notice: str, now: datetime
) -> bool:
    row = insert(PaymentNotice).values(
        organization_id=organization, invoice_id=found.invoice, notice=notice, at=now
    )
    added = row.on_conflict_do_nothing().returning(col(PaymentNotice.notice))
    return await session.scalar(added) is not None
