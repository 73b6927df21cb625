"""Looks at every budget once a minute. Any number of workers do so at once."""

from __future__ import annotations

import asyncio
import uuid
from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa
import structlog
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from cygni.billing.budgets import Position, is_used_up, state
from cygni.billing.exact import fraction_text
from platform_api.audit.service import Auditing
from platform_api.budgets.alerts import tell_alerts, tell_state
from platform_api.budgets.automatic import Automatic
from platform_api.budgets.models import Budget
from platform_api.budgets.positions import Positions
from platform_api.clock import Clock
from platform_api.database.transactions import Database, Scope, enter
from platform_api.repeating import repeat

EVERY: Final = timedelta(minutes=1)

logger = structlog.get_logger()


class BudgetSweep:
    """`database` is connected as the workers' role, which sees the budgets of all tenants."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def run(self, stop: asyncio.Event) -> None:
        """Until `stop` is set."""
        await repeat(self.look, stop, "budgets")

    async def look(self) -> int:
        """At the budget whose turn it is; 0 where it is none's."""
        found: uuid.UUID | None = None
        try:
            async with self._database.transaction(Scope()) as session:
                budget = await self._due(session)
                if budget is None:
                    return 0
                found = budget.id
                await enter(session, Scope(organization=budget.organization_id))
                await self._look_at(session, budget)
        except Exception:
            if found is not None:
                logger.exception("a budget could not be looked at", budget=str(found))
                await self._put_off(found)
            raise
        return 1

    async def _due(self, session: AsyncSession) -> Budget | None:
        """Locked; those that another worker is at, or a deployment reserves of, are passed by."""
        query = select(Budget).where(col(Budget.due_at) <= self._clock.now()).order_by(col(Budget.due_at))
        return await session.scalar(query.limit(1).with_for_update(skip_locked=True))

    async def _look_at(self, session: AsyncSession, budget: Budget) -> None:
        now = self._clock.now()
        position = await Positions(session, budget.organization_id, now).of(budget)
        _note(budget, position, now)
        before = budget.state
        budget.state = state(budget.limits, position, budget.used_up_since, now).value
        budget.due_at = now + EVERY
        await session.flush()
        await tell_alerts(session, budget, position, now)
        if budget.state != before:
            await tell_state(session, budget, position, before, now)
            await _record(session, budget, position, before, now)

    async def _put_off(self, budget: uuid.UUID) -> None:
        """So that one that cannot be looked at keeps nobody from the others."""
        later = sa.update(Budget).where(col(Budget.id) == budget).values(due_at=self._clock.now() + EVERY)
        async with self._database.transaction(Scope()) as session:
            await session.execute(later.execution_options(synchronize_session=False))


async def _record(
    session: AsyncSession, budget: Budget, position: Position, before: str, now: datetime
) -> None:
    """Last of all: others who write in the organisation's audit log wait from here on."""
    audit = Auditing(session, budget.organization_id, Automatic().actor, "", now)
    found = {"state": budget.state, "used": fraction_text(position.used), "amount": f"{budget.amount:f}"}
    await audit.record("budget.state", budget.name, before={"state": before}, after=found)


def _note(budget: Budget, position: Position, now: datetime) -> None:
    """Since when it is used up."""
    since = budget.seen_used_up(position)
    budget.period_start = position.period.start
    budget.used_up_since = since or now if is_used_up(budget.limits, position) else None
