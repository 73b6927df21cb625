"""Whether something is being deployed: what a worker is working on is not taken away under it, and others wait."""

from __future__ import annotations

import uuid
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from cygni.errors import WrongState
from platform_api.deployments.lifecycle import OCCUPYING, OVER, RUNNING, Status, words
from platform_api.deployments.models import Deployment

WAITING: Final = frozenset({Status.QUEUED, Status.APPROVED})
"""For a worker, and for what is ahead of it in its environment."""


async def ahead(session: AsyncSession, deployment: Deployment) -> dict[str, Any] | None:
    """What a deployment that waits has to wait for before any worker takes it up, as queue.py chooses: the `id` and the
    `actor` of what is worked on in its environment, else of what is next there; None where it is its turn."""
    under_way = col(Deployment.status).in_(OCCUPYING)
    earlier = col(Deployment.status).in_(WAITING) & (col(Deployment.id) < deployment.id)
    query = select(Deployment.id, Deployment.actor).where(
        col(Deployment.organization_id) == deployment.organization_id,
        col(Deployment.environment_id) == deployment.environment_id,
        col(Deployment.id) != deployment.id,
        sa.or_(under_way, earlier),
    )
    found = (await session.execute(query.order_by(under_way.desc(), col(Deployment.id)).limit(1))).first()
    return None if found is None else {"id": str(found[0]), "actor": found[1]}


async def require_idle(
    session: AsyncSession, organization: uuid.UUID, project: uuid.UUID, environment: uuid.UUID | None = None
) -> None:
    """Of a project, or of one environment of it. Until the transaction ends no worker takes up what waits there: it
    is locked, and workers pass it by. Raises WrongState where one works on a deployment, or has to mend what a lost one
    left."""
    query = select(Deployment).where(
        col(Deployment.organization_id) == organization,
        col(Deployment.project_id) == project,
        col(Deployment.status).not_in(OVER),
    )
    if environment is not None:
        query = query.where(col(Deployment.environment_id) == environment)
    found = (await session.scalars(query.order_by(col(Deployment.id)).with_for_update())).all()
    for one in found:
        if one.status in OCCUPYING | RUNNING:
            raise WrongState(
                f"a deployment here is {words(Status(one.status))}",
                hint="Cancel it, or wait until it is over; what it has begun would be nobody's.",
                details={"deployment": str(one.id), "status": one.status},
            )
