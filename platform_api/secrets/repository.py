"""Queries for the secrets of one environment."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select
from sqlmodel.sql.expression import SelectOfScalar

from platform_api.environments.models import Environment
from platform_api.secrets.models import Secret, SecretVersion


class Secrets:
    def __init__(self, session: AsyncSession, environment: Environment) -> None:
        self._session = session
        self._environment = environment

    async def all(self) -> Sequence[Secret]:
        return (await self._session.scalars(self._mine().order_by(col(Secret.name)))).all()

    async def named(self, name: str) -> Secret | None:
        return await self._session.scalar(self._mine().where(col(Secret.name) == name))

    async def locked(self, name: str) -> Secret | None:
        return await self._session.scalar(self._mine().where(col(Secret.name) == name).with_for_update())

    async def version(self, secret: Secret, number: int) -> SecretVersion | None:
        return await self._session.get(SecretVersion, (secret.id, number))

    def add(self, row: Secret | SecretVersion) -> None:
        self._session.add(row)

    async def delete(self, secret: Secret) -> None:
        await self._session.delete(secret)

    def _mine(self) -> SelectOfScalar[Secret]:
        return select(Secret).where(
            col(Secret.organization_id) == self._environment.organization_id,
            col(Secret.environment_id) == self._environment.id,
        )
