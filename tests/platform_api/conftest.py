"""A control plane on a real PostgreSQL, asked as clients ask it; one for each worker of pytest-xdist."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace

import psycopg
import pytest
from argon2 import PasswordHasher
from fastapi import FastAPI
from fastapi.testclient import TestClient

from platform_api.access.access_tokens import AccessTokens
from platform_api.access.open_streams import OpenStreams
from platform_api.access.passwords import Passwords
from platform_api.access.rate_limits import Limits
from platform_api.application import create_app
from platform_api.database.migrate import upgrade
from platform_api.database.roles import Roles, make_roles
from platform_api.secrets.key_ring import KeyRing
from platform_api.secrets.roots import ServerKeyRoot
from platform_api.setup.service import setup_token
from platform_api.subscriptions.entitlements import RequestQuotas
from platform_api.webhooks.destinations import Allowed
from tests.platform_api.moving_clock import MovingClock
from tests.platform_api.people import Person, Team
from tests.platform_api.server_key import KEY
from tests.platform_api.tables import Tables
from tests.postgres_server import PostgresServer

QUICK = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)


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


@pytest.fixture(scope="session")
def tables(migrated: tuple[str, Roles]) -> Iterator[Tables]:
    """Those of `migrated`."""
    with psycopg.connect(migrated[0], autocommit=True) as owner:
        yield Tables(owner)


@pytest.fixture
def clock() -> MovingClock:
    return MovingClock()


@pytest.fixture(scope="session")
def shared_client(migrated: tuple[str, Roles]) -> Iterator[TestClient]:
    """An application with its connections: to build one takes longer than most tests."""
    with TestClient(_application(migrated[0], MovingClock())) as client:
        yield client


@pytest.fixture
def control_plane(
    migrated: tuple[str, Roles], tables: Tables, shared_client: TestClient, clock: MovingClock
) -> Iterator[ControlPlane]:
    """One that nobody has set up, and that remembers nothing: its wiring is that of a server that has just begun."""
    tables.empty()
    app = shared_client.app
    before = app.state.wiring  # type: ignore[attr-defined]
    app.state.wiring = replace(  # type: ignore[attr-defined]
        before,
        clock=clock,
        access_tokens=AccessTokens(KEY.signing_key(), clock),
        passwords=Passwords(QUICK),
        key_ring=KeyRing([ServerKeyRoot(KEY)], clock),
        limits=Limits(),
        streams=OpenStreams(before.edge.streams),
        request_quotas=RequestQuotas(),
    )
    client = TestClient(app, raise_server_exceptions=False)  # has no cookies of others
    client.portal = shared_client.portal  # the loop that its connections are of
    yield ControlPlane(client, *migrated, clock)
    client.close()
    app.state.wiring = before  # type: ignore[attr-defined]


@pytest.fixture
def own_control_plane(
    migrated: tuple[str, Roles], tables: Tables, clock: MovingClock
) -> Iterator[ControlPlane]:
    """One whose application no other test has asked anything."""
    tables.empty()
    with TestClient(_application(migrated[0], clock), raise_server_exceptions=False) as client:
        yield ControlPlane(client, *migrated, clock)


def _application(url: str, clock: MovingClock) -> FastAPI:
    return create_app(
        url,
        KEY,
        clock,
        Passwords(QUICK),
        slack_hosts=frozenset({"hooks.slack.com", "127.0.0.1"}),
        webhook_networks=Allowed.parse("127.0.0.1"),
    )


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
