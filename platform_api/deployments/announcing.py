"""What others are told of deployments: webhooks each change of status, people what matters to them."""

from __future__ import annotations

import uuid

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from platform_api.deployments.models import Deployment
from platform_api.environments.models import Environment
from platform_api.notifications.occasions import occasion_of
from platform_api.notifications.outbox import notify
from platform_api.projects.models import Project
from platform_api.webhooks.outbox import announce


async def announce_status(
    session: AsyncSession, organization: uuid.UUID, deployment: uuid.UUID, status: str
) -> None:
    """In the transaction that changes it."""
    found = await session.execute(
        select(Deployment, Project.slug, Environment.name)
        .join(Project, col(Deployment.project_id) == col(Project.id))
        .join(Environment, col(Environment.id) == col(Deployment.environment_id))
        .where(col(Deployment.id) == deployment, col(Deployment.organization_id) == organization)
    )
    row, project, environment = found.one()
    data = {"deployment": str(deployment), "project": project, "environment": environment, "kind": row.kind}
    now = await session.scalar(sa.select(sa.func.clock_timestamp()))
    assert now is not None
    await announce(session, organization, f"deployment.{status}", {**data, "status": status}, now)
    occasion = occasion_of(status, row.kind, row.error)
    if occasion is not None:
        delta = None if row.monthly_delta is None else str(row.monthly_delta)
        more = {"monthly_delta": delta, "error": (row.error or {}).get("message")}
        await notify(session, organization, row.project_id, occasion, {**data, **more}, now)
