"""What people do with budgets: set them, change them, and see where they stand."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from cygni.billing.budgets import BudgetKind, is_used_up, left, state
from cygni.billing.exact import fraction_text
from cygni.errors import AlreadyExists, UsageError
from platform_api.budgets.alerts import lapse_alerts
from platform_api.budgets.models import Budget
from platform_api.budgets.positions import Positions
from platform_api.budgets.repository import Budgets
from platform_api.budgets.schemas import BudgetCreate, BudgetPublic, BudgetUpdate
from platform_api.environments.models import Environment
from platform_api.environments.repository import Environments
from platform_api.organizations.models import FoundOrganization
from platform_api.projects.models import Project
from platform_api.projects.repository import Projects, only_project
from platform_api.usage.meters import Meters

MOST = 50
"""Of an organisation: each is looked at every minute, and locked by every deployment it is over."""
DOLLARS: Final = "USD"
_TOLD_OTHERWISE: Final = {
    "organization_id",
    "project_id",
    "environment_id",
    "due_at",
    "state",
    "used_up_since",
}


@dataclass(frozen=True, slots=True)
class BudgetDesk:
    """For one request in `organization` at `now`."""

    session: AsyncSession
    organization: FoundOrganization
    now: datetime

    async def add(self, wanted: BudgetCreate) -> Budget:
        """Raises NotFound for a place or a meter that is not there, AlreadyExists, and UsageError."""
        budgets = Budgets(self.session, self.organization.id)
        if len(await budgets.all()) >= MOST:
            raise UsageError(f"an organization has {MOST} budgets at most", hint="Remove one first.")
        if wanted.meter is not None:
            await Meters(self.session, self.organization.id).existing(wanted.meter)
        project, environment = await self._place(wanted)
        made = Budget(
            organization_id=self.organization.id,
            project_id=project,
            environment_id=environment,
            currency=await self._currency(wanted.kind),
            due_at=self.now,
            created_at=self.now,
            **wanted.model_dump(exclude={"project", "environment"}),
        )
        _check(made)
        budgets.add(made)
        try:
            await self.session.flush()
        except IntegrityError as error:
            raise AlreadyExists(
                f"there is a budget {wanted.name!r} already", hint=f"Change it: cx budget set {wanted.name}"
            ) from error
        return made

    async def change(self, budget: Budget, wanted: BudgetUpdate) -> None:
        """`budget` is locked. What its new amount is above of is told again where it is reached again, and it is
        looked at at once. Raises UsageError."""
        for name, value in wanted.model_dump(exclude_none=True).items():
            setattr(budget, name, value)
        _check(budget)
        budget.version += 1
        budget.due_at = self.now
        position = await Positions(self.session, self.organization.id, self.now).of(budget)
        if not is_used_up(budget.limits, position):
            budget.used_up_since = None
        await lapse_alerts(self.session, budget, position, self.now)

    async def shown(self, budgets: Sequence[Budget]) -> list[BudgetPublic]:
        """Judged as they are now: what the last look found may be of another amount."""
        projects = await self._names(Project.id, Project.slug, {one.project_id for one in budgets})
        environments = await self._names(
            Environment.id, Environment.name, {one.environment_id for one in budgets}
        )
        positions = Positions(self.session, self.organization.id, self.now)
        zone = (await positions.cycle()).zone
        meters = {meter.key: meter for meter in await Meters(self.session, self.organization.id).all()}
        found = []
        for one in budgets:
            position = await positions.of(one)
            since = one.seen_used_up(position)
            found.append(
                BudgetPublic(
                    **one.model_dump(exclude=_TOLD_OTHERWISE),
                    state=state(one.limits, position, since, self.now),
                    used_up_since=since,
                    project=projects.get(one.project_id),
                    environment=environments.get(one.environment_id),
                    unit=one.currency or meters[str(one.meter)].unit,
                    used=_decimal(position.used),
                    reserved=_decimal(position.reserved),
                    left=_decimal(left(one.limits, position)),
                    forecast_amount=None if position.forecast is None else _decimal(position.forecast),
                    start=position.period.start,
                    end=position.period.end,
                    zone=zone,
                )
            )
        return found

    async def _currency(self, kind: BudgetKind) -> str | None:
        """Raises UsageError for what is spent where nothing is billed."""
        if kind is BudgetKind.UNITS:
            return None
        if kind is BudgetKind.CLOUD_COST:
            return DOLLARS
        subscribed = await Positions(self.session, self.organization.id, self.now).subscribed()
        if subscribed is None:
            raise UsageError(
                "the organization has no plan, so nothing is billed",
                hint="Set a budget of units of a meter, or of what AWS costs: --meter, --cloud-cost.",
            )
        return subscribed.subscription.currency

    async def _place(self, wanted: BudgetCreate) -> tuple[uuid.UUID | None, uuid.UUID | None]:
        project = await only_project(self.session, self.organization, wanted.project)
        if wanted.project is None or wanted.environment is None:
            return project, None
        there = await Projects(self.session, self.organization.id).named(wanted.project)
        assert there is not None  # it was found a moment ago
        return project, (await Environments(self.session, there).existing(wanted.environment)).id

    async def _names(self, id: Any, name: Any, wanted: set[uuid.UUID | None]) -> dict[uuid.UUID | None, str]:
        rows = await self.session.execute(select(id, name).where(col(id).in_(wanted - {None})))
        return {row[0]: row[1] for row in rows}


def told(budget: Budget) -> dict[str, Any]:
    """As the audit log has it."""
    kept = {"kind", "meter", "currency", "thresholds", "forecast", "hard_limit", "grace_hours"}
    kept |= {"pause_previews", "scale_to_floor"}
    return {"amount": f"{budget.amount:f}", **budget.model_dump(include=kept)}


def _check(budget: Budget) -> None:
    if (budget.pause_previews or budget.scale_to_floor) and not budget.hard_limit:
        raise UsageError(
            "only a budget with a hard limit does something where it is used up",
            hint="Set hard_limit too: cx budget set --hard.",
        )


def _decimal(value: Fraction) -> Decimal:
    return Decimal(fraction_text(value))
