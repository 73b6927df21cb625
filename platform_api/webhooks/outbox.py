"""What happened, written down for every webhook that wants it, in the transaction in which it happens."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from platform_api.webhooks.models import Webhook, WebhookDelivery


async def announce(
    session: AsyncSession, organization: uuid.UUID, type: str, data: Mapping[str, Any], now: datetime
) -> int:
    """For how many webhooks. `data` holds no secrets, and is small: receivers ask the API for more."""
    family = f"{type.partition('.')[0]}.*"
    wanted = col(Webhook.events).op("&&", is_comparison=True)(["*", family, type])
    asked = select(Webhook.id).where(
        col(Webhook.organization_id) == organization, col(Webhook.disabled_at).is_(None), wanted
    )
    found = (await session.scalars(asked)).all()
    for webhook in found:
        session.add(delivery(organization, webhook, type, data, now))
    return len(found)


def delivery(
    organization: uuid.UUID, webhook: uuid.UUID, type: str, data: Mapping[str, Any], now: datetime
) -> WebhookDelivery:
    """One that is due at once."""
    payload = {"type": type, "timestamp": now.isoformat(), "data": dict(data)}
    return WebhookDelivery(
        organization_id=organization,
        webhook_id=webhook,
        type=type,
        payload=payload,
        created_at=now,
        due_at=now,
    )
