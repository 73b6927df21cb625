"""What an environment runs by all that the control plane has asked for: its last deploy, and what was scaled since."""

from __future__ import annotations

import tempfile
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import structlog
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from cygni.errors import CygniError
from cygni.spec.loader import find_spec, load_spec
from cygni.spec.services import StandingService
from platform_api.deployments.kinds import Kind
from platform_api.deployments.lifecycle import OVER, Status
from platform_api.deployments.models import Deployment
from platform_api.environments.models import Environment
from platform_api.sources.archive import unpack
from platform_api.sources.models import Source

logger = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Standing:
    """The folder of the last deploy, and the numbers of tasks, by service, that were asked for since."""

    source: uuid.UUID
    archive: bytes
    scaled: Mapping[str, int]


async def standing(session: AsyncSession, environment: Environment) -> Standing | None:
    """None where the environment is not deployed, or was deleted since."""
    query = (
        select(Deployment.id, Deployment.kind, Source.id, Source.archive)
        .join(Source, col(Source.id) == col(Deployment.source_id))
        .where(
            col(Deployment.organization_id) == environment.organization_id,
            col(Deployment.environment_id) == environment.id,
            col(Deployment.status) == Status.SUCCEEDED,
            col(Deployment.plan_only).is_(False),
            col(Deployment.kind).in_([Kind.DEPLOY, Kind.DESTROY]),
        )
        .order_by(col(Deployment.id).desc())
        .limit(1)
    )
    row = (await session.execute(query)).one_or_none()
    if row is None or row[1] == Kind.DESTROY:
        return None
    return Standing(row[2], row[3], await _scaled(session, environment, row[0]))


async def _scaled(session: AsyncSession, environment: Environment, since: uuid.UUID) -> dict[str, int]:
    """By those that succeeded, and those that are still to come: what is asked for next waits behind them."""
    query = select(Deployment.arguments).where(
        col(Deployment.organization_id) == environment.organization_id,
        col(Deployment.environment_id) == environment.id,
        col(Deployment.kind) == Kind.SCALE,
        col(Deployment.id) > since,
        col(Deployment.status).not_in(OVER - {Status.SUCCEEDED}),
    )
    found: dict[str, int] = {}
    for arguments in await session.scalars(query.order_by(col(Deployment.id))):
        found |= arguments["counts"]
    return found


def counts_of(there: Standing, environment: str) -> dict[str, int]:
    """How many tasks its services run. One that is autoscaled has as few as its load allows already. Nothing where
    cygni.yaml cannot be read: the next deploy will tell its owner."""
    with tempfile.TemporaryDirectory() as folder:
        try:
            unpack(there.archive, Path(folder))
            services = load_spec(find_spec(Path(folder)), environment).services
        except CygniError as error:
            logger.warning("a folder could not be read", code=error.code)
            return {}
    return {
        name: there.scaled.get(name, service.count)
        for name, service in services.items()
        if isinstance(service, StandingService) and service.autoscale is None
    }
