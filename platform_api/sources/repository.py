"""Queries for the sources of one project."""

from __future__ import annotations

import uuid
from collections.abc import Awaitable, Callable
from datetime import datetime

import sqlalchemy as sa
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
        """Raises NotFound, also for one that is forgotten."""
        kept = self._mine().where(col(Source.id) == source, col(Source.archive).is_not(None))
        found = await self._session.scalar(kept)
        if found is None:
            raise NotFound(f"there is no source {source} in this project", hint="Send the folder first.")
        return found

    async def kept(self, source: Source, room: Callable[[], Awaitable[None]]) -> tuple[Source, bool]:
        """The one with its digest, and whether its bytes are kept from now on: of several that are sent at once one is.
        `room` is there for them when it returns. Raises what that does."""
        same = self._mine().where(col(Source.digest) == source.digest)
        there = await self._session.scalar(same)
        if there is not None and await self._is_sent_again(there, source.sent_at):
            return there, False
        await room()
        given = insert(Source).values(source.model_dump())
        again = given.on_conflict_do_update(
            index_elements=["organization_id", "project_id", "digest"],
            set_={"archive": given.excluded.archive, "sent_at": given.excluded.sent_at},
            where=col(Source.archive).is_(None),
        )
        added = await self._session.scalar(again.returning(col(Source.id)))
        found = await self._session.scalar(same)
        assert found is not None  # nothing deletes one while its project is there
        return found, added is not None

    async def _is_sent_again(self, there: Source, now: datetime) -> bool:
        """Whether its bytes are there; they are kept for as long as those of a new one."""
        sent = sa.update(Source).where(col(Source.id) == there.id, col(Source.archive).is_not(None))
        touched = sent.values(sent_at=now).returning(col(Source.id))
        found = await self._session.execute(touched.execution_options(synchronize_session=False))
        return found.scalar_one_or_none() is not None

    def _mine(self) -> SelectOfScalar[Source]:
        mine = select(Source).where(
            col(Source.organization_id) == self._project.organization_id,
            col(Source.project_id) == self._project.id,
        )
        return mine.options(defer(Source.archive))  # type: ignore[arg-type]
