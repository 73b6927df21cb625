"""Connections and transactions, asked of a real PostgreSQL."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable, Coroutine
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa

from platform_api.database import transactions
from platform_api.database.roles import url_as
from platform_api.database.transactions import Database, Scope, begin_as, enter
from tests.platform_api.conftest import ControlPlane
from tests.platform_api.server_key import KEY

_PID = sa.text("SELECT pg_backend_pid()")
_SET = sa.text("SELECT current_setting('cygni.organization', true)")
_NOBODY = Scope()
_SOME = Scope(organization=uuid.UUID(int=7))


@pytest.fixture
def url(control_plane: ControlPlane) -> str:
    return url_as(control_plane.owner_url, control_plane.roles.application, KEY)


def using(url: str, what: Callable[[Database], Coroutine[Any, Any, None]], size: int = 1) -> None:
    async def run() -> None:
        database = Database(url, size)
        try:
            await what(database)
        finally:
            await database.close()

    asyncio.run(run())


async def asked(database: Database, query: sa.TextClause, scope: Scope = _NOBODY) -> Any:
    async with database.transaction(scope) as session:
        return await session.scalar(query)


class TestConnections:
    def test_are_used_again(self, url: str) -> None:
        async def twice(database: Database) -> None:
            assert await asked(database, _PID) == await asked(database, _PID)

        using(url, twice)

    @pytest.mark.parametrize("rested", [0.0, 3600.0], ids=["asked", "heard of"])
    def test_that_have_ended_meanwhile_are_made_again(
        self, control_plane: ControlPlane, url: str, rested: float, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """All of them, the second included, which nobody has tried since."""
        monkeypatch.setattr(transactions, "RESTED_SECONDS", rested)

        async def ended(database: Database) -> None:
            async with database.transaction(Scope()) as one, database.transaction(Scope()) as other:
                before = {await one.scalar(_PID), await other.scalar(_PID)}
            with psycopg.connect(control_plane.owner_url, autocommit=True) as owner:
                for pid in before:
                    owner.execute("SELECT pg_terminate_backend(%s, 5000)", (pid,))
            async with database.transaction(Scope()) as one, database.transaction(Scope()) as other:
                assert not before & {await one.scalar(_PID), await other.scalar(_PID)}

        using(url, ended, size=2)

    def test_that_PostgreSQL_said_something_on_are_asked_and_kept(self, url: str) -> None:
        async def told(database: Database) -> None:
            async with database.transaction(Scope()) as session:
                await session.execute(sa.text("LISTEN something"))
                before = await session.scalar(_PID)
            with psycopg.connect(url, autocommit=True) as other:
                other.execute("NOTIFY something")
            assert await asked(database, _PID) == before

        using(url, told)


class TestATransaction:
    def test_begins_with_its_first_statement(self, url: str) -> None:
        async def unused(database: Database) -> None:
            async with database.transaction(_SOME):
                assert database.pool_use.used == 0
            async with database.transaction(_SOME) as session:
                await session.scalar(_PID)
                assert database.pool_use.used == 1

        using(url, unused)

    def test_is_for_whom_it_was_begun(self, url: str) -> None:
        async def begun(database: Database) -> None:
            assert await asked(database, _SET, _SOME) == str(_SOME.organization)
            assert not await asked(database, _SET)  # on the same connection

        using(url, begun)

    def test_is_for_whom_was_told_before_its_first_statement(self, url: str) -> None:
        async def told(database: Database) -> None:
            async with database.transaction(Scope()) as session:
                begin_as(session, _SOME)
                assert await session.scalar(_SET) == str(_SOME.organization)

        using(url, told)

    def test_goes_on_for_somebody_else(self, url: str) -> None:
        async def entered(database: Database) -> None:
            async with database.transaction(_SOME) as session:
                await session.scalar(_PID)
                await enter(session, Scope())
                assert not await session.scalar(_SET)

        using(url, entered)


def test_a_statement_by_itself_leaves_nothing_set(url: str) -> None:
    async def alone(database: Database) -> None:
        row = await database.row(
            sa.text("SELECT set_config('cygni.organization', :value, true)"), {"value": "x"}
        )
        assert row == ("x",)
        assert not await asked(database, _SET)

    using(url, alone)
