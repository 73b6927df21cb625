from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Sequence

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from platform_api.audit.models import AuditEntry


class AuditLog:
    def __init__(self, session: AsyncSession, organization: uuid.UUID) -> None:
        self._session = session
        self._organization = organization

    async def last(self) -> AuditEntry | None:
        """The newest entry. Nobody else adds one until this transaction ends."""
        await self._session.execute(
            sa.text("SELECT pg_advisory_xact_lock(hashtextextended(:of, 0))"),
            {"of": f"audit {self._organization}"},
        )
        query = select(AuditEntry).where(col(AuditEntry.organization_id) == self._organization)
        return await self._session.scalar(query.order_by(col(AuditEntry.number).desc()).limit(1))

    async def before(self, number: int | None, size: int) -> Sequence[AuditEntry]:
        """The newest first."""
        query = select(AuditEntry).where(col(AuditEntry.organization_id) == self._organization)
        if number is not None:
            query = query.where(col(AuditEntry.number) < number)
        return (await self._session.scalars(query.order_by(col(AuditEntry.number).desc()).limit(size))).all()

    async def in_order(self) -> AsyncIterator[AuditEntry]:
        """All, from the first on, without holding them all."""
        query = select(AuditEntry).where(col(AuditEntry.organization_id) == self._organization)
        query = query.order_by(col(AuditEntry.number)).execution_options(yield_per=1000)
        async for entry in await self._session.stream_scalars(query):
            yield entry

    def add(self, entry: AuditEntry) -> None:
        self._session.add(entry)
