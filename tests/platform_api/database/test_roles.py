"""Roles in a PostgreSQL of one's own, whose owner is no superuser: that of RDS is none."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from cygni.errors import StateError
from platform_api.backups import postgres_tools
from platform_api.database.migrate import upgrade
from platform_api.database.roles import Roles, make_roles, roles_of, url_as
from platform_api.database.transactions import Database
from tests.platform_api.server_key import KEY
from tests.postgres_server import PostgresServer


@pytest.fixture(scope="module")
def owned(postgres: PostgresServer) -> str:
    """The URL of a database whose owner may make roles, and nothing else that is out of the ordinary."""
    url = postgres.new_database()
    name = url.partition("@/")[2].partition("?")[0]
    postgres.run(f"CREATE ROLE {name}_owner LOGIN CREATEROLE PASSWORD 'x'")
    postgres.run(f"ALTER DATABASE {name} OWNER TO {name}_owner")
    return url.replace("://postgres:", f"://{name}_owner:")


def test_an_older_postgresql_is_refused_before_anything_is_made(
    postgres: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = postgres.new_database()
    monkeypatch.setattr(psycopg.ConnectionInfo, "server_version", 140_012)
    with pytest.raises(StateError, match="this is PostgreSQL 14, and the control plane needs 15 or later"):
        make_roles(url, KEY)
    with psycopg.connect(url) as connection:
        name = roles_of(url).application
        assert connection.execute("SELECT FROM pg_roles WHERE rolname = %s", (name,)).fetchone() is None


class TestAnOwnerWithoutPowers:
    def test_makes_everything_and_starts_again(self, owned: str) -> None:
        for _ in range(2):
            upgrade(owned, make_roles(owned, KEY))
        roles = make_roles(owned, KEY)
        with psycopg.connect(url_as(owned, roles.application, KEY)) as application:
            assert application.execute("SELECT count(*) FROM projects").fetchone() == (0,)

    def test_may_be_named_by_the_environment(self, owned: str, monkeypatch: pytest.MonkeyPatch) -> None:
        """As a container on Fargate gets it: the URL has the name of the database alone."""
        parts = conninfo_to_dict(owned)
        for variable, name in (("PGHOST", "host"), ("PGUSER", "user"), ("PGPASSWORD", "password")):
            monkeypatch.setenv(variable, str(parts[name]))
        bare = f"postgres:///{parts['dbname']}"
        roles = make_roles(bare, KEY)
        upgrade(bare, roles)

        async def answers() -> None:
            database = Database(url_as(bare, roles.application, KEY))
            await database.answers()
            await database.close()

        asyncio.run(answers())

    def test_is_told_why_it_cannot_back_up(self, owned: str, tmp_path: Path) -> None:
        upgrade(owned, make_roles(owned, KEY))
        with pytest.raises(StateError, match="row-level security") as refused:
            postgres_tools.dump(owned, tmp_path / "dump")
        assert "BYPASSRLS" in (refused.value.hint or "")


def test_several_servers_that_start_at_once_make_them(postgres: PostgresServer) -> None:
    url = postgres.new_database()
    beginning = Barrier(6)

    def start() -> Roles:
        beginning.wait()
        return make_roles(url, KEY)

    with ThreadPoolExecutor(6) as servers:
        made = [servers.submit(start) for _ in range(6)]
        assert {one.result() for one in made} == {roles_of(url)}


def test_the_url_of_a_role_has_no_other_in_its_query() -> None:
    named = "postgresql://ada:a@db.example/cygni?user=ada&sslmode=require&p%61ssword=a"
    found = conninfo_to_dict(url_as(named, "cygni_app", KEY))
    assert (found["user"], found["password"]) == ("cygni_app", KEY.role_password("cygni_app"))
    assert found["sslmode"] == "require"


def test_powers_that_somebody_gave_a_role_are_taken_from_it(postgres: PostgresServer) -> None:
    url = postgres.new_database()
    roles = make_roles(url, KEY)
    postgres.run(f"ALTER ROLE {roles.application} SUPERUSER BYPASSRLS")
    make_roles(url, KEY)
    with psycopg.connect(url) as owner:
        query = "SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = %s"
        assert owner.execute(query, (roles.application,)).fetchone() == (False,)
