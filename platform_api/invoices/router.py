"""`/v1/organizations/{organization}/invoices`."""

from __future__ import annotations

import uuid
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from cygni.errors import NotFound
from platform_api.access.caller import Transaction
from platform_api.cursors import LARGEST_PAGE
from platform_api.etags import etag
from platform_api.invoices.access import Reading
from platform_api.invoices.changes import amount_due
from platform_api.invoices.drafts import document_of
from platform_api.invoices.explaining import explained
from platform_api.invoices.models import InvoiceRow
from platform_api.invoices.pdf import invoice_pdf
from platform_api.invoices.repository import Invoices
from platform_api.invoices.schemas import (
    CreditNotePublic,
    InvoiceDocument,
    InvoiceExplanation,
    InvoiceList,
    InvoicePublic,
    InvoiceRead,
)
from platform_api.organizations.models import FoundOrganization
from platform_api.wiring import wiring

router = APIRouter(prefix="/v1/organizations/{organization}/invoices", tags=["billing"])

_PDF = "application/pdf"


@router.get("")
async def list_invoices(
    request: Request,
    session: Transaction,
    reading: Reading,
    cursor: Annotated[str | None, Query(max_length=1000)] = None,
    limit: Annotated[int, Query(ge=1, le=LARGEST_PAGE)] = 50,
) -> InvoiceList:
    """The newest first, drafts too."""
    cursors, listing = wiring(request).cursors, f"invoices {reading.organization.id}"
    before = uuid.UUID(cursors.read(listing, cursor)) if cursor else None
    rows = await Invoices(session, reading.organization.id).before(before, limit + 1)
    page, more = cursors.cut(listing, rows, limit, lambda row: row.id)
    return InvoiceList(items=[InvoicePublic.model_validate(row) for row in page], next=more)


@router.get("/upcoming")
async def read_upcoming_invoice(request: Request, session: Transaction, reading: Reading) -> InvoiceRead:
    """That of the period that goes on: what it came to if nothing more was used."""
    now = wiring(request).clock.now()
    found = await Invoices(session, reading.organization.id).upcoming(now)
    if found is None:
        raise NotFound(
            "no invoice is to come",
            hint="The organization has no subscription, or a worker has yet to see it.",
        )
    return await read(session, reading.organization, found)


@router.get("/{invoice}")
async def read_invoice(
    response: Response, session: Transaction, reading: Reading, invoice: uuid.UUID
) -> InvoiceRead:
    found = await Invoices(session, reading.organization.id).existing(invoice)
    response.headers["ETag"] = etag(found.version)
    return await read(session, reading.organization, found)


@router.get(
    "/{invoice}/pdf",
    response_class=Response,
    responses={200: {"content": {_PDF: {"schema": {"type": "string", "format": "binary"}}}}},
)
async def read_invoice_as_pdf(session: Transaction, reading: Reading, invoice: uuid.UUID) -> Response:
    """The same bytes each time, once it is final."""
    found = await Invoices(session, reading.organization.id).existing(invoice)
    content = invoice_pdf(await document_of(session, reading.organization, found))
    name = f"invoice-{found.number or 'draft'}.pdf"
    return Response(
        content, media_type=_PDF, headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )


@router.get("/{invoice}/lines/{key}")
async def explain_invoice_line(
    session: Transaction, reading: Reading, invoice: uuid.UUID, key: str
) -> InvoiceExplanation:
    """How what a charge costs came about: by which steps, in which hours, of which events."""
    found = await Invoices(session, reading.organization.id).existing(invoice)
    document = await document_of(session, reading.organization, found)
    return await explained(session, reading.organization, document, key)


async def read(session: AsyncSession, organization: FoundOrganization, row: InvoiceRow) -> InvoiceRead:
    """All of it, as it is told."""
    notes = await Invoices(session, organization.id).notes([row.id])
    due = amount_due(row, notes)
    return InvoiceRead(
        **InvoicePublic.model_validate(row).model_dump(),
        document=InvoiceDocument.model_validate(await document_of(session, organization, row)),
        credit_notes=[CreditNotePublic.model_validate(one) for one in notes],
        amount_due=None if due is None else f"{due:f}",
    )
