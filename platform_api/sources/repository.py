"""Queries for the sources of one project."""

from __future__ import annotations

import uuid

from sqlalchemy.dialects.postgresql import insert
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

    async def kept(self, source: Source) -> tuple[Source, bool]:
        """The one with its digest, and whether that is this one: of several that are sent at once one is kept."""
        same = self._mine().where(col(Source.digest) == source.digest)
        if (there := await self._session.scalar(same)) is not None:
            return there, False
        values = source.model_dump()
        added = await self._session.scalar(
            insert(Source).values(values).on_conflict_do_nothing().returning(col(Source.id))
        )
        found = await self._session.scalar(same)
        assert found is not None  # nothing deletes one while its project is there
        return found, added is not None

    def _mine(self) -> SelectOfScalar[Source]:
        mine = select(Source).where(
            col(Source.organization_id) == self._project.organization_id,
            col(Source.project_id) == self._project.id,
        )
        return mine.options(defer(Source.archive))  # type: ignore[arg-type]
