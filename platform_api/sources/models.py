from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from platform_api.accounts.models import MOMENT
from platform_api.identifiers import new_id


class Source(SQLModel, table=True):
    """`archive` is a tar.gz of a project's folder, None once it is forgotten, `digest` its SHA-256 in hexadecimal
    digits. It was sent last at `sent_at`."""

    __tablename__ = "sources"

    organization_id: uuid.UUID
    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    project_id: uuid.UUID
    digest: str
    archive: bytes | None = Field(repr=False)
    created_at: datetime = Field(sa_type=MOMENT)
    sent_at: datetime = Field(sa_type=MOMENT)
    created_by: dict[str, str] = Field(sa_type=JSONB)
