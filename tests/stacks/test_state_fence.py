"""On a PostgreSQL, with the engine's table and sessions such as its driver opens."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import psycopg
import pytest

from cygni.errors import LeaseLost, StateError, UsageError
from cygni.state_place import StatePlace, state_place
from stacks.postgres_connection import libpq_url
from stacks.state_fence import fence_in, fenced_url
from tests.postgres_server import PostgresServer

STAGING = "shop/staging"


@pytest.fixture
def place(postgres: PostgresServer) -> StatePlace:
    url = postgres.new_database()
    with psycopg.connect(libpq_url(url)) as connection:
        connection.execute("CREATE TABLE pulumi_state (key text PRIMARY KEY, data json NOT NULL)")
    return state_place(url)


@contextmanager
def engine(url: str) -> Iterator[psycopg.Connection[Any]]:
    """A session with the settings that are in the URL."""
    settings = [(name, value) for name, value in parse_qsl(urlsplit(url).query) if name.startswith("cygni.")]
    options = " ".join(f"-c {name}={value}" for name, value in settings)
    with psycopg.connect(libpq_url(url), options=options, autocommit=True) as connection:
        yield connection


def write(connection: psycopg.Connection[Any], key: str = "a") -> None:
    connection.execute(
        "INSERT INTO pulumi_state VALUES (%s, '{}') ON CONFLICT (key) DO UPDATE SET data = '{}'", (key,)
    )


class TestFencedUrl:
    def test_lets_nobody_write_who_was_taken_over_from(self, place: StatePlace) -> None:
        with engine(fenced_url(place, STAGING, 7)) as frozen:
            write(frozen)
            with engine(fenced_url(place, STAGING, 8)) as successor:
                write(successor)
                for statement in ("INSERT INTO pulumi_state VALUES ('b', '{}')", "DELETE FROM pulumi_state"):
                    with pytest.raises(psycopg.errors.RaiseException, match="taken over"):
                        frozen.execute(statement)
                with pytest.raises(psycopg.errors.RaiseException):
                    write(frozen)
                write(successor)

    def test_is_not_given_to_whoever_comes_late(self, place: StatePlace) -> None:
        fenced_url(place, STAGING, 8)
        with pytest.raises(LeaseLost, match="shop/staging"):
            fenced_url(place, STAGING, 7)
        assert fenced_url(place, STAGING, 8)

    def test_waits_for_a_write_that_is_under_way(self, place: StatePlace) -> None:
        with engine(fenced_url(place, STAGING, 7)) as before:
            before.autocommit = False
            write(before)
            with (
                psycopg.connect(libpq_url(place.url), options="-c lock_timeout=200") as after,
                pytest.raises(psycopg.errors.LockNotAvailable),
            ):
                after.execute("UPDATE cygni_fences SET fence = 8")
            before.commit()

    def test_holds_for_one_environment_and_not_for_people(self, place: StatePlace) -> None:
        with engine(fenced_url(place, STAGING, 7)) as other, engine(place.url) as person:
            fenced_url(place, "shop/production", 9)
            fenced_url(place, "blog/staging", 9)
            write(other)
            write(person)

    def test_is_that_of_the_place_where_nothing_is_to_guard(self, place: StatePlace) -> None:
        assert fenced_url(place, STAGING, None) == place.url
        assert fenced_url(state_place("file:///states"), STAGING, 7) == "file:///states"

    def test_guards_a_database_as_soon_as_the_engine_has_its_table(self, postgres: PostgresServer) -> None:
        url = postgres.new_database()
        fenced_url(state_place(url), STAGING, 7)
        with psycopg.connect(libpq_url(url)) as connection:
            connection.execute("CREATE TABLE pulumi_state (key text PRIMARY KEY, data json NOT NULL)")
        with engine(fenced_url(state_place(url), STAGING, 7)) as frozen:
            fenced_url(state_place(url), STAGING, 8)
            with pytest.raises(psycopg.errors.RaiseException):
                write(frozen)

    def test_is_told_without_a_password_where_the_database_is_away(self) -> None:
        with pytest.raises(StateError) as raised:
            fenced_url(state_place("postgres://u:hunter2@127.0.0.1:1/none"), STAGING, 7)
        assert "hunter2" not in str(raised.value)


class TestFenceIn:
    def test_is_that_of_a_worker(self) -> None:
        assert (fence_in({}), fence_in({"CYGNI_FENCE": "7"})) == (None, 7)

    def test_is_refused_where_it_is_no_number(self) -> None:
        with pytest.raises(UsageError):
            fence_in({"CYGNI_FENCE": "seven"})
