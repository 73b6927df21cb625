from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from platform_api.accounts.models import MOMENT
from platform_api.identifiers import new_id


class Webhook(SQLModel, table=True):
    """`events` are types such as `deployment.succeeded`, families such as `deployment.*`, or `*`. `generation` counts
    its secrets; the one before signs too until `previous_until`. `disabled_at` is when it was switched off, by
    somebody or because its receiver is gone."""

    __tablename__ = "webhooks"

    organization_id: uuid.UUID
    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    url: str
    description: str = ""
    events: list[str] = Field(sa_type=sa.ARRAY(sa.Text))
    generation: int = 1
    previous_until: datetime | None = Field(default=None, sa_type=MOMENT)
    disabled_at: datetime | None = Field(default=None, sa_type=MOMENT)
    disabled_because: str | None = None
    version: int = 1
    created_at: datetime = Field(sa_type=MOMENT)


class WebhookDelivery(SQLModel, table=True):
    """One event for one webhook. `attempts` were made; the next is due at `due_at`, which is null when none is left.
    While one is being made, `claimed_until` keeps other workers from it."""

    __tablename__ = "webhook_deliveries"

    organization_id: uuid.UUID
    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    webhook_id: uuid.UUID
    type: str
    payload: dict[str, Any] = Field(sa_type=JSONB)
    created_at: datetime = Field(sa_type=MOMENT)
    attempts: int = 0
    due_at: datetime | None = Field(default=None, sa_type=MOMENT)
    claimed_until: datetime | None = Field(default=None, sa_type=MOMENT)
    delivered_at: datetime | None = Field(default=None, sa_type=MOMENT)
    last_status: int | None = None
    last_error: str | None = None
