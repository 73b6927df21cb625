"""What webhooks are told of deployments: each change of status."""

from __future__ import annotations

import uuid

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from platform_api.deployments.models import Deployment
from platform_api.environments.models import Environment
from platform_api.projects.models import Project
from platform_api.webhooks.outbox import announce


async def announce_status(
    session: AsyncSession, organization: uuid.UUID, deployment: uuid.UUID, status: str
) -> None:
    """In the transaction that changes it."""
    found = await session.execute(
        select(Project.slug, Environment.name)
        .join(Deployment, col(Deployment.project_id) == col(Project.id))
        .join(Environment, col(Environment.id) == col(Deployment.environment_id))
        .where(col(Deployment.id) == deployment, col(Deployment.organization_id) == organization)
    )
    project, environment = found.one()
    data = {
        "deployment": str(deployment),
        "project": project,
        "environment": environment,
        "status": status,
    }
    now = await session.scalar(sa.select(sa.func.clock_timestamp()))
    assert now is not None
    await announce(session, organization, f"deployment.{status}", data, now)
