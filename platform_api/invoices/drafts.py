"""Documents of invoices: as they were billed, or as they would be if nothing more was used."""

from __future__ import annotations

import uuid
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from cygni.errors import NotFound
from platform_api.invoices.composing import Composing
from platform_api.invoices.documents import Heading, invoice_document
from platform_api.invoices.models import InvoiceRow
from platform_api.invoices.repository import Invoices
from platform_api.organizations.models import FoundOrganization
from platform_api.subscriptions.repository import Subscribed, Subscriptions


async def subscribed_to(session: AsyncSession, organization: uuid.UUID, id: uuid.UUID) -> Subscribed:
    """Raises NotFound."""
    for one in await Subscriptions(session, organization).domain():
        if one.id == id:
            return one
    raise NotFound("there is no such subscription")


async def document_of(
    session: AsyncSession, organization: FoundOrganization, row: InvoiceRow
) -> dict[str, Any]:
    """That of a draft changes with each event. Earlier ones that are not final yet are left to themselves."""
    if row.document is not None:
        return row.document
    subscribed = await subscribed_to(session, organization.id, row.subscription_id)
    earlier = {
        one.period_number for one in await Invoices(session, organization.id).open(row.subscription_id)
    }
    composed = await Composing(session, organization.id, subscribed).compose(row.period_number, earlier)
    heading = Heading(row.id, row.subscription_id, organization.slug, organization.name)
    return invoice_document(heading, composed.invoice)
