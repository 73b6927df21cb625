from __future__ import annotations

import uuid
from datetime import datetime

from sqlmodel import Field, SQLModel

from platform_api.accounts.models import MOMENT
from platform_api.identifiers import new_id


class Invitation(SQLModel, table=True):
    """`role` is what the guest gets in all projects; None for a member of single projects."""

    __tablename__ = "invitations"

    organization_id: uuid.UUID
    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    public_id: str
    secret_hash: bytes = Field(repr=False)
    email: str
    role: str | None = None
    invited_by: uuid.UUID | None = None
    created_at: datetime = Field(sa_type=MOMENT)
    expires_at: datetime = Field(sa_type=MOMENT)
    accepted_at: datetime | None = Field(default=None, sa_type=MOMENT)
