"""A control plane on a real PostgreSQL, asked as clients ask it; one for each worker of pytest-xdist."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass

import psycopg
import pytest
from argon2 import PasswordHasher
from fastapi.testclient import TestClient
from psycopg import sql

from platform_api.access.passwords import Passwords
from platform_api.application import create_app
from platform_api.database.migrate import upgrade
from platform_api.database.roles import Roles, make_roles
from platform_api.keys import ServerKey
from platform_api.setup.service import setup_token
from platform_api.webhooks.destinations import Allowed
from tests.platform_api.moving_clock import MovingClock
from tests.platform_api.people import Person, Team
from tests.postgres_server import PostgresServer

KEY = ServerKey(b"k" * 32)


@dataclass(frozen=True)
class ControlPlane:
    """`owner_url` is that of the tables' owner."""

    client: TestClient
    owner_url: str
    roles: Roles
    clock: MovingClock


@pytest.fixture(scope="session")
def migrated(postgres: PostgresServer) -> tuple[str, Roles]:
    """The URL and the roles of a database with all tables, for the tests of a worker one after the other."""
    url = postgres.new_database()
    roles = make_roles(url, KEY)
    upgrade(url, roles)
    return url, roles


@pytest.fixture
def clock() -> MovingClock:
    return MovingClock()


@pytest.fixture
def control_plane(migrated: tuple[str, Roles], clock: MovingClock) -> Iterator[ControlPlane]:
    """One that nobody has set up."""
    url, roles = migrated
    with psycopg.connect(url) as owner:
        rows = owner.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        tables = [sql.Identifier(row[0]) for row in rows if row[0] != "alembic_version"]
        owner.execute(sql.SQL("TRUNCATE {}").format(sql.SQL(", ").join(tables)))
    quick = Passwords(PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))
    app = create_app(
        url,
        KEY,
        clock,
        quick,
        slack_hosts=frozenset({"hooks.slack.com", "127.0.0.1"}),
        webhook_networks=Allowed.parse("127.0.0.1"),
    )
    with TestClient(app, raise_server_exceptions=False) as client:
        yield ControlPlane(client, url, roles, clock)


@pytest.fixture
def team(control_plane: ControlPlane) -> Team:
    """One that Ada has set up, with the organisation `acme`."""
    ada = Person(control_plane.client, "ada@example.com")
    answer = ada.post(
        "/v1/setup",
        token=setup_token(KEY).text,
        email=ada.email,
        name="Ada",
        password=ada.password,
        organization={"slug": "acme", "name": "Acme"},
    )
    assert answer.status_code == 201, answer.text
    ada.take(answer.json())
    return Team(control_plane.client, ada)


@pytest.fixture
def beside(control_plane: ControlPlane) -> Iterator[psycopg.Connection]:
    """A transaction of somebody else."""
    with psycopg.connect(control_plane.owner_url) as connection:
        yield connection


def wait_for(count: int, beside: psycopg.Connection) -> None:
    """Until so many transactions wait for another one."""
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    until = time.monotonic() + 30
    while beside.execute(waiting).fetchone() != (count,):
        assert time.monotonic() < until, "nobody waits"
        beside.execute("SELECT pg_stat_clear_snapshot()")
        time.sleep(0.02)
