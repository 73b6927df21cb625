"""Forgetting what was told long ago, or could not be."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

import sqlalchemy as sa
from sqlmodel import col

from platform_api.database.transactions import Database, Scope
from platform_api.notifications.models import NotificationDelivery
from platform_api.webhooks.models import WebhookDelivery

KEPT: Final = timedelta(days=90)
"""How long deliveries that are over can be looked at and sent again."""


async def forget_old_deliveries(database: Database) -> None:
    """Of all tenants, those for which nothing is left to do; `database` is connected as the workers' role."""
    async with database.transaction(Scope()) as session:
        for table in (WebhookDelivery, NotificationDelivery):
            over = col(table.due_at).is_(None), col(table.created_at) < sa.func.now() - KEPT
            await session.execute(sa.delete(table).where(*over).execution_options(synchronize_session=False))
