from __future__ import annotations

import uuid
from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from platform_api.projects.models import Project


class Projects:
    """Of one organisation: its id is in every query, and row-level security is the second line."""

    def __init__(self, session: AsyncSession, organization: uuid.UUID) -> None:
        self._session = session
        self._organization = organization

    async def named(self, slug: str, *, for_update: bool = False) -> Project | None:
        query = select(Project).where(
            col(Project.organization_id) == self._organization, col(Project.slug) == slug
        )
        return await self._session.scalar(query.with_for_update() if for_update else query)

    async def page(self, after: str | None, size: int) -> Sequence[Project]:
        """In the order of their slugs, from the one after `after`."""
        query = select(Project).where(col(Project.organization_id) == self._organization)
        if after is not None:
            query = query.where(col(Project.slug) > after)
        return (await self._session.scalars(query.order_by(col(Project.slug)).limit(size))).all()

    def add(self, project: Project) -> None:
        self._session.add(project)

    async def delete(self, project: Project) -> None:
        await self._session.delete(project)
