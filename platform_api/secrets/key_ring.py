"""The key-encryption keys of a server, opened once and kept in memory."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Sequence

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
"""Held while a key is made or removed, and shared while one is used for something new: of two servers that start on an
empty database one makes the first key, and no key is removed that somebody is about to use."""


_SHARED = sa.text("SELECT pg_advisory_xact_lock_shared(:lock)").bindparams(lock=_LOCK)
_ALONE = sa.text("SELECT pg_advisory_xact_lock(:lock)").bindparams(lock=_LOCK)


async def alone(session: AsyncSession) -> None:
    """Until the transaction ends nobody begins to use a key, and those who had begun have ended."""
    await session.execute(_ALONE)


class KeyRing:
    """`roots` are those that may be asked, the one for new keys first."""

    def __init__(self, roots: Sequence[Root], clock: Clock) -> None:
        self._roots = {root.name: root for root in roots}
        self._newest_root = roots[0]
        self._clock = clock
        self._opened: dict[uuid.UUID, KeyEncryptionKey] = {}

    async def current(self, session: AsyncSession) -> KeyEncryptionKey:
        """The key for what is encrypted in this transaction, until whose end no key is removed; the first one is made
        here. Raises StateError."""
        row = await self._newest(session)
        await session.execute(_SHARED if row else _ALONE)
        row = await self._newest(session)
        return await self.opened(row) if row else await self.add(session)

    async def open_all(self, session: AsyncSession) -> None:
        """So that no request waits for a root; the first key is made here. Raises StateError."""
        await self.current(session)
        for row in await session.scalars(select(KeyEncryptionKeyRow)):
            await self.opened(row)

    async def is_of_the_first_root(self, session: AsyncSession) -> bool:
        """Whether the current key, if there is one, was wrapped by the root for new keys."""
        row = await self._newest(session)
        return row is not None and row.root == self._newest_root.name

    async def add(self, session: AsyncSession) -> KeyEncryptionKey:
        """A new key, which is the current one when the transaction is committed. Raises StateError where it would not
        be: its id begins with the time, and a rotation would keep the key before and remove this one."""
        before = await self._newest(session)
        key = KeyEncryptionKey(new_id(), new_key())
        if before is not None and key.id <= before.id:
            raise StateError(
                "the clock of this machine is behind that of the one that made the key-encryption key before",
                hint="Nothing was changed. Set the clock, and make the new key again: cx server rotate-key",
            )
        wrapped = await asyncio.to_thread(self._newest_root.wrap, key.secret, key.id)
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
        return await self.opened(row)

    async def _newest(self, session: AsyncSession) -> KeyEncryptionKeyRow | None:
        return await session.scalar(
            select(KeyEncryptionKeyRow).order_by(col(KeyEncryptionKeyRow.id).desc()).limit(1)
        )

    async def opened(self, row: KeyEncryptionKeyRow) -> KeyEncryptionKey:
        """Asks the row's root once. Raises StateError where that is not known, or does not open it."""
        if row.id not in self._opened:
            root = self._roots.get(row.root)
            if root is None:
                raise StateError(
                    f"a key-encryption key was wrapped by {row.root}, which this server does not know",
                    hint="Name it in CYGNI_SERVER_OLD_KMS_KEYS until `cx server rotate-key` has replaced it.",
                )
            secret = await asyncio.to_thread(root.unwrap, row.wrapped, row.id)
            self._opened[row.id] = KeyEncryptionKey(row.id, secret)
        return self._opened[row.id]
