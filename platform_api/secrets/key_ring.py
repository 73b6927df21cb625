"""The key-encryption keys of a server, opened once and kept in memory."""

from __future__ import annotations

import uuid

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from cygni.errors import StateError
from platform_api.clock import Clock
from platform_api.identifiers import new_id
from platform_api.secrets.encryption import KeyEncryptionKey, new_key
from platform_api.secrets.models import KeyEncryptionKeyRow
from platform_api.secrets.roots import Root

_LOCK = 6_281_440_108
"""Of two servers that start on an empty database, one makes the first key."""


class KeyRing:
    """`roots` are those that may be asked, the one for new keys first."""

    def __init__(self, roots: list[Root], clock: Clock) -> None:
        self._roots = {root.name: root for root in roots}
        self._newest_root = roots[0]
        self._clock = clock
        self._opened: dict[uuid.UUID, KeyEncryptionKey] = {}

    async def current(self, session: AsyncSession) -> KeyEncryptionKey:
        """The key for what is encrypted now; the first one is made here. Raises StateError."""
        row = await self._newest(session)
        if row is None:
            await session.execute(sa.text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
            row = await self._newest(session)
        return self._open(row) if row else await self.add(session)

    async def add(self, session: AsyncSession) -> KeyEncryptionKey:
        """A new key, which is the current one when the transaction is committed."""
        key = KeyEncryptionKey(new_id(), new_key())
        wrapped = self._newest_root.wrap(key.secret, key.id)
        row = KeyEncryptionKeyRow(
            id=key.id, root=self._newest_root.name, wrapped=wrapped, created_at=self._clock.now()
        )
        session.add(row)
        await session.flush()
        self._opened[key.id] = key
        return key

    async def key(self, session: AsyncSession, identifier: uuid.UUID) -> KeyEncryptionKey:
        """Raises StateError where it is gone, or its root cannot be asked."""
        if identifier in self._opened:
            return self._opened[identifier]
        row = await session.get(KeyEncryptionKeyRow, identifier)
        if row is None:
            raise StateError(f"the key-encryption key {identifier} of a secret is gone")
        return self._open(row)

    async def _newest(self, session: AsyncSession) -> KeyEncryptionKeyRow | None:
        return await session.scalar(
            select(KeyEncryptionKeyRow).order_by(col(KeyEncryptionKeyRow.id).desc()).limit(1)
        )

    def _open(self, row: KeyEncryptionKeyRow) -> KeyEncryptionKey:
        if row.id not in self._opened:
            root = self._roots.get(row.root)
            if root is None:
                raise StateError(
                    f"a key-encryption key was wrapped by {row.root}, which this server does not know",
                    hint="Set it until all keys are rotated.",
                )
            self._opened[row.id] = KeyEncryptionKey(row.id, root.unwrap(row.wrapped, row.id))
        return self._opened[row.id]
