"""What is dead of the engine's locks, also where the state is in a database."""

from __future__ import annotations

import base64
import json
import os
import socket
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest

from cygni.errors import NotFound
from cygni.settings import Settings
from cygni.state_place import state_place
from stacks.engine_locks import EngineLock, locks_folder
from stacks.lock import Holder
from stacks.started_engines import witness
from stacks.state import checkpoint_key
from stacks.state_reader import state_reader
from stacks.unlocking import FoundLock, found_locks, holder_lives, remove, to_remove
from tests.engine_state import ended_pid
from tests.postgres_server import PostgresServer
from tests.stacks.test_status import no_engine

STACK = "shop.staging.data"


def lock(name: str, *, alive: bool | None, stack: str = STACK) -> FoundLock:
    return FoundLock(stack, EngineLock(f"{name}.json", 1, "far"), alive, pending=0, age=1.0)


class TestToRemove:
    def test_is_what_is_dead_and_what_is_named(self) -> None:
        dead, living, unknown = lock("a", alive=False), lock("b", alive=True), lock("c", alive=None)
        assert to_remove([dead, living, unknown], []) == [dead]
        other = lock("d", alive=None, stack="shop.staging.services")
        assert to_remove([dead, other], ["services"]) == [dead, other]
        assert to_remove([living, other], [STACK]) == [living]

    def test_refuses_what_is_not_locked(self) -> None:
        with pytest.raises(NotFound, match="foundation"):
            to_remove([lock("a", alive=True)], ["foundation"])


class TestHolder:
    def test_that_has_not_told_may_live(self) -> None:
        assert holder_lives(Holder()) is None
        assert holder_lives(Holder("cx deploy", 4711, "far-away", 0.0)) is None


class TestInADatabase:
    def test_one_lock_goes_and_no_other(self, postgres: PostgresServer, tmp_path: Path) -> None:
        place = state_place(postgres.new_database())
        settings = Settings(data_dir=tmp_path, cache_dir=tmp_path, state=place)
        name = place.shown.rsplit("/", 1)[-1]
        folder = locks_folder(STACK)
        since, now = "2026-01-02T03:04:05Z", datetime.now(UTC).isoformat()
        pid, dead = ended_pid(), os.spawnlp(os.P_NOWAIT, "true", "true")
        knows = witness(tmp_path, place.folder)
        knows.began(STACK, dead)
        os.waitpid(dead, 0)
        files = {
            checkpoint_key(STACK): {"checkpoint": {"latest": {"pending_operations": [{}]}}},
            f"{folder}/dead.json": {"pid": dead, "hostname": socket.gethostname(), "timestamp": now},
            f"{folder}/namesake.json": {"pid": pid, "hostname": socket.gethostname(), "timestamp": now},
            f"{folder}/unreadable.json": {},
            f"{folder}/far.json": {"pid": 4711, "hostname": "far-away", "timestamp": since},
        }
        with psycopg.connect(host=str(postgres.folder), user="postgres", dbname=name) as database:
            database.execute("CREATE TABLE pulumi_state (key TEXT PRIMARY KEY, data JSON)")
            for key, content in files.items():
                data = base64.b64encode(json.dumps(content).encode()).decode()
                row = [f"{name}/{key}", json.dumps({"data": data})]
                database.execute("INSERT INTO pulumi_state VALUES (%s, %s)", row)
        look = state_reader(settings, "staging", "us-east-1", no_engine)
        found = found_locks(look, [STACK, "shop.staging.services"], knows)
        assert [(one.alive, one.pending) for one in found] == [(False, 1), *[(None, 1)] * 3]
        remove(settings, "staging", "us-east-1", to_remove(found, []))
        left = [one.lock.host for one in found_locks(look, [STACK], knows)]
        assert left == ["far-away", socket.gethostname(), ""]
