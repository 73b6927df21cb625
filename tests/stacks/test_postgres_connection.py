"""One connection for all that a command asks of a state in PostgreSQL."""

from __future__ import annotations

import gc
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from stacks.postgres_connection import KeptConnection, libpq_url
from tests.postgres_server import PostgresServer

PID = sql.SQL("SELECT pg_backend_pid(), %s").format()


@pytest.fixture
def url(postgres: PostgresServer) -> str:
    return postgres.new_database()


def backend(connection: KeptConnection) -> int:
    [(pid, _)] = connection.rows(PID, ["x"])
    return int(pid)


def backends(postgres: PostgresServer, pid: int) -> int:
    with psycopg.connect(host=str(postgres.folder), user="postgres", dbname="postgres") as asked:
        asked.execute("SELECT pg_stat_clear_snapshot()")
        [(number,)] = asked.execute("SELECT count(*) FROM pg_stat_activity WHERE pid = %s", [pid]).fetchall()
    return int(number)


class TestKeptConnection:
    def test_is_the_same_for_everything(self, url: str) -> None:
        connection = KeptConnection(url)
        with ThreadPoolExecutor(4) as pool:
            assert len(set(pool.map(lambda _: backend(connection), range(20)))) == 1

    def test_is_made_again_where_it_was_broken(self, url: str, postgres: PostgresServer) -> None:
        connection = KeptConnection(url)
        first = backend(connection)
        postgres.run(f"SELECT pg_terminate_backend({first}, 5000)")
        assert backend(connection) != first

    def test_survives_a_statement_that_fails(self, url: str) -> None:
        connection = KeptConnection(url)
        first = backend(connection)
        with pytest.raises(psycopg.errors.UndefinedTable):
            connection.rows(sql.SQL("SELECT 1 FROM nothing WHERE %s").format(), ["x"])
        assert backend(connection) == first

    def test_is_closed_when_nobody_has_it(self, url: str, postgres: PostgresServer) -> None:
        connection = KeptConnection(url)
        pid = backend(connection)
        assert backends(postgres, pid) == 1
        del connection
        gc.collect()
        while backends(postgres, pid):  # the server hears of it in its own time
            pass

    def test_is_not_shared_with_a_process_that_was_forked(self, url: str) -> None:
        connection = KeptConnection(url)
        first = backend(connection)
        connection._process = -1  # as a child finds it
        assert backend(connection) != first

    def test_that_cannot_be_made_is_told(self) -> None:
        with pytest.raises(psycopg.OperationalError):
            backend(KeptConnection("postgres://me@127.0.0.1:1/states"))


class TestForLibpq:
    def test_keeps_a_space_as_one(self) -> None:
        url = libpq_url("postgres:///states?host=/tmp/a%20folder&options=-c%20a%3Db+c&cygni.fence=7")
        found = conninfo_to_dict(url)
        assert (found["host"], found["options"]) == ("/tmp/a folder", "-c a=b c")
