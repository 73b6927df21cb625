from __future__ import annotations

import uuid
from datetime import date, datetime
from decimal import Decimal

from sqlmodel import Field, SQLModel

from platform_api.accounts.models import MOMENT
from platform_api.identifiers import new_id


class SubscriptionRow(SQLModel, table=True):
    """What an organisation is billed by, in `currency`. Periods of `months` begin on the day of `anchor`, in the time
    zone `zone`; it is free until `trial_end`, ends with `end_at`, and `tax_rate` percent come on top."""

    __tablename__ = "subscriptions"

    organization_id: uuid.UUID
    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    currency: str
    anchor: date
    zone: str
    months: int
    trial_end: datetime | None = Field(default=None, sa_type=MOMENT)
    end_at: datetime | None = Field(default=None, sa_type=MOMENT)
    tax_rate: Decimal
    version: int = 1
    created_at: datetime = Field(sa_type=MOMENT)


class SubscriptionPhase(SQLModel, table=True):
    """From `start_at` on, that version of the plan holds. The first one begins the subscription."""

    __tablename__ = "subscription_phases"

    organization_id: uuid.UUID
    subscription_id: uuid.UUID = Field(primary_key=True)
    start_at: datetime = Field(primary_key=True, sa_type=MOMENT)
    plan_key: str
    plan_version: int
