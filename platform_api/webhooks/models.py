from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from platform_api.accounts.models import MOMENT
from platform_api.outbox.models import Delivery, Recipient


class Webhook(Recipient, table=True):
    """`events` are types such as `deployment.succeeded`, families such as `deployment.*`, or `*`. `generation` counts
    its secrets; the one before signs too until `previous_until`."""

    __tablename__ = "webhooks"

    url: str
    description: str = ""
    events: list[str] = Field(sa_type=sa.ARRAY(sa.Text))
    generation: int = 1
    previous_until: datetime | None = Field(default=None, sa_type=MOMENT)
    version: int = 1
    created_at: datetime = Field(sa_type=MOMENT)


class WebhookDelivery(Delivery, table=True):
    __tablename__ = "webhook_deliveries"

    webhook_id: uuid.UUID
    type: str
    payload: dict[str, Any] = Field(sa_type=JSONB)
