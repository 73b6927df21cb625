"""Queries for the notifications of one organisation."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select
from sqlmodel.sql.expression import SelectOfScalar

from cygni.errors import NotFound
from platform_api.notifications.models import Notification, NotificationDelivery, NotificationUrl


class Notifications:
    def __init__(self, session: AsyncSession, organization: uuid.UUID) -> None:
        self._session = session
        self._organization = organization

    async def all(self) -> Sequence[Notification]:
        return (await self._session.scalars(self._mine().order_by(col(Notification.id)))).all()

    async def existing(self, id: uuid.UUID, *, for_update: bool = False) -> Notification:
        """`for_update` locked until the transaction ends. Raises NotFound."""
        asked = self._mine().where(col(Notification.id) == id)
        found = await self._session.scalar(asked.with_for_update() if for_update else asked)
        if found is None:
            raise NotFound("there is no such notification")
        return found

    async def deliveries(self, notification: Notification, limit: int) -> Sequence[NotificationDelivery]:
        """The newest first."""
        asked = select(NotificationDelivery).where(
            col(NotificationDelivery.organization_id) == self._organization,
            col(NotificationDelivery.notification_id) == notification.id,
        )
        newest = asked.order_by(col(NotificationDelivery.id).desc()).limit(limit)
        return (await self._session.scalars(newest)).all()

    def add(self, row: Notification | NotificationUrl | NotificationDelivery) -> None:
        self._session.add(row)

    async def delete(self, notification: Notification) -> None:
        """With its URL, and what was to be delivered to it."""
        await self._session.delete(notification)

    def _mine(self) -> SelectOfScalar[Notification]:
        return select(Notification).where(col(Notification.organization_id) == self._organization)
