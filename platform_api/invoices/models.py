from __future__ import annotations

import uuid
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from cygni.billing.invoices import InvoiceState
from cygni.billing.periods import Period
from platform_api.accounts.models import MOMENT
from platform_api.identifiers import new_id


class InvoiceRow(SQLModel, table=True):
    """An invoice of the period `period_number` of a subscription. `step_at` is when a bill run takes it on: to its
    grace, to its end, to being overdue; null where nothing is to come by itself.

    From `finalized_at` on it has all the rest, which never changes again: `content` are the bytes of `document` that
    `digest` is of. `carried` is what it began with; `total` is due at `due_at`.
    """

    __tablename__ = "invoices"

    organization_id: uuid.UUID
    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    subscription_id: uuid.UUID
    period_number: int
    period_start: datetime = Field(sa_type=MOMENT)
    period_end: datetime = Field(sa_type=MOMENT)
    currency: str
    state: str = InvoiceState.DRAFT
    step_at: datetime | None = Field(default=None, sa_type=MOMENT)
    number: str | None = None
    subtotal: Decimal | None = None
    carried: Decimal | None = None
    total: Decimal | None = None
    document: dict[str, Any] | None = Field(default=None, sa_type=JSONB(none_as_null=True))
    content: bytes | None = None
    digest: str | None = None
    created_at: datetime = Field(sa_type=MOMENT)
    finalized_at: datetime | None = Field(default=None, sa_type=MOMENT)
    due_at: datetime | None = Field(default=None, sa_type=MOMENT)
    paid_at: datetime | None = Field(default=None, sa_type=MOMENT)
    voided_at: datetime | None = Field(default=None, sa_type=MOMENT)
    version: int = 1

    @property
    def period(self) -> Period:
        return Period(self.period_start, self.period_end)


class BilledPeriod(SQLModel, table=True):
    """That an invoice looked at a period: its own, or an earlier one again. `seen` stands for the usage and the plans
    that it found there."""

    __tablename__ = "billed_periods"

    organization_id: uuid.UUID
    invoice_id: uuid.UUID = Field(primary_key=True)
    period_number: int = Field(primary_key=True)
    seen: str


class BilledAmount(SQLModel, table=True):
    """What an invoice billed for a period by a charge, in its lines or as an adjustment."""

    __tablename__ = "billed_amounts"

    organization_id: uuid.UUID
    invoice_id: uuid.UUID = Field(primary_key=True)
    period_number: int = Field(primary_key=True)
    key: str = Field(primary_key=True)
    name: str
    amount: Decimal


class CreditUsed(SQLModel, table=True):
    """How much of a grant an invoice used; of one that is void, nothing is."""

    __tablename__ = "credit_uses"

    organization_id: uuid.UUID
    invoice_id: uuid.UUID = Field(primary_key=True)
    grant_id: uuid.UUID = Field(primary_key=True)
    amount: Decimal


class CreditNote(SQLModel, table=True):
    """`amount`, with its tax, of an invoice that need not be paid, or is given back."""

    __tablename__ = "credit_notes"

    organization_id: uuid.UUID
    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    invoice_id: uuid.UUID
    number: str
    amount: Decimal
    currency: str
    reason: str
    created_at: datetime = Field(sa_type=MOMENT)
