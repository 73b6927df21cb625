from __future__ import annotations

import uuid
from datetime import datetime
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from cygni.errors import UsageError
from cygni.wording import did_you_mean, quoted
from platform_api.text import Name
from platform_api.webhooks.destinations import LONGEST_URL, check_url
from platform_api.webhooks.events import FAMILIES, TYPES


def _url(value: str) -> str:
    try:
        check_url(value)
    except UsageError as error:
        raise ValueError(error.message) from None
    return value


def _event(value: str) -> str:
    if value not in {"*", *FAMILIES, *TYPES}:
        known = (
            did_you_mean(value, (*FAMILIES, *TYPES))
            or f"; there are *, {', '.join(FAMILIES)} and each of theirs"
        )
        raise ValueError(f"there is no event {quoted(value)}{known}")
    return value


Url = Annotated[str, StringConstraints(max_length=LONGEST_URL), AfterValidator(_url)]
Event = Annotated[str, StringConstraints(max_length=100), AfterValidator(_event)]
Events = Annotated[list[Event], Field(min_length=1, max_length=50)]


class WebhookCreate(BaseModel):
    """`events` are types, families (`deployment.*`) or `*`."""

    model_config = ConfigDict(extra="forbid")

    url: Url
    events: Events = Field(default=["*"])
    description: Name | None = None


class WebhookUpdate(BaseModel):
    """What is left out stays. `enabled` switches one on again that was switched off, by its receiver too."""

    model_config = ConfigDict(extra="forbid")

    url: Url | None = None
    events: Events | None = None
    description: Name | None = None
    enabled: bool | None = None


class WebhookPublic(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: uuid.UUID
    url: str
    description: str
    events: list[str]
    previous_until: datetime | None
    disabled_at: datetime | None
    disabled_because: str | None
    version: int
    created_at: datetime


class WebhookSecret(WebhookPublic):
    """`secret` is shown this once; receivers check signatures with it, by Standard Webhooks."""

    secret: str


class WebhookList(BaseModel):
    items: list[WebhookPublic]


class DeliveryPublic(BaseModel):
    """`due_at` is when it is tried next; null where it was taken, or nothing is left to try."""

    model_config = ConfigDict(from_attributes=True)

    id: uuid.UUID
    type: str
    payload: dict[str, Any]
    created_at: datetime
    attempts: int
    due_at: datetime | None
    delivered_at: datetime | None
    last_status: int | None
    last_error: str | None


class DeliveryList(BaseModel):
    items: list[DeliveryPublic]
    next: str | None
