"""Queries for the secrets of one environment."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select
from sqlmodel.sql.expression import SelectOfScalar

from platform_api.environments.models import Environment
from platform_api.secrets.models import KeyEncryptionKeyRow, Secret, SecretVersion


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

    async def version(self, secret: Secret, number: int) -> tuple[SecretVersion, KeyEncryptionKeyRow] | None:
        """With the key that it is wrapped by at this moment: in one statement, as a rotation goes on meanwhile."""
        asked = (
            select(SecretVersion, KeyEncryptionKeyRow)
            .join(
                KeyEncryptionKeyRow, col(KeyEncryptionKeyRow.id) == col(SecretVersion.key_encryption_key_id)
            )
            .where(col(SecretVersion.secret_id) == secret.id, col(SecretVersion.version) == number)
        )
        found = (await self._session.execute(asked)).one_or_none()
        return (found[0], found[1]) if found else None

    def add(self, row: Secret | SecretVersion) -> None:
        self._session.add(row)

    async def delete(self, secret: Secret) -> None:
        await self._session.delete(secret)

    def _mine(self) -> SelectOfScalar[Secret]:
        return select(Secret).where(
            col(Secret.organization_id) == self._environment.organization_id,
            col(Secret.environment_id) == self._environment.id,
        )
