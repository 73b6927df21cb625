from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from platform_api.accounts.models import MOMENT
from platform_api.outbox.models import Delivery, Recipient
from platform_api.secrets.encryption import Place
from platform_api.secrets.models import Sealed

EMAIL, SLACK = "email", "slack"


class Notification(Recipient, table=True):
    """Who is told what: `addresses` of email, or a channel of Slack, whose URL is a `NotificationUrl`. Of one project,
    or of all where `project_id` is null."""

    __tablename__ = "notifications"

    project_id: uuid.UUID | None = None
    kind: str
    addresses: list[str] = Field(sa_type=sa.ARRAY(sa.Text))
    occasions: list[str] = Field(sa_type=sa.ARRAY(sa.Text))
    description: str = ""
    version: int = 1
    created_at: datetime = Field(sa_type=MOMENT)


class NotificationUrl(Sealed, table=True):
    """Whoever has it may write into the channel, so it is kept as secrets are, and never shown."""

    __tablename__ = "notification_urls"

    organization_id: uuid.UUID
    notification_id: uuid.UUID = Field(primary_key=True)

    @property
    def place(self) -> Place:
        return Place(self.organization_id, self.notification_id, 1)


class NotificationDelivery(Delivery, table=True):
    __tablename__ = "notification_deliveries"

    notification_id: uuid.UUID
    occasion: str
    data: dict[str, Any] = Field(sa_type=JSONB)
