from __future__ import annotations

import uuid
from datetime import datetime
from decimal import Decimal
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from cygni.billing.credits import DEFAULT_PRIORITY
from platform_api.plans.schemas import Currency, Moment
from platform_api.text import Name


class CreditCreate(BaseModel):
    """`amount` may be used for periods that end from `start` (now where that is null) until `end`. Credits with a lower
    `priority` are used first. `prepaid` ones were paid for, others were given."""

    model_config = ConfigDict(extra="forbid")

    amount: Annotated[Decimal, Field(gt=0, le=10**12, decimal_places=4)]
    currency: Currency
    start: Moment | None = None
    end: Moment | None = None
    priority: Annotated[int, Field(ge=0, le=100)] = DEFAULT_PRIORITY
    prepaid: bool = False
    reason: Name


class CreditPublic(BaseModel):
    """`remaining` of `amount` is left: invoices that were voided have used nothing."""

    id: uuid.UUID
    amount: Decimal
    remaining: Decimal
    currency: str
    start: datetime
    end: datetime | None
    priority: int
    prepaid: bool
    reason: str
    voided_at: datetime | None
    created_at: datetime


class CreditList(BaseModel):
    items: list[CreditPublic]
