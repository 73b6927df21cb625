"""Rotation: a new key-encryption key, and all data keys wrapped by it instead. Ended at any point, it goes on from
there, and every secret opens meanwhile: old keys go when nothing is wrapped by them."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from platform_api.database.transactions import Database, Scope
from platform_api.secrets.encryption import KeyEncryptionKey, Place
from platform_api.secrets.key_ring import KeyRing
from platform_api.secrets.models import KeyEncryptionKeyRow, SecretVersion

BATCH = 200


class Rotation:
    """`database` is connected as the worker's role."""

    def __init__(self, database: Database, ring: KeyRing) -> None:
        self._database = database
        self._ring = ring

    async def begin(self) -> KeyEncryptionKey:
        """A new key. Without it, `go_on` finishes what an earlier rotation left."""
        async with self._database.transaction(Scope()) as session:
            return await self._ring.add(session)

    async def go_on(self) -> int:
        """Rewraps what older keys wrapped, and removes those; how many were rewrapped."""
        count = 0
        while rewrapped := await self._batch():
            count += rewrapped
        async with self._database.transaction(Scope()) as session:
            current = await self._ring.current(session)
            used = select(SecretVersion.key_encryption_key_id)
            await session.execute(
                sa.delete(KeyEncryptionKeyRow).where(
                    col(KeyEncryptionKeyRow.id) != current.id, col(KeyEncryptionKeyRow.id).not_in(used)
                )
            )
        return count

    async def _batch(self) -> int:
        async with self._database.transaction(Scope()) as session:
            current = await self._ring.current(session)
            query = (
                select(SecretVersion)
                .where(col(SecretVersion.key_encryption_key_id) != current.id)
                .limit(BATCH)
                .with_for_update(skip_locked=True)
            )
            rows = (await session.scalars(query)).all()
            for row in rows:
                await self._rewrap(session, row, current)
            return len(rows)

    async def _rewrap(self, session: AsyncSession, row: SecretVersion, current: KeyEncryptionKey) -> None:
        place = Place(row.organization_id, row.secret_id, row.version)
        before = await self._ring.key(session, row.key_encryption_key_id)
        row.wrapped_key = current.wrap(before.unwrap(row.wrapped_key, place), place)
        row.key_encryption_key_id = current.id
