"""Rotation: a new key-encryption key, and all data keys wrapped by it instead. Ended at any point, it goes on from
there, and every secret opens meanwhile: old keys go when nothing is wrapped by them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from platform_api.database.transactions import Database, Scope
from platform_api.notifications.models import NotificationUrl
from platform_api.secrets.encryption import KeyEncryptionKey
from platform_api.secrets.key_ring import KeyRing, alone
from platform_api.secrets.models import KeyEncryptionKeyRow, Sealed, SecretVersion

BATCH = 200
SEALED: Final[tuple[type[Sealed], ...]] = (SecretVersion, NotificationUrl)
"""All tables whose rows a key-encryption key wraps."""


@dataclass(frozen=True, slots=True)
class Rotated:
    """`rewrapped` counts data keys; `resumed` is whether an earlier rotation, which was interrupted, was finished
    instead of a new one begun; `root` is what wraps the new key-encryption key."""

    rewrapped: int
    resumed: bool
    root: str


class Rotation:
    """`database` is connected as the worker's role."""

    def __init__(self, database: Database, ring: KeyRing) -> None:
        self._database = database
        self._ring = ring

    async def rotate(self) -> Rotated:
        """Begins a rotation, or finishes the one that was interrupted, if that was to the root of now. Of several at
        once each does a part. Raises StateError where a root does not answer."""
        resumed = await self._is_interrupted()
        if not resumed:
            await self.begin()
        rewrapped = await self.go_on()
        async with self._database.transaction(Scope()) as session:
            newest = select(KeyEncryptionKeyRow.root).order_by(col(KeyEncryptionKeyRow.id).desc()).limit(1)
            return Rotated(rewrapped, resumed, str(await session.scalar(newest)))

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
            await alone(session)  # whoever was encrypting has ended: what they left is rewrapped here
            current = await self._ring.current(session)
            while rewrapped := await self._rewrap_some(session, current, wait=True):
                count += rewrapped
            older = col(KeyEncryptionKeyRow.id) != current.id
            await session.execute(sa.delete(KeyEncryptionKeyRow).where(older))
        return count

    async def _is_interrupted(self) -> bool:
        async with self._database.transaction(Scope()) as session:
            keys = await session.scalar(select(sa.func.count()).select_from(KeyEncryptionKeyRow))
            return (keys or 0) > 1 and await self._ring.is_of_the_first_root(session)

    async def _batch(self) -> int:
        async with self._database.transaction(Scope()) as session:
            return await self._rewrap_some(session, await self._ring.current(session), wait=False)

    async def _rewrap_some(self, session: AsyncSession, current: KeyEncryptionKey, *, wait: bool) -> int:
        """`wait` for rows that another rotation has, else they are left to it."""
        count = 0
        for table in SEALED:
            query = (
                select(table)
                .where(col(table.key_encryption_key_id) != current.id)
                .limit(BATCH)
                .with_for_update(skip_locked=not wait)
            )
            for row in (await session.scalars(query)).all():
                await self._rewrap(session, row, current)
                count += 1
        await session.flush()
        return count

    async def _rewrap(self, session: AsyncSession, row: Sealed, current: KeyEncryptionKey) -> None:
        before = await self._ring.key(session, row.key_encryption_key_id)
        row.wrapped_key = current.wrap(before.unwrap(row.wrapped_key, row.place), row.place)
        row.key_encryption_key_id = current.id
