"""What is done where a hard limit is used up or an invoice is not paid, and undone when it no longer is: by scaling, as
people do it, and never by deleting.

Each look compares what is to hold by now with what holds, so that nothing has to be remembered of why it began: a
budget that was raised, removed or begun anew asks for nothing any more.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa
import structlog
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from cygni.billing.budgets import PAYMENT_GRACE, BudgetState, Ladder, Step, limited, step_for
from platform_api.audit.service import Auditing
from platform_api.budgets.automatic import Automatic
from platform_api.budgets.models import BudgetMeasure
from platform_api.budgets.payment import tell_unpaid, unpaid
from platform_api.budgets.repository import Budgets
from platform_api.budgets.standing import counts_of, standing
from platform_api.clock import Clock
from platform_api.database.transactions import Database, Scope
from platform_api.deployments.kinds import Kind
from platform_api.deployments.lifecycle import OVER, Status
from platform_api.deployments.models import Deployment
from platform_api.deployments.service import DeploymentDesk
from platform_api.environments.models import Environment
from platform_api.identifiers import new_id
from platform_api.projects.models import Project
from platform_api.repeating import repeat

EVERY: Final = timedelta(minutes=1)
AGAIN: Final = timedelta(minutes=10)
"""After a deployment that did not succeed was begun, it is tried again."""
UNDOING: Final = timedelta(days=7)
"""So long what was done is tried to be undone."""
UNPAID: Final = Ladder(pause_previews=True)
"""What is done where an invoice is not paid: what is in production goes on as it is."""

_CONCERNED = sa.text(
    """
    SELECT organization_id FROM budgets WHERE state = 'hard'
    UNION SELECT organization_id FROM budget_measures WHERE undone_at IS NULL
    UNION SELECT organization_id FROM invoices WHERE state = 'overdue'
    UNION SELECT invoices.organization_id FROM invoices JOIN stripe_invoices ON invoice_id = id
        WHERE state = 'final' AND failed_at IS NOT NULL
    UNION SELECT organization_id FROM budget_measures WHERE undone_at > :undoing
    """
)
logger = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to hold in an environment, and the budget that asks for it (empty: an invoice)."""

    environment: Environment
    step: Step
    because: str


class MeasureSweep:
    """`database` is connected as the workers' role, which sees the budgets of all tenants. `grace` is how long an
    invoice that is not paid holds nothing."""

    def __init__(self, database: Database, clock: Clock, grace: timedelta = PAYMENT_GRACE) -> None:
        self._database = database
        self._clock = clock
        self._grace = grace
        self._next: datetime | None = None

    async def run(self, stop: asyncio.Event) -> None:
        """Until `stop` is set."""
        await repeat(self.look, stop, "measures of budgets")

    async def look(self) -> int:
        """Once a minute, at all organisations that anything holds for, or may; 0, as nothing is left to do then."""
        now = self._clock.now()
        if self._next is not None and now < self._next:
            return 0
        self._next = now + EVERY
        async with self._database.transaction(Scope()) as session:
            concerned = (await session.scalars(_CONCERNED, {"undoing": now - UNDOING})).all()
        for organization in concerned:
            try:
                await self._look_at(organization, now)
            except Exception:
                # What is wrong with one keeps no other from being paused, or from going on.
                logger.exception("budgets could not be kept to", organization=str(organization))
        return 0

    async def _look_at(self, organization: uuid.UUID, now: datetime) -> None:
        async with self._database.transaction(Scope(organization=organization)) as session:
            wanted = await _wanted(session, organization, now, self._grace)
            held = {one.environment_id: one for one in await _held(session, organization)}
            failed = await _failed(session, organization, now)
        for id, one in wanted.items():
            if id in held:
                continue
            async with self._database.transaction(Scope(organization=organization)) as session:
                there = await standing(session, one.environment)  # one archive in memory at a time
            if there is not None:
                counts = await asyncio.to_thread(counts_of, there, one.environment.name)
                await self._begin(one, there.source, counts, now)
        for id, measure in held.items():
            if id not in wanted:
                await self._undo(measure, now)
        for measure in failed:
            if (measure.undone_at is None) == (measure.environment_id in wanted):
                await self._again(measure, now)

    async def _begin(
        self, wanted: Wanted, source: uuid.UUID, before: Mapping[str, int], now: datetime
    ) -> None:
        """Nothing where nothing is to be scaled, or another worker has begun it."""
        counts = limited(wanted.step, before)
        if not counts:
            return
        there = wanted.environment
        async with self._database.transaction(Scope(organization=there.organization_id)) as session:
            row = insert(BudgetMeasure).values(
                organization_id=there.organization_id, id=new_id(), environment_id=there.id, step=wanted.step,
                because=wanted.because, before={name: before[name] for name in counts}, counts=counts,
                deployment_id=new_id(), began_at=now,
            )  # fmt: skip
            added = await session.scalar(row.on_conflict_do_nothing().returning(col(BudgetMeasure.id)))
            if added is None:
                return
            made = await _scale(session, there, source, counts, now)
            measure = await session.get_one(BudgetMeasure, added)
            measure.deployment_id = made.id
            why = {"because": wanted.because or "an invoice that is not paid", "counts": counts}
            await _record(session, there, f"budget.{wanted.step}", measure, why, now)

    async def _undo(self, measure: BudgetMeasure, now: datetime) -> None:
        """What was deployed since runs what its cygni.yaml says already."""
        async with self._database.transaction(Scope(organization=measure.organization_id)) as session:
            undone = (
                sa.update(BudgetMeasure)
                .where(col(BudgetMeasure.id) == measure.id, col(BudgetMeasure.undone_at).is_(None))
                .values(undone_at=now)
                .returning(col(BudgetMeasure.id))
            )
            if await session.scalar(undone.execution_options(synchronize_session=False)) is None:
                return
            there = await session.get_one(Environment, measure.environment_id)
            since = await session.get(Deployment, measure.deployment_id)
            now_there = await standing(session, there)
            if now_there is not None and since is not None and not await _deployed_after(session, since):
                made = await _scale(session, there, now_there.source, measure.before, now)
                undoing = sa.update(BudgetMeasure).where(col(BudgetMeasure.id) == measure.id)
                await session.execute(undoing.values(deployment_id=made.id))
            await _record(session, there, "budget.undo", measure, {"counts": measure.before}, now)

    async def _again(self, measure: BudgetMeasure, now: datetime) -> None:
        """Does again what did not succeed; to undo it, unless what was asked for since says what is to run."""
        async with self._database.transaction(Scope(organization=measure.organization_id)) as session:
            as_it_was = select(BudgetMeasure).where(
                col(BudgetMeasure.id) == measure.id,
                col(BudgetMeasure.deployment_id) == measure.deployment_id,
                col(BudgetMeasure.undone_at).is_not_distinct_from(measure.undone_at),
            )
            mine = await session.scalar(as_it_was.with_for_update(skip_locked=True))
            there = await session.get(Environment, measure.environment_id)
            if mine is None or there is None:
                return
            now_there = await standing(session, there)
            undone = mine.undone_at is not None
            if now_there is None or (undone and await _asked_after(session, there, mine.deployment_id)):
                return
            made = await _scale(session, there, now_there.source, mine.before if undone else mine.counts, now)
            mine.deployment_id = made.id


async def _wanted(
    session: AsyncSession, organization: uuid.UUID, now: datetime, grace: timedelta
) -> dict[uuid.UUID, Wanted]:
    """By environment. An invoice that is not paid comes first; people are told of it on the way."""
    found: dict[uuid.UUID, Wanted] = {}
    budgets = Budgets(session, organization)
    invoice = await unpaid(session, organization, grace)
    if invoice is not None:
        await tell_unpaid(session, organization, invoice, now)
        if invoice.is_held(now):
            _add(found, await budgets.environments(None, None), UNPAID, "")
    hard = [one for one in await budgets.all() if one.state == BudgetState.HARD]
    for budget in hard:
        there = await budgets.environments(budget.project_id, budget.environment_id)
        _add(found, there, budget.ladder, budget.name)
    return found


def _add(
    found: dict[uuid.UUID, Wanted], environments: Sequence[Environment], ladder: Ladder, because: str
) -> None:
    for environment in environments:
        step = step_for(environment.name, ladder)
        if step is not None:
            found.setdefault(environment.id, Wanted(environment, step, because))


async def _held(session: AsyncSession, organization: uuid.UUID) -> Sequence[BudgetMeasure]:
    query = select(BudgetMeasure).where(
        col(BudgetMeasure.organization_id) == organization, col(BudgetMeasure.undone_at).is_(None)
    )
    return (await session.scalars(query)).all()


async def _failed(session: AsyncSession, organization: uuid.UUID, now: datetime) -> Sequence[BudgetMeasure]:
    """Those whose last deployment is over, did not succeed, and may be tried again. Once they are undone, that is the
    deployment that was to undo them."""
    undoing = sa.and_(
        col(BudgetMeasure.undone_at) > now - UNDOING,
        col(Deployment.created_at) >= col(BudgetMeasure.undone_at),
    )
    query = (
        select(BudgetMeasure)
        .join(Deployment, col(Deployment.id) == col(BudgetMeasure.deployment_id))
        .where(
            col(BudgetMeasure.organization_id) == organization,
            sa.or_(col(BudgetMeasure.undone_at).is_(None), undoing),
            col(Deployment.status).in_(OVER - {Status.SUCCEEDED}),
            col(Deployment.created_at) <= now - AGAIN,
        )
    )
    return (await session.scalars(query)).all()


async def _asked_after(session: AsyncSession, there: Environment, failed: uuid.UUID) -> bool:
    query = select(Deployment.id).where(
        col(Deployment.environment_id) == there.id,
        col(Deployment.kind).in_([Kind.DEPLOY, Kind.SCALE, Kind.DESTROY]),
        col(Deployment.plan_only).is_(False),
        col(Deployment.status).not_in(OVER - {Status.SUCCEEDED}),
        col(Deployment.id) > failed,
    )
    return await session.scalar(query.limit(1)) is not None


async def _deployed_after(session: AsyncSession, scaled: Deployment) -> bool:
    query = select(Deployment.id).where(
        col(Deployment.environment_id) == scaled.environment_id,
        col(Deployment.kind) == Kind.DEPLOY,
        col(Deployment.plan_only).is_(False),
        col(Deployment.status) == Status.SUCCEEDED,
        col(Deployment.id) > scaled.id,
    )
    return await session.scalar(query.limit(1)) is not None


async def _scale(
    session: AsyncSession, there: Environment, source: uuid.UUID, counts: Mapping[str, int], now: datetime
) -> Deployment:
    desk = DeploymentDesk(session, Automatic(), now)
    # Whoever may approve has set the budget's limit, and nobody waits for it: it would be cancelled after a week.
    return await desk.operate(there, source, Kind.SCALE, {"counts": dict(counts)}, automatic=True)


async def _record(
    session: AsyncSession, there: Environment, action: str, measure: BudgetMeasure, after: Mapping[str, object],
    now: datetime,
) -> None:  # fmt: skip
    project = await session.get_one(Project, there.project_id)
    audit = Auditing(session, there.organization_id, Automatic().actor, "", now)
    before = {"counts": measure.before if action != "budget.undo" else measure.counts}
    await audit.record(action, f"{project.slug}/{there.name}", before=before, after=after)
