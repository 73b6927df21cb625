from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import BigInteger
from sqlmodel import Field, SQLModel

from platform_api.accounts.models import MOMENT


class StripeCustomerRow(SQLModel, table=True):
    """Who an organisation is in Stripe. `payment_method` is in words; None where there is none to collect by.
    `checked_out_at` is when the checkout began that set it up, if one did."""

    __tablename__ = "stripe_customers"

    organization_id: uuid.UUID = Field(primary_key=True)
    customer: str
    payment_method: str | None = None
    checked_out_at: datetime | None = Field(default=None, sa_type=MOMENT)
    created_at: datetime = Field(sa_type=MOMENT)


class StripeExport(SQLModel, table=True):
    """How far the hours of an organisation are in the outbox: all that were over at `read_at`, with revisions up to
    `revision`. `next_revision` takes its place later: a transaction that had a lower one may not have ended yet."""

    __tablename__ = "stripe_exports"

    organization_id: uuid.UUID = Field(primary_key=True)
    revision: int = Field(sa_type=BigInteger)
    read_at: datetime = Field(sa_type=MOMENT)
    next_revision: int = Field(sa_type=BigInteger)
    next_read_at: datetime = Field(sa_type=MOMENT)


class StripeMeterHour(SQLModel, table=True):
    """`counted` units of a meter's hour went into the outbox or were set off; `seq` is the number of its last row."""

    __tablename__ = "stripe_meter_hours"

    organization_id: uuid.UUID = Field(primary_key=True)
    meter: str = Field(primary_key=True)
    hour: datetime = Field(primary_key=True, sa_type=MOMENT)
    counted: int = Field(sa_type=BigInteger)
    seq: int


class StripeMeterDebt(SQLModel, table=True):
    """`owed` units were sent too much, and are kept from later usage."""

    __tablename__ = "stripe_meter_debts"

    organization_id: uuid.UUID = Field(primary_key=True)
    meter: str = Field(primary_key=True)
    owed: int = Field(sa_type=BigInteger)


class StripeUsage(SQLModel, table=True):
    """One meter event of the outbox. `state` is one of `meter_events.State`; `first_sent_at` is written down before
    it is sent for the first time. While somebody has it, `claimed_until` keeps others from it."""

    __tablename__ = "stripe_usage"

    organization_id: uuid.UUID = Field(primary_key=True)
    meter: str = Field(primary_key=True)
    hour: datetime = Field(primary_key=True, sa_type=MOMENT)
    seq: int = Field(primary_key=True)
    identifier: str
    value: int = Field(sa_type=BigInteger)
    state: str
    attempts: int = 0
    created_at: datetime = Field(sa_type=MOMENT)
    first_sent_at: datetime | None = Field(default=None, sa_type=MOMENT)
    due_at: datetime | None = Field(default=None, sa_type=MOMENT)
    claimed_until: datetime | None = Field(default=None, sa_type=MOMENT)
    last_error: str | None = None


class StripeInvoiceRow(SQLModel, table=True):
    """What Stripe has in place of one of our invoices. `status` is the one it had when it was last seen, `version` that
    of ours; `failed_at` when it was seen that collecting it failed. `due_at` is when both sides are compared next."""

    __tablename__ = "stripe_invoices"

    organization_id: uuid.UUID
    invoice_id: uuid.UUID = Field(primary_key=True)
    stripe_invoice: str | None = None
    status: str | None = None
    version: int | None = None
    failed_at: datetime | None = Field(default=None, sa_type=MOMENT)
    attempts: int = 0
    due_at: datetime | None = Field(default=None, sa_type=MOMENT)
    claimed_until: datetime | None = Field(default=None, sa_type=MOMENT)
    last_error: str | None = None


class StripeEvent(SQLModel, table=True):
    """Something that Stripe told, by its `id`: of what type, and about which object. What it says of the object is not
    kept: that is asked for when the event is acted on."""

    __tablename__ = "stripe_events"

    id: str = Field(primary_key=True)
    type: str
    object: str
    received_at: datetime = Field(sa_type=MOMENT)
    attempts: int = 0
    due_at: datetime | None = Field(default=None, sa_type=MOMENT)
    claimed_until: datetime | None = Field(default=None, sa_type=MOMENT)
    last_error: str | None = None
