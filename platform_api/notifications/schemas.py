from __future__ import annotations

import uuid
from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from platform_api.notifications.occasions import Occasion
from platform_api.text import Email, Name, Slug
from platform_api.webhooks.destinations import LONGEST_URL

Occasions = Annotated[list[Occasion], Field(min_length=1, max_length=len(Occasion))]


class _Create(BaseModel):
    """`project` keeps it to one project."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    project: Slug | None = None
    occasions: Occasions = Field(default=list(Occasion))
    description: Name | None = None


class EmailCreate(_Create):
    kind: Literal["email"]
    addresses: Annotated[list[Email], Field(min_length=1, max_length=20)]


class SlackCreate(_Create):
    """`url` is that of an incoming webhook. It is kept as secrets are, and never shown again."""

    kind: Literal["slack"]
    url: Annotated[SecretStr, Field(max_length=LONGEST_URL)]


NotificationCreate = Annotated[EmailCreate | SlackCreate, Field(discriminator="kind")]


class NotificationUpdate(BaseModel):
    """What is left out stays. `enabled` switches one on again that was switched off, by Slack too."""

    model_config = ConfigDict(extra="forbid")

    occasions: Occasions | None = None
    description: Name | None = None
    enabled: bool | None = None


class NotificationPublic(BaseModel):
    """`project_id` is null for all projects."""

    model_config = ConfigDict(from_attributes=True)

    id: uuid.UUID
    kind: Literal["email", "slack"]
    project_id: uuid.UUID | None
    addresses: list[str]
    occasions: list[Occasion]
    description: str
    disabled_at: datetime | None
    disabled_because: str | None
    version: int
    created_at: datetime


class NotificationList(BaseModel):
    items: list[NotificationPublic]


class NotificationDeliveryPublic(BaseModel):
    """`due_at` is when it is tried next; null where it was taken, or nothing is left to try. `last_status` is a status
    of HTTP for Slack, and a reply code of SMTP for email."""

    model_config = ConfigDict(from_attributes=True)

    id: uuid.UUID
    occasion: str
    created_at: datetime
    attempts: int
    due_at: datetime | None
    delivered_at: datetime | None
    last_status: int | None
    last_error: str | None


class NotificationDeliveryList(BaseModel):
    items: list[NotificationDeliveryPublic]
