from __future__ import annotations

import uuid
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from platform_api.accounts.models import MOMENT


class CustomRole(SQLModel, table=True):
    """`permissions` are values of `Permission`. Members, guests and projects' members have it by its `name`; it stays
    as it was made for as long as somebody does."""

    __tablename__ = "roles"

    organization_id: uuid.UUID = Field(primary_key=True)
    name: str = Field(primary_key=True)
    permissions: list[str] = Field(sa_type=sa.ARRAY(sa.Text))
    created_at: datetime = Field(sa_type=MOMENT)
