from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Field, SQLModel

from platform_api.accounts.models import MOMENT
from platform_api.identifiers import new_id


class Organization(SQLModel, table=True):
    __tablename__ = "organizations"

    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    slug: str
    name: str
    version: int = 1
    created_at: datetime = Field(sa_type=MOMENT)


@dataclass(frozen=True, slots=True)
class FoundOrganization:
    """As its row has it, for who reads it alone."""

    id: uuid.UUID
    slug: str
    name: str
    version: int
    created_at: datetime


class OrganizationMember(SQLModel, table=True):
    """`role`, one of `Role` or a role of the organisation's own, holds in all projects. Somebody without one may what
    single projects allow them."""

    __tablename__ = "organization_members"

    organization_id: uuid.UUID = Field(primary_key=True)
    user_id: uuid.UUID = Field(primary_key=True)
    role: str | None = None
    created_at: datetime = Field(sa_type=MOMENT)
