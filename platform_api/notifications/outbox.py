"""What happened, written down for every notification that wants it, in the transaction in which it happens."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from platform_api.notifications.models import Notification, NotificationDelivery
from platform_api.notifications.occasions import Occasion


async def notify(
    session: AsyncSession,
    organization: uuid.UUID,
    project: uuid.UUID | None,
    occasion: Occasion,
    data: Mapping[str, Any],
    now: datetime,
) -> None:
    """`data` is what `text_of` takes, and holds no secrets. What is of no `project` is told where all are."""
    asked = select(Notification.id).where(
        col(Notification.organization_id) == organization,
        sa.or_(col(Notification.project_id).is_(None), col(Notification.project_id) == project),
        col(Notification.disabled_at).is_(None),
        col(Notification.occasions).op("@>", is_comparison=True)([occasion.value]),
    )
    for notification in (await session.scalars(asked)).all():
        session.add(delivery(organization, notification, occasion, data, now))


def delivery(
    organization: uuid.UUID, notification: uuid.UUID, occasion: str, data: Mapping[str, Any], now: datetime
) -> NotificationDelivery:
    """One that is due at once."""
    return NotificationDelivery(
        organization_id=organization,
        notification_id=notification,
        occasion=occasion,
        data=dict(data),
        created_at=now,
        due_at=now,
    )
