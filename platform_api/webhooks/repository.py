"""Queries for the webhooks of one organisation."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select
from sqlmodel.sql.expression import SelectOfScalar

from cygni.errors import NotFound
from platform_api.webhooks.models import Webhook, WebhookDelivery


class Webhooks:
    def __init__(self, session: AsyncSession, organization: uuid.UUID) -> None:
        self._session = session
        self._organization = organization

    async def all(self) -> Sequence[Webhook]:
        return (await self._session.scalars(self._mine().order_by(col(Webhook.id)))).all()

    async def existing(self, id: uuid.UUID, *, for_update: bool = False) -> Webhook:
        """`for_update` locked until the transaction ends. Raises NotFound."""
        asked = self._mine().where(col(Webhook.id) == id)
        found = await self._session.scalar(asked.with_for_update() if for_update else asked)
        if found is None:
            raise NotFound("there is no such webhook")
        return found

    def add(self, webhook: Webhook) -> None:
        self._session.add(webhook)

    async def delete(self, webhook: Webhook) -> None:
        """With what was to be delivered to it."""
        await self._session.delete(webhook)

    def _mine(self) -> SelectOfScalar[Webhook]:
        return select(Webhook).where(col(Webhook.organization_id) == self._organization)


class Deliveries:
    def __init__(self, session: AsyncSession, webhook: Webhook) -> None:
        self._session = session
        self._webhook = webhook

    async def before(self, id: uuid.UUID | None, limit: int) -> Sequence[WebhookDelivery]:
        """The newest first, of those before `id`."""
        asked = self._mine().order_by(col(WebhookDelivery.id).desc()).limit(limit)
        if id is not None:
            asked = asked.where(col(WebhookDelivery.id) < id)
        return (await self._session.scalars(asked)).all()

    async def existing(self, id: uuid.UUID) -> WebhookDelivery:
        """Raises NotFound."""
        found = await self._session.scalar(self._mine().where(col(WebhookDelivery.id) == id))
        if found is None:
            raise NotFound("there is no such delivery")
        return found

    def add(self, delivery: WebhookDelivery) -> None:
        self._session.add(delivery)

    def _mine(self) -> SelectOfScalar[WebhookDelivery]:
        return select(WebhookDelivery).where(
            col(WebhookDelivery.organization_id) == self._webhook.organization_id,
            col(WebhookDelivery.webhook_id) == self._webhook.id,
        )
