"""What others are told of deployments: webhooks each change of status, people what matters to them, and the meters what
they used."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from platform_api.deployments.models import Deployment
from platform_api.environments.models import Environment
from platform_api.metering.outcomes import count_build, count_deployment
from platform_api.notifications.occasions import occasion_of
from platform_api.notifications.outbox import notify
from platform_api.projects.models import Project
from platform_api.webhooks.outbox import announce


async def announce_status(
    session: AsyncSession, organization: uuid.UUID, deployment: uuid.UUID, status: str
) -> None:
    """In the transaction that changes it."""
    row, project, environment, now = await _known(session, organization, deployment)
    data = {"deployment": str(deployment), "project": project, "environment": environment, "kind": row.kind}
    await announce(session, organization, f"deployment.{status}", {**data, "status": status}, now)
    occasion = occasion_of(status, row.kind, row.error)
    if occasion is not None:
        delta = None if row.monthly_delta is None else str(row.monthly_delta)
        more = {"monthly_delta": delta, "error": (row.error or {}).get("message")}
        await notify(session, organization, row.project_id, occasion, {**data, **more}, now)
    await count_deployment(session, row, project, environment, now)


async def announce_build(
    session: AsyncSession,
    organization: uuid.UUID,
    deployment: uuid.UUID,
    number: int,
    data: Mapping[str, Any],
) -> None:
    """In the transaction that writes the event of this number, which tells of it."""
    _, project, environment, now = await _known(session, organization, deployment)
    await count_build(session, organization, (deployment, number), data, (project, environment), now)


async def _known(
    session: AsyncSession, organization: uuid.UUID, deployment: uuid.UUID
) -> tuple[Deployment, str, str, datetime]:
    """The deployment, its project and environment, and the time."""
    found = await session.execute(
        select(Deployment, Project.slug, Environment.name, sa.func.clock_timestamp())
        .join(Project, col(Deployment.project_id) == col(Project.id))
        .join(Environment, col(Environment.id) == col(Deployment.environment_id))
        .where(col(Deployment.id) == deployment, col(Deployment.organization_id) == organization)
        .execution_options(populate_existing=True)  # as it is now, also for who read it before it was changed
    )
    row, project, environment, now = found.one()
    return row, project, environment, now
