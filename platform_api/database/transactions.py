"""Transactions, each on behalf of somebody: what row-level security lets it see is set at its begin."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy import AsyncAdaptedQueuePool
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine

from platform_api.database.migrate import sqlalchemy_url

POOL = 10
"""Connections of a process; PostgreSQL takes 100 as it comes."""
WAIT_SECONDS = 5.0

_SET = sa.text(
    "SELECT set_config('cygni.organization', :organization, true), set_config('cygni.user', :user, true), "
    "set_config('cygni.credential', :credential, true)"
)


@dataclass(frozen=True, slots=True)
class Scope:
    """For whom a transaction is: the tenant whose rows it sees; before that is known, the user whose memberships it
    sees, or the public part of the credential (an API key, an
    invitation) whose row it sees."""

    organization: uuid.UUID | None = None
    user: uuid.UUID | None = None
    credential: str | None = None


@dataclass(frozen=True, slots=True)
class PoolUse:
    """Connections that requests have at this moment, and those that more of them could have."""

    used: int
    free: int


_NOBODY = Scope()


class Database:
    """Connections of the role that serves requests."""

    def __init__(self, url: str, size: int = POOL) -> None:
        self._engine = create_async_engine(
            sqlalchemy_url(url),
            pool_size=size,
            max_overflow=0,
            pool_timeout=WAIT_SECONDS,
            pool_pre_ping=True,
            hide_parameters=True,  # errors are logged, and values are what people sent
        )

    @asynccontextmanager
    async def transaction(self, scope: Scope, isolation: str | None = None) -> AsyncIterator[AsyncSession]:
        """Commits at the end of the block; an exception that leaves it rolls back. `isolation` is a level that
        PostgreSQL has, where its own choice is not enough."""
        engine = self._engine
        if isolation is not None:
            engine = engine.execution_options(isolation_level=isolation)
        async with AsyncSession(engine, expire_on_commit=False) as session, session.begin():
            if scope != _NOBODY:  # what was set has ended with the transaction that set it
                await enter(session, scope)
            yield session

    async def answers(self) -> None:
        """Raises sqlalchemy's errors where the database does not answer."""
        async with self._engine.connect() as connection:
            await connection.execute(sa.text("SELECT 1"))

    @property
    def pool_use(self) -> PoolUse:
        pool = self._engine.pool
        assert isinstance(pool, AsyncAdaptedQueuePool)
        used = pool.checkedout()
        return PoolUse(used, pool.size() - used)

    async def close(self) -> None:
        await self._engine.dispose()


async def enter(session: AsyncSession, scope: Scope) -> None:
    """Goes on with the transaction on behalf of `scope`; what is set ends with the transaction."""
    values = {"organization": scope.organization, "user": scope.user, "credential": scope.credential}
    await session.execute(_SET, {name: str(value or "") for name, value in values.items()})
