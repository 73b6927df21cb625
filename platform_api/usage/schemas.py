from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from cygni.billing.meters import Aggregation
from platform_api.text import Name, printable


class EventStatus(StrEnum):
    """`counted` now; `duplicate`: it was before; `conflict`: another event was, under its source and id; `refused`."""

    COUNTED = "counted"
    DUPLICATE = "duplicate"
    CONFLICT = "conflict"
    REFUSED = "refused"


class EventResult(BaseModel):
    """`code` and `detail` say why an event was not counted."""

    source: str | None
    id: str | None
    status: EventStatus
    code: str | None = None
    detail: str | None = None


class EventResults(BaseModel):
    """One for each event that was sent, in their order."""

    counted: int
    duplicates: int
    refused: int
    results: list[EventResult]


class MeterCreate(BaseModel):
    model_config = ConfigDict(extra="forbid")

    key: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,62}$")]
    name: Name
    unit: Name
    aggregation: Aggregation


class MeterPublic(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    key: str
    name: str
    unit: str
    aggregation: Aggregation


class MeterList(BaseModel):
    items: list[MeterPublic]


class UsageTotal(BaseModel):
    """`quantity` of a meter from `start` until before `end`, as a decimal; levels are averaged over that time."""

    meter: str
    unit: str
    quantity: str


class UsageSummary(BaseModel):
    start: datetime
    end: datetime
    totals: list[UsageTotal]


class UsageEventPublic(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    source: str
    id: str
    meter: str
    at: datetime
    quantity: Decimal
    subject: str
    project: str
    environment: str
    received_at: datetime
    corrects_source: str | None
    corrects_id: str | None
    void_at: datetime | None


class UsageEventList(BaseModel):
    items: list[UsageEventPublic]
    next: str | None


class Correction(BaseModel):
    """Takes the event back; with a `quantity` another one stands for it, at its time."""

    model_config = ConfigDict(extra="forbid")

    source: Annotated[str, StringConstraints(min_length=1, max_length=200), AfterValidator(printable)]
    id: Annotated[str, StringConstraints(min_length=1, max_length=200), AfterValidator(printable)]
    quantity: Annotated[Decimal, Field(ge=-(10**15), le=10**15, decimal_places=9)] | None = None
    reason: Name
