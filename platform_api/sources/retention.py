"""Forgetting folders that nothing is done with any more, and how much of them an organisation may have."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from platform_api.deployments.kinds import Kind
from platform_api.deployments.lifecycle import OVER, Status
from platform_api.deployments.models import Deployment
from platform_api.sources.models import Source

UNUSED_FOR: Final = timedelta(days=1)
"""So long a folder waits for what it was sent for."""
DEPLOYMENTS_KEPT: Final = 20
"""Of each environment: the newest that succeeded, one of which is live, and the newest that did not."""
MEBIBYTE: Final = 1024**2


class Retention:
    """Of the folders of one organisation, whose transaction it is."""

    def __init__(self, session: AsyncSession, organization: uuid.UUID) -> None:
        self._session = session
        self._organization = organization

    async def forget_unused(self, now: datetime) -> None:
        """Their rows stay, for deployments refer to them; sent again, a folder is there again."""
        unused = (
            sa.update(Source)
            .where(
                col(Source.organization_id) == self._organization,
                col(Source.archive).is_not(None),
                col(Source.sent_at) < now - UNUSED_FOR,
                col(Source.id).not_in(self._used()),
            )
            .values(archive=None)
        )
        await self._session.execute(unused.execution_options(synchronize_session=False))

    async def mebibytes(self) -> int:
        """That are kept, each one that is begun counted as a whole."""
        kept = select(sa.func.coalesce(sa.func.sum(sa.func.octet_length(col(Source.archive))), 0)).where(
            col(Source.organization_id) == self._organization
        )
        return whole_mebibytes(int(await self._session.scalar(kept) or 0))

    def _used(self) -> sa.CompoundSelect[Any]:
        """What goes on may need its folder; what scales, restarts or runs a job takes that of the newest deploy,
        rollback or destroy that succeeded, and a rollback one of those before."""
        mine = col(Deployment.organization_id) == self._organization
        succeeded = col(Deployment.status) == Status.SUCCEEDED
        age = sa.func.row_number().over(
            partition_by=(col(Deployment.environment_id), succeeded), order_by=col(Deployment.id).desc()
        )
        newest = (
            sa.select(col(Deployment.source_id).label("source"), age.label("age"))
            .where(
                mine,
                col(Deployment.plan_only).is_(False),
                col(Deployment.kind).in_([Kind.DEPLOY, Kind.ROLLBACK, Kind.DESTROY]),
            )
            .subquery()
        )
        going_on = sa.select(col(Deployment.source_id)).where(mine, col(Deployment.status).not_in(OVER))
        return sa.union(going_on, sa.select(newest.c.source).where(newest.c.age <= DEPLOYMENTS_KEPT))


def whole_mebibytes(size: int) -> int:
    return -(-size // MEBIBYTE)
