from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from platform_api.accounts.models import MOMENT
from platform_api.identifiers import new_id


class Inquiry(SQLModel, table=True):
    """`arguments` are what the command `kind` of `cx` is told, `as_json` whether it answers programs. Somebody listened
    at `heard_at` last. `worker` answers until `lease_expires_at`; by the database's clock all of them. `last_line` is
    the number of the last line."""

    __tablename__ = "inquiries"

    organization_id: uuid.UUID
    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    project_id: uuid.UUID
    environment_id: uuid.UUID
    source_id: uuid.UUID
    kind: str
    arguments: dict[str, Any] = Field(sa_type=JSONB)
    as_json: bool
    actor: dict[str, str] = Field(sa_type=JSONB)
    created_at: datetime = Field(sa_type=MOMENT)
    heard_at: datetime = Field(sa_type=MOMENT)
    worker: str | None = None
    lease_expires_at: datetime | None = Field(default=None, sa_type=MOMENT)
    finished_at: datetime | None = Field(default=None, sa_type=MOMENT)
    last_line: int = Field(default=0, sa_type=sa.BigInteger)


class InquiryLine(SQLModel, table=True):
    """`number` counts from 1 in each inquiry. `kind` is `wrote` for stdout, `said` for what is for people, each with
    `text`, and `ended` of the last one, with the `error` that it ended with, or null."""

    __tablename__ = "inquiry_lines"

    organization_id: uuid.UUID
    inquiry_id: uuid.UUID = Field(primary_key=True)
    number: int = Field(primary_key=True, sa_type=sa.BigInteger)
    kind: str
    data: dict[str, Any] = Field(sa_type=JSONB)
