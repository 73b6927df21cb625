from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict

from platform_api.text import Email


class OperatorAdd(BaseModel):
    model_config = ConfigDict(extra="forbid")

    email: Email


class OperatorPublic(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: uuid.UUID
    email: str
    name: str


class OperatorList(BaseModel):
    items: list[OperatorPublic]


class OperatorEntryPublic(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    number: int
    at: datetime
    actor: dict[str, str]
    action: str
    subject: str
    request_id: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None


class OperatorEntryList(BaseModel):
    items: list[OperatorEntryPublic]
    next: str | None
