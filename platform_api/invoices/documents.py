"""What an invoice tells as JSON: whose it is and when, around what the domain says of it (pure)."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cygni.billing.invoices import Invoice, document


@dataclass(frozen=True, slots=True)
class Heading:
    """`number`, `issued` and `due` are None while it is a draft."""

    invoice: uuid.UUID
    subscription: uuid.UUID
    organization: str
    name: str
    number: str | None = None
    issued: datetime | None = None
    due: datetime | None = None


def invoice_document(heading: Heading, billed: Invoice) -> dict[str, Any]:
    """All of an invoice: its digest is of this."""
    return {
        "invoice": str(heading.invoice),
        "subscription": str(heading.subscription),
        "organization": {"slug": heading.organization, "name": heading.name},
        "number": heading.number,
        "issued": _told(heading.issued),
        "due": _told(heading.due),
        **document(billed),
    }


def _told(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()
