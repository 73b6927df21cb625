from __future__ import annotations

import uuid
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from cygni.billing.budgets import THRESHOLDS, BudgetKind, BudgetState
from platform_api.text import Slug

Amount = Annotated[Decimal, Field(gt=0, le=10**15, decimal_places=9, examples=["250"])]
Threshold = Annotated[Literal[50, 75, 80, 90, 100], Field(examples=[80])]
Thresholds = Annotated[list[Threshold], Field(max_length=len(THRESHOLDS))]
GraceHours = Annotated[int, Field(ge=0, le=24 * 31, examples=[24])]


class BudgetCreate(BaseModel):
    """Of all of the organization, of a `project`, or of an `environment` of it. `units` are of a `meter`, in a billing
    period; `spend` is what that comes to by the plan, before credits and tax (of a project its share of what each
    meter costs, without fees); `cloud_cost` is what is deployed costs at AWS by Cygni's estimate, in USD a month.

    People are told at `thresholds`, in percent, and with `forecast` where the pace so far leads beyond. With
    `hard_limit` deployments are refused that need more than is left. `grace_hours` after it is used up
    `pause_previews` scales services of preview environments to nothing, and `scale_to_floor` those of others to the
    fewest tasks that they may have. Nothing is deleted."""

    model_config = ConfigDict(extra="forbid")

    name: Slug
    project: Slug | None = None
    environment: Slug | None = None
    kind: BudgetKind
    meter: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,62}$")] | None = None
    amount: Amount
    thresholds: Thresholds = Field(default=list(THRESHOLDS))
    forecast: bool = True
    hard_limit: bool = False
    grace_hours: GraceHours = 24
    pause_previews: bool = False
    scale_to_floor: bool = False

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if (self.kind is BudgetKind.UNITS) != (self.meter is not None):
            raise ValueError("a budget of units, and no other, has a meter")
        if self.environment is not None and self.project is None:
            raise ValueError("an environment is one of a project")
        return self


class BudgetUpdate(BaseModel):
    """What is left out stays. What a budget is of does not change: make another one."""

    model_config = ConfigDict(extra="forbid")

    amount: Amount | None = None
    thresholds: Thresholds | None = None
    forecast: bool | None = None
    hard_limit: bool | None = None
    grace_hours: GraceHours | None = None
    pause_previews: bool | None = None
    scale_to_floor: bool | None = None


class BudgetPublic(BaseModel):
    """`used` in the period from `start` until before `end`, whose days are those of the time zone `zone`, `reserved` by
    deployments that are under way, and `left` for others, in `unit`. `forecast_amount` is what the period comes to by
    the pace so far; null where a tenth of it is not over yet. `state` goes by all that; `used_up_since` is when a
    worker saw it first, up to a minute later."""

    id: uuid.UUID
    name: str
    project: str | None
    environment: str | None
    kind: BudgetKind
    meter: str | None
    unit: str
    amount: Decimal
    used: Decimal
    reserved: Decimal
    left: Decimal
    forecast_amount: Decimal | None
    start: datetime
    end: datetime
    zone: Annotated[str, Field(examples=["Europe/Berlin"])]
    thresholds: list[int]
    forecast: bool
    hard_limit: bool
    grace_hours: int
    pause_previews: bool
    scale_to_floor: bool
    state: BudgetState
    used_up_since: datetime | None
    version: int
    created_at: datetime


class BudgetList(BaseModel):
    items: list[BudgetPublic]


class BudgetAlertPublic(BaseModel):
    """`threshold` is in percent, or `forecast`; `lapsed_at` is when the budget was raised above it again."""

    model_config = ConfigDict(from_attributes=True)

    id: uuid.UUID
    at: datetime
    threshold: str
    used: Decimal
    amount: Decimal
    period_start: datetime
    lapsed_at: datetime | None


class BudgetAlertList(BaseModel):
    items: list[BudgetAlertPublic]
