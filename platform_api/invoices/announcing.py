"""What others are told of invoices."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from platform_api.invoices.models import InvoiceRow
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
