"""What others are told of invoices."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from platform_api.invoices.models import InvoiceRow
from platform_api.notifications.occasions import Occasion
from platform_api.notifications.outbox import notify
from platform_api.webhooks.outbox import announce


async def announce_invoice(session: AsyncSession, row: InvoiceRow, what: str, now: datetime) -> None:
    """Webhooks, in the transaction in which it happens: `invoice.{what}`."""
    data = {
        "invoice": str(row.id),
        "number": row.number,
        "state": row.state,
        "currency": row.currency,
        "total": f"{row.total:f}",
    }
    await announce(session, row.organization_id, f"invoice.{what}", data, now)


async def tell_of_invoice(session: AsyncSession, row: InvoiceRow, now: datetime) -> None:
    """People, of one that is final from now on."""
    assert row.due_at is not None
    data = {
        "number": row.number,
        "state": row.state,
        "currency": row.currency,
        "total": f"{row.total:f}",
        "period_start": row.period_start.isoformat(),
        "period_end": row.period_end.isoformat(),
        "due_at": row.due_at.isoformat(),
    }
    await notify(session, row.organization_id, None, Occasion.INVOICE_FINALIZED, data, now)
