"""Queries for the subscriptions of one organisation, and what they are in the domain."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from cygni.billing.periods import BillingCycle
from cygni.billing.subscriptions import Phase, Subscription
from platform_api.organizations.models import Organization
from platform_api.plans.models import PlanVersionRow
from platform_api.plans.repository import plan_version
from platform_api.subscriptions.models import SubscriptionPhase, SubscriptionRow


@dataclass(frozen=True, slots=True)
class Subscribed:
    """A subscription and the plans that hold in it; `tax_rate` is in percent."""

    id: uuid.UUID
    subscription: Subscription
    tax_rate: Decimal

    @property
    def start(self) -> datetime:
        return self.subscription.phases[0].start

    def holds(self, moment: datetime) -> bool:
        end = self.subscription.end
        return self.start <= moment and (end is None or moment < end)


class Subscriptions:
    def __init__(self, session: AsyncSession, organization: uuid.UUID) -> None:
        self._session = session
        self._organization = organization

    async def domain(self) -> list[Subscribed]:
        """All of the organisation, also those that ended, in the order in which they begin."""
        rows = await self.rows()
        phases: dict[uuid.UUID, list[Phase]] = defaultdict(list)
        for phase, plan in await self._phases(row.id for row in rows):
            phases[phase.subscription_id].append(Phase(phase.start_at, plan_version(plan)))
        found = [subscribed(row, phases[row.id]) for row in rows]
        return sorted(found, key=lambda one: one.start)

    async def rows(self) -> Sequence[SubscriptionRow]:
        query = select(SubscriptionRow).where(col(SubscriptionRow.organization_id) == self._organization)
        return (await self._session.scalars(query.order_by(col(SubscriptionRow.id)))).all()

    async def keep(self, row: SubscriptionRow, held: Subscription) -> None:
        """Writes what the subscription is now; its cycle stays what it was where the row is there already."""
        row.trial_end, row.end_at = held.trial_end, held.end
        self._session.add(row)
        await self._session.flush()
        mine = col(SubscriptionPhase.subscription_id) == row.id
        await self._session.execute(sa.delete(SubscriptionPhase).where(mine))
        for phase in held.phases:
            self._session.add(
                SubscriptionPhase(
                    organization_id=self._organization,
                    subscription_id=row.id,
                    start_at=phase.start,
                    plan_key=phase.plan.key,
                    plan_version=phase.plan.version,
                )
            )
        await self._session.flush()

    async def hold(self) -> None:
        """Nobody else changes what the organisation is subscribed to, or makes what a plan limits, until the
        transaction ends."""
        query = select(Organization.id).where(col(Organization.id) == self._organization)
        await self._session.execute(query.with_for_update(key_share=True))

    async def _phases(
        self, subscriptions: Iterable[uuid.UUID]
    ) -> Sequence[tuple[SubscriptionPhase, PlanVersionRow]]:
        same_plan = sa.and_(
            col(PlanVersionRow.plan_key) == col(SubscriptionPhase.plan_key),
            col(PlanVersionRow.version) == col(SubscriptionPhase.plan_version),
        )
        query = (
            select(SubscriptionPhase, PlanVersionRow)
            .join(PlanVersionRow, same_plan)
            .where(
                col(SubscriptionPhase.organization_id) == self._organization,
                col(SubscriptionPhase.subscription_id).in_(list(subscriptions)),
            )
            .order_by(col(SubscriptionPhase.start_at))
        )
        return [(phase, plan) for phase, plan in (await self._session.execute(query)).all()]


def subscribed(row: SubscriptionRow, phases: Iterable[Phase]) -> Subscribed:
    """The row with its phases, in their order."""
    cycle = BillingCycle(row.anchor, row.zone, row.months)
    held = Subscription(cycle, tuple(phases), trial_end=row.trial_end, end=row.end_at)
    return Subscribed(row.id, held, row.tax_rate)
