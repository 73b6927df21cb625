"""Writing what is told of a deployment, and waking those who wait for it. The row counts its events."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from platform_api.accounts.models import MOMENT
from platform_api.budgets.reservations import end_reservation
from platform_api.deployments.announcing import announce_build, announce_status
from platform_api.deployments.models import DeploymentEvent
from platform_api.metering.outcomes import BUILT

NOW = sa.func.clock_timestamp(type_=MOMENT)
"""The clock of the database, which all workers share."""
CHANNEL = "cygni_deployments"
"""Where workers hear that there is something to look at. Who does not hear it looks now and then."""

ROWS_AT_ONCE = 1000
"""A statement of PostgreSQL takes 65,535 values, and a job may write any number of lines between two looks."""


@dataclass(frozen=True, slots=True)
class Told:
    """An event of a deployment that has no number yet; `data` holds JSON values and no secret."""

    kind: str
    data: Mapping[str, Any]


async def add_events(
    session: AsyncSession, organization: uuid.UUID, deployment: uuid.UUID, first: int, events: Sequence[Told]
) -> None:
    """Writes events under the numbers from `first` on, which the deployment's row has counted already, and tells others
    what they are to hear of them; what a deployment that is over had reserved of budgets is reserved no more."""
    rows = [
        {
            "organization_id": organization,
            "deployment_id": deployment,
            "number": number,
            "at": NOW,
            "kind": event.kind,
            "data": dict(event.data),
        }
        for number, event in enumerate(events, first)
    ]
    for begin in range(0, len(rows), ROWS_AT_ONCE):
        await session.execute(sa.insert(DeploymentEvent).values(rows[begin : begin + ROWS_AT_ONCE]))
    for number, event in enumerate(events, first):
        if event.kind == "status":
            await announce_status(session, organization, deployment, event.data["status"])
            await end_reservation(session, organization, deployment, event.data["status"])
        elif event.kind == BUILT:
            await announce_build(session, organization, deployment, number, event.data)


async def wake_workers(session: AsyncSession) -> None:
    """When the transaction is committed."""
    await session.execute(sa.select(sa.func.pg_notify(CHANNEL, "")))
