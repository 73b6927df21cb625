"""Transactions, each on behalf of somebody: what row-level security lets it see is set at its begin."""

from __future__ import annotations

import select
import time
import uuid
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy import AsyncAdaptedQueuePool
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import Session
from sqlalchemy.pool import ConnectionPoolEntry

from platform_api.database.migrate import sqlalchemy_url

POOL = 10
"""Connections of a process; PostgreSQL takes 100 as it comes."""
WAIT_SECONDS = 5.0
RESTED_SECONDS = 1.0
"""After which a connection is asked whether it still answers: what lies between may have dropped it without a word."""

AWAY = (sa.exc.OperationalError, sa.exc.InterfaceError, sa.exc.TimeoutError)
"""What is raised where the database does not answer, or all connections are taken: later it may be otherwise."""

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
            hide_parameters=True,  # errors are logged, and values are what people sent
        )
        self._single = self._engine.execution_options(isolation_level="AUTOCOMMIT")
        sa.event.listen(self._engine.sync_engine, "checkout", self._require_alive)
        sa.event.listen(self._engine.sync_engine, "checkin", _note_use)

    @asynccontextmanager
    async def transaction(self, scope: Scope, isolation: str | None = None) -> AsyncIterator[AsyncSession]:
        """Commits at the end of the block; an exception that leaves it rolls back. One that is never used costs
        PostgreSQL nothing: it begins with its first statement. `isolation` is a level that PostgreSQL has, where its
        own choice is not enough."""
        engine = self._engine
        if isolation is not None:
            engine = engine.execution_options(isolation_level=isolation)
        async with AsyncSession(engine, expire_on_commit=False) as session, session.begin():
            begin_as(session, scope)
            yield session

    async def row(self, statement: sa.TextClause, values: Mapping[str, object]) -> sa.Row[Any] | None:
        """Of a statement that is a transaction by itself: what it sets ends with it."""
        async with self._single.connect() as connection:
            return (await connection.execute(statement, values)).one_or_none()

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

    def _require_alive(self, connection: Any, record: ConnectionPoolEntry, _: object) -> None:
        """Raises InvalidatePoolError for a connection that has ended, which the pool then makes again, as all others.

        SQLAlchemy's own ping asks the server each time. Here it is asked after a rest, or where something came unasked:
        a server that ends, or dies, is heard of at once.
        """
        used = record.info.get(_USED)
        if used is None or (time.monotonic() - used < RESTED_SECONDS and not _heard(connection)):
            return
        dialect = self._engine.dialect
        try:
            dialect.do_ping(connection)
        except dialect.loaded_dbapi.Error as error:
            raise sa.exc.InvalidatePoolError from error


_USED = "cygni used"
_SCOPE = "cygni scope"


def _note_use(_: object, record: ConnectionPoolEntry) -> None:
    record.info[_USED] = time.monotonic()


def _heard(connection: Any) -> bool:
    """Whether something came that nobody has read, the end of the connection included."""
    driver = connection.driver_connection
    if driver.closed:
        return True
    look = select.poll()
    look.register(driver.fileno(), select.POLLIN)
    return bool(look.poll(0))


def begin_as(session: AsyncSession, scope: Scope) -> None:
    """Has the transaction, which has not begun, begin on behalf of `scope`."""
    session.sync_session.info[_SCOPE] = scope


async def enter(session: AsyncSession, scope: Scope) -> None:
    """Goes on with the transaction on behalf of `scope`; what is set ends with the transaction."""
    await session.execute(_SET, _values(scope))


def _values(scope: Scope) -> dict[str, str]:
    values = {"organization": scope.organization, "user": scope.user, "credential": scope.credential}
    return {name: str(value or "") for name, value in values.items()}


@sa.event.listens_for(Session, "after_begin")
def _enter_at_once(session: Session, _: object, connection: sa.Connection) -> None:
    """What was set before has ended with the transaction that set it, so nobody needs no statement."""
    scope = session.info.get(_SCOPE, _NOBODY)
    if scope != _NOBODY:
        connection.execute(_SET, _values(scope))
