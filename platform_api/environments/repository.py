"""Queries for the environments of one project."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select
from sqlmodel.sql.expression import SelectOfScalar

from cygni.errors import NotFound
from platform_api.environments.models import Environment
from platform_api.projects.models import FoundProject


class Environments:
    def __init__(self, session: AsyncSession, project: FoundProject) -> None:
        self._session = session
        self._project = project

    async def all(self) -> Sequence[Environment]:
        return (await self._session.scalars(self._mine().order_by(col(Environment.name)))).all()

    async def existing(self, name: str, *, for_update: bool = False) -> Environment:
        """The environment of this name, `for_update` locked until the transaction ends. Raises NotFound."""
        asked = self._mine().where(col(Environment.name) == name)
        found = await self._session.scalar(asked.with_for_update() if for_update else asked)
        if found is None:
            raise NotFound(f"there is no environment {name!r} in this project")
        return found

    async def of_id(self, id: uuid.UUID | None) -> Environment | None:
        """The environment that a row refers to; None for None."""
        if id is None:
            return None
        return await self._session.scalar(self._mine().where(col(Environment.id) == id))

    def add(self, environment: Environment) -> None:
        self._session.add(environment)

    async def delete(self, environment: Environment) -> None:
        await self._session.delete(environment)

    def _mine(self) -> SelectOfScalar[Environment]:
        return select(Environment).where(
            col(Environment.organization_id) == self._project.organization_id,
            col(Environment.project_id) == self._project.id,
        )
