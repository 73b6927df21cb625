from __future__ import annotations

import uuid
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated
from zoneinfo import available_timezones

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from platform_api.plans.schemas import Moment, PlanKey


def _known(zone: str) -> str:
    if zone not in available_timezones():
        raise ValueError("there is no such time zone: IANA's names look like Europe/Berlin")
    return zone


Zone = Annotated[
    str, StringConstraints(max_length=64), AfterValidator(_known), Field(examples=["Europe/Berlin"])
]
TaxRate = Annotated[Decimal, Field(ge=0, le=100, decimal_places=4)]


class SubscriptionSet(BaseModel):
    """`plan` holds from `at` on: from now on where that is null. The newest `version` where that is null.

    `zone`, `anchor` (the day on which periods begin), `months` of a period and `trial_days` are said where a
    subscription begins. `tax_rate` is in percent, and holds for invoices from now on.
    """

    model_config = ConfigDict(extra="forbid")

    plan: PlanKey
    version: Annotated[int, Field(ge=1, le=2**31 - 1)] | None = None
    at: Moment | None = None
    zone: Zone | None = None
    anchor: date | None = None
    months: Annotated[int, Field(ge=1, le=36)] | None = None
    trial_days: Annotated[int, Field(ge=0, le=730)] | None = None
    tax_rate: TaxRate | None = None


class PhasePublic(BaseModel):
    start: datetime
    plan: PlanKey
    version: int


class PeriodPublic(BaseModel):
    """From `start` until before `end`."""

    start: datetime
    end: datetime


class SubscriptionPublic(BaseModel):
    """`plan` is what holds now, or begins with it; `period` the one that goes on, or the first one. `end` is null
    where it goes on."""

    id: uuid.UUID
    plan: PlanKey
    version: int
    currency: str
    on_trial: bool
    trial_end: datetime | None
    start: datetime
    end: datetime | None
    zone: str
    anchor: date
    months: int
    tax_rate: str
    period: PeriodPublic
    phases: list[PhasePublic]
    limits: dict[str, int]
