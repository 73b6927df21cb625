"""Queries for the credits of one organisation."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from cygni.errors import NotFound
from platform_api.credits.models import CreditGrant


class Credits:
    def __init__(self, session: AsyncSession, organization: uuid.UUID) -> None:
        self._session = session
        self._organization = organization

    async def all(self) -> Sequence[CreditGrant]:
        """The oldest first; those that were voided too."""
        query = select(CreditGrant).where(col(CreditGrant.organization_id) == self._organization)
        return (await self._session.scalars(query.order_by(col(CreditGrant.id)))).all()

    async def existing(self, grant: uuid.UUID) -> CreditGrant:
        """Locked until the transaction ends. Raises NotFound."""
        query = select(CreditGrant).where(
            col(CreditGrant.organization_id) == self._organization, col(CreditGrant.id) == grant
        )
        found = await self._session.scalar(query.with_for_update())
        if found is None:
            raise NotFound(f"there is no credit {str(grant)!r}", hint="See which there are: cx credit list")
        return found

    def add(self, grant: CreditGrant) -> None:
        self._session.add(grant)
