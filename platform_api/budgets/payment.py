"""How an organisation stands with what it has to pay: since when the oldest of its invoices is overdue, or could not be
collected, if one is.

Nothing is kept of it: an invoice that is paid or void is no longer overdue, and with the last one all goes on at once.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from cygni.billing.invoices import InvoiceState
from cygni.errors import PaymentOverdue
from platform_api.budgets.models import PaymentNotice
from platform_api.invoices.changes import amount_due
from platform_api.invoices.models import InvoiceRow
from platform_api.invoices.repository import Invoices
from platform_api.notifications.occasions import Occasion
from platform_api.notifications.outbox import notify
from platform_api.stripe.models import StripeInvoiceRow

_WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Unpaid:
    """The oldest invoice that is not paid: when it was due, or `failed` to be collected before. For `grace` from then
    on everything goes on."""

    invoice: uuid.UUID
    number: str
    amount: str
    since: datetime
    failed: bool
    grace: timedelta

    @property
    def held_at(self) -> datetime:
        return self.since + self.grace

    def is_held(self, now: datetime) -> bool:
        return now >= self.held_at


def notices(grace: timedelta) -> dict[str, timedelta]:
    """What people are told, each once, and how long after an invoice is overdue, in this order."""
    before = {"overdue": timedelta(), "week": _WEEK, "day": grace - timedelta(days=1)}
    said = {name: after for name, after in before.items() if timedelta() <= after < grace}
    return dict(sorted(said.items(), key=lambda one: one[1])) | {"held": grace}


async def unpaid(session: AsyncSession, organization: uuid.UUID, grace: timedelta) -> Unpaid | None:
    due, failed = col(InvoiceRow.due_at), col(StripeInvoiceRow.failed_at)
    query = (
        select(InvoiceRow, StripeInvoiceRow.failed_at)
        .outerjoin(StripeInvoiceRow, col(StripeInvoiceRow.invoice_id) == col(InvoiceRow.id))
        .where(
            col(InvoiceRow.organization_id) == organization,
            due.is_not(None),
            sa.or_(
                col(InvoiceRow.state) == InvoiceState.OVERDUE,
                sa.and_(col(InvoiceRow.state) == InvoiceState.FINAL, failed.is_not(None)),
            ),
        )
        .order_by(sa.func.least(due, failed))
    )
    found = (await session.execute(query.limit(1))).one_or_none()
    if found is None:
        return None
    row, failed_at = found
    left = amount_due(row, await Invoices(session, organization).notes([row.id]))
    has_failed = failed_at is not None and failed_at <= row.due_at
    since = failed_at if has_failed else row.due_at
    return Unpaid(row.id, str(row.number), f"{left:f} {row.currency}", since, has_failed, grace)


async def require_paid(
    session: AsyncSession, organization: uuid.UUID, now: datetime, grace: timedelta
) -> None:
    """Raises PaymentOverdue where the grace of an invoice is over."""
    found = await unpaid(session, organization, grace)
    if found is not None and found.is_held(now):
        what = "could not be collected on" if found.failed else "was due on"
        raise PaymentOverdue(
            f"the invoice {found.number} of {found.amount} {what} {found.since:%Y-%m-%d} and is not paid",
            hint="New deployments go on as soon as it is. What runs is left as it is; previews are paused.",
            details={"invoice": found.number, "due": found.since.isoformat()},
        )


async def tell_unpaid(session: AsyncSession, organization: uuid.UUID, found: Unpaid, now: datetime) -> None:
    """Each notice once, and of several that are due the last alone."""
    due = [name for name, after in notices(found.grace).items() if now >= found.since + after]
    new = [name for name in due if await _is_new(session, organization, found, name, now)]
    if new:
        data = {
            "invoice": found.number, "amount": found.amount, "since": found.since.isoformat(),
            "held_at": found.held_at.isoformat(), "notice": new[-1], "failed": found.failed,
        }  # fmt: skip
        await notify(session, organization, None, Occasion.PAYMENT_OVERDUE, data, now)


async def _is_new(
    session: AsyncSession, organization: uuid.UUID, found: Unpaid, notice: str, now: datetime
) -> bool:
    row = insert(PaymentNotice).values(
        organization_id=organization, invoice_id=found.invoice, notice=notice, at=now
    )
    added = row.on_conflict_do_nothing().returning(col(PaymentNotice.notice))
    return await session.scalar(added) is not None
