from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from platform_api.accounts.models import MOMENT


class OperatorEntry(SQLModel, table=True):
    """What was done to the server itself, or to an account, in no organisation."""

    __tablename__ = "operator_entries"

    number: int | None = Field(
        default=None, primary_key=True, sa_type=sa.BigInteger, sa_column_args=(sa.Identity(always=True),)
    )
    at: datetime = Field(sa_type=MOMENT)
    actor: dict[str, str] = Field(sa_type=JSONB)
    action: str
    subject: str
    request_id: str
    before: dict[str, Any] | None = Field(default=None, sa_type=JSONB)
    after: dict[str, Any] | None = Field(default=None, sa_type=JSONB)
