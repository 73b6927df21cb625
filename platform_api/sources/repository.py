"""Queries for the sources of one project."""

from __future__ import annotations

import uuid

from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import defer
from sqlmodel import col, select
from sqlmodel.sql.expression import SelectOfScalar

from cygni.errors import NotFound
from platform_api.projects.models import FoundProject
from platform_api.sources.models import Source


class Sources:
    """Their archives are not read."""

    def __init__(self, session: AsyncSession, project: FoundProject) -> None:
        self._session = session
        self._project = project

    async def existing(self, source: uuid.UUID) -> Source:
        """Raises NotFound."""
        found = await self._session.scalar(self._mine().where(col(Source.id) == source))
        if found is None:
            raise NotFound(f"there is no source {source} in this project", hint="Send the folder first.")
        return found

    async def with_digest(self, digest: str) -> Source | None:
        return await self._session.scalar(self._mine().where(col(Source.digest) == digest))

    def add(self, source: Source) -> None:
        self._session.add(source)

    def _mine(self) -> SelectOfScalar[Source]:
        mine = select(Source).where(
            col(Source.organization_id) == self._project.organization_id,
            col(Source.project_id) == self._project.id,
        )
        return mine.options(defer(Source.archive))  # type: ignore[arg-type]
