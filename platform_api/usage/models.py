from __future__ import annotations

import uuid
from datetime import datetime
from decimal import Decimal

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from platform_api.accounts.models import MOMENT


class UsageEvent(SQLModel, table=True):
    """`quantity` of `meter` at `at`, as `source` tells it under its `id`; sent again it is the same event. `project`
    and `environment` are empty where it belongs to none. `digest` is of what was told. `number` orders events by their
    arrival. One that was taken back has `void_at`; what stands for it names it in `corrects_source` and `corrects_id`.
    """

    __tablename__ = "usage_events"

    organization_id: uuid.UUID = Field(primary_key=True)
    source: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    meter: str
    at: datetime = Field(sa_type=MOMENT)
    quantity: Decimal
    subject: str
    project: str
    environment: str
    digest: bytes
    number: int | None = Field(
        default=None, sa_column_kwargs={"server_default": sa.text("nextval('usage_revisions')")}
    )
    received_at: datetime = Field(sa_type=MOMENT)
    corrects_source: str | None = None
    corrects_id: str | None = None
    void_at: datetime | None = Field(default=None, sa_type=MOMENT)


class UsageHour(SQLModel, table=True):
    """All events of a meter in one hour, in one environment. `revision` grows with each change of any hour, so that
    what changed since a bill can be found."""

    __tablename__ = "usage_hours"

    organization_id: uuid.UUID = Field(primary_key=True)
    meter: str = Field(primary_key=True)
    hour: datetime = Field(primary_key=True, sa_type=MOMENT)
    project: str = Field(primary_key=True)
    environment: str = Field(primary_key=True)
    count: int
    total: Decimal
    largest: Decimal | None
    revision: int


class CustomMeter(SQLModel, table=True):
    """A meter of an organisation's own. `aggregation` is one of `cygni.billing.meters.Aggregation`."""

    __tablename__ = "meters"

    organization_id: uuid.UUID = Field(primary_key=True)
    key: str = Field(primary_key=True)
    name: str
    unit: str
    aggregation: str
    created_at: datetime = Field(sa_type=MOMENT)
