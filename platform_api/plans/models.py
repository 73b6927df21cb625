from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from platform_api.accounts.models import MOMENT


class Plan(SQLModel, table=True):
    """Of the server, for all organisations. An archived one goes on for those who have it, and nobody else gets it."""

    __tablename__ = "plans"

    key: str = Field(primary_key=True)
    name: str
    description: str = ""
    archived_at: datetime | None = Field(default=None, sa_type=MOMENT)
    created_at: datetime = Field(sa_type=MOMENT)


class PlanVersionRow(SQLModel, table=True):
    """Never changes. `terms` are written as `cygni.billing.terms` has them."""

    __tablename__ = "plan_versions"

    plan_key: str = Field(primary_key=True)
    version: int = Field(primary_key=True)
    currency: str
    terms: dict[str, Any] = Field(sa_type=JSONB)
    created_at: datetime = Field(sa_type=MOMENT)
