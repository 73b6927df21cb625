"""What operators do to invoices: by people alone, and told in the audit log of who is billed."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from fastapi import APIRouter, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from platform_api.access.caller import Transaction
from platform_api.etags import IfMatch, etag, require_match
from platform_api.invoices import changes
from platform_api.invoices.models import CreditNote, InvoiceRow
from platform_api.invoices.repository import Invoices
from platform_api.invoices.schemas import CreditNoteCreate, CreditNotePublic, InvoicePublic, InvoiceVoid
from platform_api.operators.access import Operated, OperatorAudit
from platform_api.wiring import wiring

router = APIRouter(prefix="/v1/organizations/{organization}/invoices/{invoice}", tags=["billing"])


@router.post("/payment")
async def mark_invoice_paid(
    request: Request,
    response: Response,
    session: Transaction,
    operated: Operated,
    audit: OperatorAudit,
    invoice: uuid.UUID,
    if_match: IfMatch = None,
) -> InvoicePublic:
    """It was paid, in whatever way."""
    row, _ = await _held(session, operated.organization.id, invoice, if_match)
    before = row.state
    await changes.pay(session, row, wiring(request).clock.now())
    await audit.record("invoice.pay", str(row.id), before={"state": before}, after={"state": row.state})
    response.headers["ETag"] = etag(row.version)
    return InvoicePublic.model_validate(row)


@router.post("/void")
async def void_invoice(
    request: Request,
    response: Response,
    session: Transaction,
    operated: Operated,
    audit: OperatorAudit,
    invoice: uuid.UUID,
    wanted: InvoiceVoid,
    if_match: IfMatch = None,
) -> InvoicePublic:
    """Takes it back. What it billed goes on the next one, at the prices and by the usage that are known then."""
    row, notes = await _held(session, operated.organization.id, invoice, if_match)
    before = row.state
    await changes.void(session, row, notes, wiring(request).clock.now())
    after = {"state": row.state, "reason": wanted.reason}
    await audit.record("invoice.void", str(row.id), before={"state": before}, after=after)
    response.headers["ETag"] = etag(row.version)
    return InvoicePublic.model_validate(row)


@router.post("/credit-notes", status_code=201)
async def credit_invoice(
    request: Request,
    session: Transaction,
    operated: Operated,
    audit: OperatorAudit,
    invoice: uuid.UUID,
    wanted: CreditNoteCreate,
    if_match: IfMatch = None,
) -> CreditNotePublic:
    """A part of it need not be paid, or is given back. With nothing left to pay it is paid."""
    row, notes = await _held(session, operated.organization.id, invoice, if_match)
    now = wiring(request).clock.now()
    made = await changes.credit(session, row, notes, wanted.amount, wanted.reason, now)
    said = {
        "number": made.number,
        "amount": f"{made.amount:f}",
        "currency": made.currency,
        "reason": made.reason,
    }
    await audit.record("invoice.credit", str(row.id), after=said)
    return CreditNotePublic.model_validate(made)


async def _held(
    session: AsyncSession, organization: uuid.UUID, id: uuid.UUID, if_match: str | None
) -> tuple[InvoiceRow, Sequence[CreditNote]]:
    """The invoice, locked, with its credit notes."""
    invoices = Invoices(session, organization)
    row = await invoices.existing(id, for_update=True)
    require_match(if_match, row.version)
    return row, await invoices.notes([id])
