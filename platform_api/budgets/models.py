from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from cygni.billing.budgets import BudgetKind, BudgetState, Ladder, Limits, Position, is_used_up
from platform_api.accounts.models import MOMENT
from platform_api.identifiers import new_id


class Budget(SQLModel, table=True):
    """Of an organisation, of one project, or of one environment of it. `amount` is in the unit of `meter`, or in
    `currency`.

    `state` is what was found at the last look, in the period from `period_start` on, in which it is used up since
    `used_up_since`. The next look is due at `due_at`.
    """

    __tablename__ = "budgets"

    organization_id: uuid.UUID
    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    project_id: uuid.UUID | None = None
    environment_id: uuid.UUID | None = None
    name: str
    kind: str
    meter: str | None = None
    currency: str | None = None
    amount: Decimal
    thresholds: list[int] = Field(sa_type=sa.ARRAY(sa.Integer))
    forecast: bool = True
    hard_limit: bool = False
    grace_hours: int = 0
    pause_previews: bool = False
    scale_to_floor: bool = False
    state: str = BudgetState.OK
    period_start: datetime | None = Field(default=None, sa_type=MOMENT)
    used_up_since: datetime | None = Field(default=None, sa_type=MOMENT)
    due_at: datetime = Field(sa_type=MOMENT)
    version: int = 1
    created_at: datetime = Field(sa_type=MOMENT)

    @property
    def limits(self) -> Limits:
        return Limits(
            Fraction(self.amount),
            frozenset(self.thresholds),
            self.hard_limit,
            timedelta(hours=self.grace_hours),
        )

    @property
    def ladder(self) -> Ladder:
        return Ladder(self.pause_previews, self.scale_to_floor)

    def seen_used_up(self, position: Position) -> datetime | None:
        """Since when it is known that it is used up at `position`; None where it is not, or nobody has looked since. A
        new period begins anew; what is deployed goes on."""
        goes_on = self.period_start == position.period.start or self.kind == BudgetKind.CLOUD_COST
        return self.used_up_since if goes_on and is_used_up(self.limits, position) else None


class BudgetAlert(SQLModel, table=True):
    """That people were told, once in a period: at a threshold in percent, or of the `forecast`. One that an amount
    which was raised since takes back has `lapsed_at`: it is told again where it is reached again."""

    __tablename__ = "budget_alerts"

    organization_id: uuid.UUID
    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    budget_id: uuid.UUID
    period_start: datetime = Field(sa_type=MOMENT)
    threshold: str
    used: Decimal
    amount: Decimal
    at: datetime = Field(sa_type=MOMENT)
    lapsed_at: datetime | None = Field(default=None, sa_type=MOMENT)


class BudgetReservation(SQLModel, table=True):
    """What a deployment needs while it is not over: one deployment, and `monthly` USD more of what is deployed, once
    its plan is to be applied."""

    __tablename__ = "budget_reservations"

    organization_id: uuid.UUID
    deployment_id: uuid.UUID = Field(primary_key=True)
    project_id: uuid.UUID
    environment_id: uuid.UUID
    monthly: Decimal = Decimal(0)
    created_at: datetime = Field(sa_type=MOMENT)


class BudgetMeasure(SQLModel, table=True):
    """What was done to an environment where something is used up, or not paid: its services ran `before` so many tasks
    and are to run `counts`, by the deployment that `deployment_id` names. One holds at a time, until `undone_at`;
    `because` is the name of a budget, or empty where an invoice is not paid."""

    __tablename__ = "budget_measures"

    organization_id: uuid.UUID
    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    environment_id: uuid.UUID
    step: str
    because: str
    before: dict[str, int] = Field(sa_type=JSONB)
    counts: dict[str, int] = Field(sa_type=JSONB)
    deployment_id: uuid.UUID
    began_at: datetime = Field(sa_type=MOMENT)
    undone_at: datetime | None = Field(default=None, sa_type=MOMENT)


class PaymentNotice(SQLModel, table=True):
    """That people were told, once, of an invoice that is overdue."""

    __tablename__ = "payment_notices"

    organization_id: uuid.UUID
    invoice_id: uuid.UUID = Field(primary_key=True)
    notice: str = Field(primary_key=True)
    at: datetime = Field(sa_type=MOMENT)
