"""What a deployment used, written in the transaction in which it happens: none is lost, and none counts twice."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from cygni.billing.meters import BUILD_MINUTES, DEPLOYMENTS, Meter
from platform_api.deployments.kinds import Kind
from platform_api.deployments.lifecycle import Status
from platform_api.deployments.models import Deployment
from platform_api.usage.cloud_events import Reported
from platform_api.usage.store import PostgresMeterStore

SOURCE = "cygni:metering"
"""Of all events of Cygni's own."""
BUILT = "built"
"""The event of a deployment that tells of one build, with its `service` and the `seconds` it took, however it ended."""
_PLACES = 9


async def count_deployment(
    session: AsyncSession, row: Deployment, project: str, environment: str, now: datetime
) -> None:
    """One that has succeeded. Going back is free, so that nobody thinks twice about it, and so is looking at a plan."""
    if row.status != Status.SUCCEEDED or row.kind != Kind.DEPLOY or row.plan_only:
        return
    told = _event(DEPLOYMENTS, str(row.id), str(row.id), Decimal(1), project, environment, now)
    await PostgresMeterStore(session, row.organization_id).record([told], now)


async def count_build(
    session: AsyncSession,
    organization: uuid.UUID,
    event: tuple[uuid.UUID, int],
    data: Mapping[str, Any],
    place: tuple[str, str],
    now: datetime,
) -> None:
    """`event` is the deployment and the number of what it told, `place` its project and environment."""
    deployment, number = event
    minutes = round(Decimal(str(data["seconds"])) / 60, _PLACES)
    told = _event(BUILD_MINUTES, f"{deployment} {number}", str(data["service"]), minutes, *place, now)
    await PostgresMeterStore(session, organization).record([told], now)


def _event(
    meter: Meter, id: str, subject: str, quantity: Decimal, project: str, environment: str, now: datetime
) -> Reported:
    return Reported(SOURCE, f"{meter.key} {id}", meter.key, now, quantity, subject, project, environment)
