"""Where budgets stand: what was used, from the meters and from what is deployed, and what is reserved."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction
from typing import Final

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from cygni.billing.budgets import BudgetKind, Position, expected, kept_up, share, spent
from cygni.billing.meters import DEPLOYMENTS, Aggregation, Meter
from cygni.billing.periods import BillingCycle, Period
from cygni.billing.subscriptions import Segment
from platform_api.budgets.models import Budget
from platform_api.environments.models import Environment
from platform_api.projects.models import Project
from platform_api.subscriptions.repository import Subscribed, Subscriptions
from platform_api.usage.measured import measured
from platform_api.usage.meters import Meters
from platform_api.usage.store import EVERYWHERE, Place, PostgresMeterStore

_CALENDAR_MONTHS: Final = BillingCycle(date(2000, 1, 1))

_IN_SCOPE = """
    organization_id = :organization
        AND (CAST(:project AS uuid) IS NULL OR project_id = :project)
        AND (CAST(:environment AS uuid) IS NULL OR environment_id = :environment)
"""
_UNDER_WAY = sa.text(f"SELECT count(*) FROM budget_reservations WHERE {_IN_SCOPE}")  # noqa: S608  # a constant
_RESERVED_MONTHLY = sa.text(
    f"""
    SELECT coalesce(sum(monthly), 0) FROM budget_reservations
    WHERE {_IN_SCOPE} AND (CAST(:but AS uuid) IS NULL OR deployment_id <> :but)
    """  # noqa: S608  # a constant
)
# What is deployed in an environment is what its newest plan found there, or what it has made of it since.
_DEPLOYED_MONTHLY = sa.text(
    f"""
    SELECT coalesce(sum(monthly), 0) FROM (
        SELECT DISTINCT ON (environment_id) CAST(plan #>> CAST(
            CASE WHEN status = 'succeeded' AND NOT plan_only THEN '{{cost,after,totals,monthly}}'
                ELSE '{{cost,before,totals,monthly}}' END AS text[]) AS numeric) AS monthly
        FROM deployments WHERE {_IN_SCOPE} AND plan IS NOT NULL
        ORDER BY environment_id, claimed_at DESC
    ) AS newest
    """  # noqa: S608  # a constant
)


@dataclass(frozen=True, slots=True)
class Spending:
    """What was used in each part of a period, by meter, and which `shares` of it are a budget's (None: all)."""

    parts: tuple[tuple[Segment, dict[str, Fraction]], ...]
    meters: Mapping[str, Meter]
    shares: Mapping[str, Fraction] | None

    def spent(self, deployments: Fraction = Fraction(0)) -> Fraction:
        """What it comes to with so many more deployments, which count in full."""
        parts = list(self.parts)
        if parts and deployments and DEPLOYMENTS.key in self.meters:
            segment, used = parts[-1]
            parts[-1] = segment, {**used, DEPLOYMENTS.key: used[DEPLOYMENTS.key] + deployments}
        return spent(parts, self.shares)

    def expected(self, now: datetime) -> Fraction | None:
        """At the end of the period, if all goes on as it went; None: too early to tell."""
        so_far = {key: sum((used[key] for _, used in self.parts), Fraction(0)) for key in self.meters}
        parts = []
        for segment, used in self.parts:
            later = {
                key: kept_up(meter.aggregation, used[key], so_far[key], segment, now)
                for key, meter in self.meters.items()
            }
            known = {key: quantity for key, quantity in later.items() if quantity is not None}
            if len(known) < len(later):
                return None
            parts.append((segment, known))
        return spent(parts, self.shares)


def _cycle(subscribed: Subscribed | None) -> BillingCycle:
    return subscribed.subscription.cycle if subscribed else _CALENDAR_MONTHS


@dataclass(frozen=True, slots=True)
class Positions:
    """Of budgets of one organisation, whose rows the transaction sees, at `now`."""

    session: AsyncSession
    organization: uuid.UUID
    now: datetime

    async def of(self, budget: Budget, but: uuid.UUID | None = None) -> Position:
        """Without what the deployment `but` has reserved, if it is given."""
        subscribed = await self.subscribed()
        period = _cycle(subscribed).period_at(self.now)
        if budget.kind == BudgetKind.CLOUD_COST:
            used = await self._sum(_DEPLOYED_MONTHLY, budget)
            return Position(period, used, await self._sum(_RESERVED_MONTHLY, budget, but=but), used)
        if budget.kind == BudgetKind.SPEND:
            found = await self._spending(budget, subscribed, period)
            under_way = await self._sum(_UNDER_WAY, budget)
            now = found.spent()
            return Position(period, now, found.spent(under_way) - now, found.expected(self.now))
        assert budget.meter is not None  # units are of a meter
        return await self._of_meter(budget, budget.meter, period)

    async def cycle(self) -> BillingCycle:
        """What its periods are by: those that it is billed by, else the months of the calendar in UTC."""
        return _cycle(await self.subscribed())

    async def of_one_deployment(self, budget: Budget) -> Fraction:
        """What one more uses of a budget by being one; what it uses of others as it runs is not known before."""
        if budget.kind != BudgetKind.SPEND:
            return Fraction(budget.meter == DEPLOYMENTS.key)
        subscribed = await self.subscribed()
        if subscribed is None:
            return Fraction(0)
        period = subscribed.subscription.cycle.period_at(self.now)
        found, under_way = (
            await self._spending(budget, subscribed, period),
            await self._sum(_UNDER_WAY, budget),
        )
        return found.spent(under_way + 1) - found.spent(under_way)

    async def subscribed(self) -> Subscribed | None:
        """What the organisation is billed by now, if anything."""
        found = await Subscriptions(self.session, self.organization).domain()
        return next((one for one in found if one.holds(self.now)), None)

    async def _spending(self, budget: Budget, subscribed: Subscribed | None, period: Period) -> Spending:
        """Of a subscription in another currency than the budget's, as of none, nothing."""
        if subscribed is None or subscribed.subscription.currency != budget.currency:
            return Spending((), {}, None)
        segments = subscribed.subscription.segments(period)
        all_of_them = {meter.key: meter for meter in await Meters(self.session, self.organization).all()}
        wanted = {key for segment in segments for key in segment.plan.meters} & all_of_them.keys()
        meters = {key: all_of_them[key] for key in sorted(wanted)}
        used = [
            {
                key: await self._measured(meter, segment.span, period, EVERYWHERE)
                for key, meter in meters.items()
            }
            for segment in segments
        ]
        shares = None
        if budget.project_id is not None:
            place = await self._place(budget)
            shares = {
                key: share(
                    await self._measured(meter, period, period, place),
                    sum((one[key] for one in used), Fraction(0)),
                )
                for key, meter in meters.items()
            }
        return Spending(tuple(zip(segments, used, strict=True)), meters, shares)

    async def _measured(self, meter: Meter, span: Period, whole: Period, place: Place) -> Fraction:
        """Levels count until now: the last ones would hold until the period ends."""
        if meter.aggregation is Aggregation.TIME_WEIGHTED:
            span = Period(min(span.start, self.now), min(span.end, self.now))
        store = PostgresMeterStore(self.session, self.organization)
        return await measured(store, meter, span, whole, place)

    async def _of_meter(self, budget: Budget, key: str, period: Period) -> Position:
        meter = await Meters(self.session, self.organization).existing(key)
        used = await self._measured(meter, period, period, await self._place(budget))
        reserved = Fraction(0)
        if key == DEPLOYMENTS.key:
            reserved = await self._sum(_UNDER_WAY, budget)
        return Position(period, used, reserved, expected(meter.aggregation, used, period, self.now))

    async def _sum(self, query: sa.TextClause, budget: Budget, **more: object) -> Fraction:
        scope = {
            "organization": self.organization,
            "project": budget.project_id,
            "environment": budget.environment_id,
        }
        return Fraction(await self.session.scalar(query, {**scope, **more}) or 0)

    async def _place(self, budget: Budget) -> Place:
        """As the meters name it."""
        project = environment = None
        if budget.project_id is not None:
            project = await self.session.scalar(
                select(Project.slug).where(col(Project.id) == budget.project_id)
            )
        if budget.environment_id is not None:
            environment = await self.session.scalar(
                select(Environment.name).where(col(Environment.id) == budget.environment_id)
            )
        return Place(project, environment)
