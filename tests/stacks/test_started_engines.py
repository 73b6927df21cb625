"""What this machine can testify of the engines in a state that others reach too."""

from __future__ import annotations

import json
import os
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from cygni.errors import EngineDied
from stacks.engine_locks import EngineLock
from stacks.started_engines import Witness, witness

STACK = "shop.staging.data"


def lock(pid: int, host: str = "", later: float = 1.0) -> EngineLock:
    return EngineLock("one.json", pid, host or socket.gethostname(), time.time() + later)


@pytest.fixture
def shared(tmp_path: Path) -> Witness:
    return witness(tmp_path, None)


@pytest.fixture
def engine() -> Iterator[int]:
    """A process that has ended and whose number nobody gets."""
    pid = os.spawnlp(os.P_NOWAIT, "true", "true")
    os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
    yield pid
    os.waitpid(pid, 0)


class TestInASharedState:
    def test_nobody_can_tell_by_number_and_host_name_alone(self, shared: Witness, engine: int) -> None:
        assert shared.lives(STACK, lock(engine)) is None
        assert shared.lives(STACK, lock(os.getpid())) is None

    def test_nobody_can_tell_of_a_lock_that_cannot_be_read(self, shared: Witness) -> None:
        assert shared.lives(STACK, EngineLock("one.json")) is None

    def test_an_engine_that_was_started_here_is_known(self, shared: Witness, engine: int) -> None:
        shared.began(STACK, engine)
        assert shared.lives(STACK, lock(engine)) is False
        assert shared.lives("shop.staging.services", lock(engine)) is None
        assert shared.lives(STACK, lock(engine, "elsewhere")) is None

    @pytest.mark.parametrize("later", [-60.0, 600.0])
    def test_its_number_means_somebody_else_at_another_time(
        self, shared: Witness, engine: int, later: float
    ) -> None:
        shared.began(STACK, engine)
        assert shared.lives(STACK, lock(engine, later=later)) is None

    def test_another_boot_of_this_machine_is_not_known(self, shared: Witness, engine: int) -> None:
        shared.began(STACK, engine)
        [note] = shared.notes.iterdir()
        note.write_text(json.dumps({**json.loads(note.read_text()), "boot": "another"}))
        assert shared.lives(STACK, lock(engine)) is None

    def test_an_engine_that_ended_by_itself_took_its_lock_away(self, shared: Witness, engine: int) -> None:
        with shared.engine(STACK, engine):
            assert shared.lives(STACK, lock(engine)) is False
        assert shared.lives(STACK, lock(engine)) is None

    def test_one_that_was_killed_did_not(self, shared: Witness, engine: int) -> None:
        with pytest.raises(EngineDied), shared.engine(STACK, engine):
            raise EngineDied("killed")
        assert shared.lives(STACK, lock(engine)) is False

    def test_a_note_that_cannot_be_kept_stops_nobody(self, tmp_path: Path, engine: int) -> None:
        (tmp_path / "engines").write_text("in the way")
        shared = witness(tmp_path, None)
        shared.began(STACK, engine)
        assert shared.lives(STACK, lock(engine)) is None


class TestInFilesOfTheDataFolder:
    def test_every_engine_was_started_here(self, tmp_path: Path, engine: int) -> None:
        alone = witness(tmp_path, tmp_path / "state")
        assert alone.lives(STACK, lock(engine)) is False
        assert alone.lives(STACK, lock(os.getpid())) is True
        assert alone.lives(STACK, lock(engine, "elsewhere")) is None
        assert alone.lives(STACK, EngineLock("one.json")) is False
        alone.began(STACK, engine)
        assert not alone.notes.exists()

    def test_files_elsewhere_are_shared(self, tmp_path: Path) -> None:
        assert not witness(tmp_path / "data", tmp_path / "share").alone
