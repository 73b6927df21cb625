from __future__ import annotations

import uuid
from datetime import datetime
from decimal import Decimal

from sqlmodel import Field, SQLModel

from cygni.billing.credits import DEFAULT_PRIORITY
from platform_api.accounts.models import MOMENT
from platform_api.identifiers import new_id


class CreditGrant(SQLModel, table=True):
    """`amount` was given, or paid before (`prepaid`). One that was voided pays nothing any more."""

    __tablename__ = "credit_grants"

    organization_id: uuid.UUID
    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    amount: Decimal
    currency: str
    start_at: datetime = Field(sa_type=MOMENT)
    end_at: datetime | None = Field(default=None, sa_type=MOMENT)
    priority: int = DEFAULT_PRIORITY
    prepaid: bool = False
    reason: str
    voided_at: datetime | None = Field(default=None, sa_type=MOMENT)
    created_at: datetime = Field(sa_type=MOMENT)
