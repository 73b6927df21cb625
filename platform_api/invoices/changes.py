"""What operators do to invoices that are final: they are paid, void, or credited."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from sqlalchemy.ext.asyncio import AsyncSession

from cygni.billing.invoices import InvoiceState, may_become
from cygni.errors import UsageError, WrongState
from cygni.pricing.exchange import decimal_places
from platform_api.invoices.announcing import announce_invoice
from platform_api.invoices.models import CreditNote, InvoiceRow
from platform_api.invoices.numbers import CREDIT_NOTES, next_number
from platform_api.invoices.repository import known


def amount_due(row: InvoiceRow, notes: Sequence[CreditNote]) -> Decimal | None:
    """What is to be paid still; None until it is final."""
    if row.number is None:
        return None
    if row.state in (InvoiceState.PAID, InvoiceState.VOID):
        return Decimal(0)
    return known(row.total) - sum((one.amount for one in notes), Decimal(0))


async def pay(session: AsyncSession, row: InvoiceRow, now: datetime) -> None:
    """Raises WrongState for one that is not to be paid."""
    _become(row, InvoiceState.PAID)
    row.paid_at = now
    await announce_invoice(session, row, "paid", now)


async def void(session: AsyncSession, row: InvoiceRow, notes: Sequence[CreditNote], now: datetime) -> None:
    """What it billed goes on the next invoice. Raises WrongState for one that was paid, or credited in part."""
    if notes:
        raise WrongState(
            f"the invoice has the credit note {notes[0].number}",
            hint="Credit the rest of it too: cx invoices credit",
        )
    _become(row, InvoiceState.VOID)
    row.voided_at = now
    await announce_invoice(session, row, "voided", now)


async def credit(
    session: AsyncSession,
    row: InvoiceRow,
    notes: Sequence[CreditNote],
    amount: Decimal,
    reason: str,
    now: datetime,
) -> CreditNote:
    """A note over `amount`; with nothing left to pay the invoice is paid.

    Raises WrongState for one that is not final or is void, UsageError for more than is left of it.
    """
    state = InvoiceState(row.state)
    if row.number is None or state is InvoiceState.VOID:
        raise WrongState(f"the invoice is {state}", hint="Credit notes are for invoices that are final.")
    if -int(amount.normalize().as_tuple().exponent) > (places := decimal_places(row.currency)):
        raise UsageError(f"`amount` has more than the {places} decimal places of {row.currency}")
    left = known(row.total) - sum((one.amount for one in notes), Decimal(0))
    if amount > left:
        raise UsageError(f"{amount:f} is more than the {left:f} {row.currency} that is left of the invoice")
    made = CreditNote(
        organization_id=row.organization_id, invoice_id=row.id,
        number=await next_number(session, CREDIT_NOTES, now),
        amount=amount, currency=row.currency, reason=reason, created_at=now,
    )  # fmt: skip
    session.add(made)
    row.version += 1
    if amount == left and may_become(state, InvoiceState.PAID):
        await pay(session, row, now)
    return made


def _become(row: InvoiceRow, state: InvoiceState) -> None:
    before = InvoiceState(row.state)
    if not may_become(before, state):
        raise WrongState(f"the invoice is {before}", hint="See it with: cx invoices show")
    row.state, row.step_at = state.value, None
    row.version += 1
