"""Numbers of invoices and credit notes: of a server and a year, and without a gap.

A number is taken in the transaction that makes what it is of: where that fails, the next one takes it.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

INVOICES: Final = ""
CREDIT_NOTES: Final = "CN-"

_NEXT = sa.text(
    """
    INSERT INTO invoice_numbers (series, last) VALUES (:series, 1)
    ON CONFLICT (series) DO UPDATE SET last = invoice_numbers.last + 1
    RETURNING last
    """
)


async def next_number(session: AsyncSession, kind: str, now: datetime) -> str:
    """Such as `2026-000017` or `CN-2026-000003`. Others wait for theirs until the transaction ends: call it late."""
    series = f"{kind}{now.year}"
    found = (await session.execute(_NEXT, {"series": series})).scalar_one()
    return f"{series}-{found:06}"
