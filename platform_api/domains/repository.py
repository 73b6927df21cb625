"""Queries for the domains of one project."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select
from sqlmodel.sql.expression import SelectOfScalar

from cygni.errors import AlreadyExists, NotFound
from platform_api.domains.models import Domain
from platform_api.projects.models import FoundProject


class Domains:
    def __init__(self, session: AsyncSession, project: FoundProject) -> None:
        self._session = session
        self._project = project

    async def all(self) -> Sequence[Domain]:
        return (await self._session.scalars(self._mine().order_by(col(Domain.name)))).all()

    async def of_the_organization(self) -> int:
        """How many it has in all of its projects."""
        mine = col(Domain.organization_id) == self._project.organization_id
        return await self._session.scalar(sa.select(sa.func.count()).where(mine)) or 0

    async def existing(self, id: uuid.UUID) -> Domain:
        """Locked until the transaction ends. Raises NotFound."""
        found = await self._session.scalar(self._mine().where(col(Domain.id) == id).with_for_update())
        if found is None:
            raise NotFound("there is no such domain")
        return found

    async def add(self, domain: Domain) -> None:
        """Raises AlreadyExists where the organization has it already."""
        there = select(Domain.id).where(
            col(Domain.organization_id) == domain.organization_id, col(Domain.name) == domain.name
        )
        if await self._session.scalar(there) is not None:
            raise AlreadyExists(f"the organization has the domain {domain.name} already")
        self._session.add(domain)

    async def delete(self, domain: Domain) -> None:
        await self._session.delete(domain)

    def _mine(self) -> SelectOfScalar[Domain]:
        return select(Domain).where(
            col(Domain.organization_id) == self._project.organization_id,
            col(Domain.project_id) == self._project.id,
        )
