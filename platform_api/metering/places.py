"""What is to be looked at, and by which worker."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from platform_api.database.transactions import Database, Scope
from platform_api.deployments.kinds import Kind
from platform_api.deployments.lifecycle import Status
from platform_api.deployments.models import Deployment
from platform_api.environments.models import Environment
from platform_api.metering.looks import BACK, KEPT, OF_ENVIRONMENTS, Look
from platform_api.metering.models import MeteredPlace, MeteredRun
from platform_api.metering.recording import Measured
from platform_api.projects.models import Project
from platform_api.sources.models import Source

BATCH = 16
CLAIM = timedelta(minutes=5)

# An environment is one with something deployed: a deployment of it has succeeded.
_ADD = sa.text(
    """
    INSERT INTO metered_places
        (organization_id, project, environment, look, measured_until, due_at, failures, known)
    SELECT environments.organization_id, projects.slug, environments.name, looks.name,
        greatest(first.finished_at, CAST(:now AS timestamptz) - CAST(:back AS interval)), :now, 0, CAST('{}' AS jsonb)
    FROM environments JOIN projects ON projects.id = environments.project_id
        CROSS JOIN unnest(CAST(:looks AS text[])) AS looks (name)
        CROSS JOIN LATERAL (SELECT finished_at FROM deployments
            WHERE environment_id = environments.id AND status = 'succeeded' AND kind = 'deploy' AND NOT plan_only
            ORDER BY deployments.id LIMIT 1) AS first
    WHERE NOT EXISTS (SELECT FROM metered_places known WHERE known.organization_id = environments.organization_id
        AND known.project = projects.slug AND known.environment = environments.name AND known.look = looks.name)
    UNION ALL
    SELECT id, '', '', CAST(:seats AS text), :now, :now, 0, CAST('{}' AS jsonb) FROM organizations
    WHERE NOT EXISTS (SELECT FROM metered_places known WHERE known.organization_id = organizations.id
        AND known.project = '' AND known.look = :seats)
    ON CONFLICT DO NOTHING
    """
)
_SUCCEEDED = (
    col(Deployment.status) == Status.SUCCEEDED.value,
    col(Deployment.kind) == Kind.DEPLOY.value,
    col(Deployment.plan_only).is_(False),
)


@dataclass(frozen=True, slots=True)
class Deployed:
    """An environment that is there still, and the folder that the newest deployment was of that succeeded."""

    id: uuid.UUID
    source: uuid.UUID


class Places:
    """`database` is that of the workers' role, which sees all tenants."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, now: datetime) -> None:
        """Those that came since."""
        looks = [look.value for look in OF_ENVIRONMENTS]
        async with self._database.transaction(Scope()) as session:
            given = {"now": now, "back": BACK, "looks": looks, "seats": Look.SEATS.value}
            await session.execute(_ADD, given)

    async def forget_runs(self, now: datetime) -> None:
        """Those that ended long ago."""
        async with self._database.transaction(Scope()) as session:
            old = sa.delete(MeteredRun).where(col(MeteredRun.ended_at) < now - KEPT)
            await session.execute(old.execution_options(synchronize_session=False))

    async def claimed(self, now: datetime) -> Sequence[MeteredPlace]:
        """Some of those that are due, which no other worker looks at for a while."""
        free = sa.or_(col(MeteredPlace.claimed_until).is_(None), col(MeteredPlace.claimed_until) <= now)
        async with self._database.transaction(Scope()) as session:
            due = select(MeteredPlace).where(col(MeteredPlace.due_at) <= now, free)
            first = due.order_by(col(MeteredPlace.due_at)).limit(BATCH)
            found = (await session.scalars(first.with_for_update(skip_locked=True))).all()
            for place in found:
                place.claimed_until = now + CLAIM
            return found

    async def deployed(self, place: Measured) -> Deployed | None:
        """None where the environment is gone."""
        async with self._database.transaction(Scope(organization=place.organization)) as session:
            asked = (
                select(Environment.id, Deployment.source_id)
                .join(Project, col(Project.id) == col(Environment.project_id))
                .join(Deployment, col(Deployment.environment_id) == col(Environment.id))
                .where(
                    col(Environment.organization_id) == place.organization,
                    col(Project.slug) == place.project,
                    col(Environment.name) == place.environment,
                    *_SUCCEEDED,
                )
            )
            row = (await session.execute(asked.order_by(col(Deployment.id).desc()).limit(1))).one_or_none()
        return None if row is None else Deployed(*row)

    async def archive(self, place: Measured, source: uuid.UUID) -> bytes:
        async with self._database.transaction(Scope(organization=place.organization)) as session:
            found: bytes | None = await session.scalar(select(Source.archive).where(col(Source.id) == source))
        assert found is not None  # that of what was deployed last is kept
        return found


async def first_success(
    session: AsyncSession, environment: uuid.UUID, after: datetime | None
) -> datetime | None:
    """When the first deployment succeeded, of those that did after a moment."""
    asked = select(Deployment.finished_at).where(col(Deployment.environment_id) == environment, *_SUCCEEDED)
    if after is not None:
        asked = asked.where(col(Deployment.finished_at) > after)
    return await session.scalar(asked.order_by(col(Deployment.id)).limit(1))


async def note(session: AsyncSession, place: MeteredPlace, **values: Any) -> bool:
    """Writes down what came of a look, unless another worker has taken the place since; whether it has not."""
    changed = sa.update(MeteredPlace).where(*_held(place)).values(claimed_until=None, **values)
    return await _is_done(session, changed.returning(col(MeteredPlace.look)))


async def forget(session: AsyncSession, place: MeteredPlace) -> bool:
    """As `note`, where nothing is left to look at."""
    return await _is_done(
        session, sa.delete(MeteredPlace).where(*_held(place)).returning(col(MeteredPlace.look))
    )


def _held(place: MeteredPlace) -> list[sa.ColumnElement[bool]]:
    return [
        col(MeteredPlace.organization_id) == place.organization_id,
        col(MeteredPlace.project) == place.project,
        col(MeteredPlace.environment) == place.environment,
        col(MeteredPlace.look) == place.look,
        col(MeteredPlace.claimed_until) == place.claimed_until,
    ]


async def _is_done(session: AsyncSession, change: Any) -> bool:
    found = await session.scalar(change.execution_options(synchronize_session=False))
    return found is not None
