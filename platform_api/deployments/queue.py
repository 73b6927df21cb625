"""The queue that deployments are: taking one up under a lease, and finding what was lost.

Leases and deadlines go by the clock of the database alone, which all workers share.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from platform_api.database.transactions import Database, Scope, enter
from platform_api.deployments.columns import FREE, entering
from platform_api.deployments.events import NOW, Told, add_events
from platform_api.deployments.held import Claim
from platform_api.deployments.kinds import Kind
from platform_api.deployments.lifecycle import OVER, By, Status, after_loss, require, taken_up
from platform_api.deployments.models import Deployment

_NEXT_FENCE = sa.func.nextval(sa.text("'deployment_fences'"))
_REAPED_AT_ONCE = 100

# What waits, and comes first of its environment, which nobody is at; tenants who were not served for longest first.
_NEXT = sa.text(
    """
    SELECT waiting.id FROM deployments waiting
    WHERE waiting.phase_deadline > clock_timestamp() AND (
        :watching AND waiting.status = 'watching' AND waiting.worker IS NULL
        OR :deploying AND waiting.status = 'recovering' OR (
        :deploying AND waiting.status IN ('queued', 'approved')
        AND NOT EXISTS (SELECT FROM deployments other WHERE other.environment_id = waiting.environment_id
            AND other.status IN ('planning', 'applying', 'releasing', 'recovering'))
        AND NOT EXISTS (SELECT FROM deployments other WHERE other.environment_id = waiting.environment_id
            AND other.status IN ('queued', 'approved') AND other.id < waiting.id)))
    ORDER BY (SELECT max(served.claimed_at) FROM deployments served
        WHERE served.organization_id = waiting.organization_id) NULLS FIRST, waiting.id
    LIMIT 1 FOR UPDATE OF waiting SKIP LOCKED
    """
)


class Queue:
    """`database` is connected as the workers' role."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def claim(
        self, worker: str, lease: timedelta, *, deploying: bool = True, watching: bool = True
    ) -> Claim | None:
        """Takes up what comes next, for as long as `lease` lasts; None where there is nothing to do, or another worker
        was quicker. Only jobs to watch without `deploying`, none without `watching`."""
        try:
            async with self._database.transaction(Scope()) as session:
                found = await session.scalar(_NEXT, {"deploying": deploying, "watching": watching})
                return await self._take_up(session, found, worker, lease) if found else None
        except (
            IntegrityError
        ):  # another worker took up another deployment of the environment at the same moment
            return None

    async def _take_up(
        self, session: AsyncSession, deployment: uuid.UUID, worker: str, lease: timedelta
    ) -> Claim:
        row = await session.get_one(Deployment, deployment)
        before = Status(row.status)
        kind = Kind(row.kind)
        after = taken_up(before, kind)
        goes_on = after is Status.APPLYING or before is Status.WATCHING
        attempt = row.attempt + (not goes_on)
        taken = sa.update(Deployment).where(col(Deployment.id) == deployment)
        changed = taken.values(
            worker=worker,
            fence=_NEXT_FENCE,
            lease_expires_at=NOW + lease,
            claimed_at=NOW,
            attempt=attempt,
            last_event=row.last_event + 1,
            **entering(after, before),
        ).returning(col(Deployment.fence))
        fence = (await session.execute(changed.execution_options(synchronize_session=False))).scalar_one()
        await enter(session, Scope(organization=row.organization_id))
        data = {"status": after.value, "attempt": attempt}
        await add_events(session, row.organization_id, row.id, row.last_event + 1, [Told("status", data)])
        return Claim(
            organization=row.organization_id,
            deployment=row.id,
            project=row.project_id,
            environment=row.environment_id,
            source=row.source_id,
            kind=kind,
            arguments=row.arguments,
            release=row.release,
            allow_destroy=tuple(row.allow_destroy),
            refresh=row.refresh,
            max_cost_increase=row.max_cost_increase,
            actor=row.actor,
            plan_only=row.plan_only,
            waits=row.needs_approval or row.confirm,
            approved_plan=row.approved_plan,
            status=after,
            attempt=attempt,
            fence=fence,
        )

    async def reap(self) -> int:
        """Gives back what lost workers had, and ends what waited for too long; how many deployments that were."""
        async with self._database.transaction(Scope()) as session:
            lost = col(Deployment.lease_expires_at) < NOW
            waits = sa.and_(col(Deployment.status).not_in(OVER), col(Deployment.worker).is_(None))
            overdue = sa.and_(waits, col(Deployment.phase_deadline) < NOW)
            found = sa.select(Deployment).where(sa.or_(lost, overdue)).limit(_REAPED_AT_ONCE)
            rows = (await session.scalars(found.with_for_update(skip_locked=True))).all()
            for row in rows:
                await _reap(session, row)
            return len(rows)


async def _reap(session: AsyncSession, row: Deployment) -> None:
    before, told = Status(row.status), {}
    if row.worker is not None:
        cancelled = row.cancel_requested_at is not None and row.kind != Kind.RUN
        after = after_loss(before, row.attempt, cancelled=cancelled)  # whoever recovers a job stops its task
        told = {"lost_worker": row.worker}
    else:
        after = Status.CANCELLED
        told = {"overdue": before.value}
    require(before, after, By.REAPER)
    values = {**FREE, **entering(after, before), "fence": _NEXT_FENCE, "last_event": row.last_event + 1}
    if after in _REAPED:
        values["error"] = _REAPED[after]
    changed = sa.update(Deployment).where(col(Deployment.id) == row.id).values(**values)
    await session.execute(changed.execution_options(synchronize_session=False))
    await enter(session, Scope(organization=row.organization_id))
    data = {"status": after.value, **told}
    await add_events(session, row.organization_id, row.id, row.last_event + 1, [Told("status", data)])


_REAPED: Mapping[Status, Mapping[str, Any]] = {
    Status.CANCELLED: {
        "code": "deadline_exceeded",
        "message": "it was not gone on with in time, or its worker was lost while it was being cancelled",
        "hint": "What it may have begun is mended by the next deployment of the environment.",
    },
    Status.NEEDS_ATTENTION: {
        "code": "deploy_killed",
        "message": "every worker that carried it out was lost",
        "hint": "See the workers' logs (memory?), then deploy again: that mends what was begun.",
    },
}
