from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from platform_api.accounts.models import MOMENT


class IdempotencyKey(SQLModel, table=True):
    """What was answered to a request; `actor_id` sent it."""

    __tablename__ = "idempotency_keys"

    organization_id: uuid.UUID = Field(primary_key=True)
    actor_id: uuid.UUID = Field(primary_key=True)
    key: str = Field(primary_key=True)
    request_hash: bytes
    status: int
    response: dict[str, Any] = Field(sa_type=JSONB)
    created_at: datetime = Field(sa_type=MOMENT)
