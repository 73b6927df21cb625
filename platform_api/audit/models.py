from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from platform_api.accounts.models import MOMENT


class AuditEntry(SQLModel, table=True):
    """`number` counts from 1 in each organisation; `before` and `after` hold no secret."""

    __tablename__ = "audit_entries"

    organization_id: uuid.UUID = Field(primary_key=True)
    number: int = Field(primary_key=True, sa_type=sa.BigInteger)
    at: datetime = Field(sa_type=MOMENT)
    actor: dict[str, str] = Field(sa_type=JSONB)
    action: str
    subject: str
    outcome: str
    request_id: str
    before: dict[str, Any] | None = Field(default=None, sa_type=JSONB)
    after: dict[str, Any] | None = Field(default=None, sa_type=JSONB)
    previous_hash: bytes
    hash: bytes
