"""`cx unlock`: locks of the dead go, those of the living stay, others only by name."""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from cygni.settings import Settings
from stacks.engine_locks import locks_folder
from stacks.target import state_folder
from tests.cli.conftest import Cx, held
from tests.engine_state import write_lock

DATA = "shop.local.data"


def locks(stack: str = DATA) -> Path:
    return state_folder(Settings.from_environment()) / locks_folder(stack)


def ended_process() -> int:
    pid = os.spawnlp(os.P_NOWAIT, "true", "true")
    os.waitpid(pid, 0)
    return pid


@pytest.fixture
def deployed(cx: Cx) -> Cx:
    cx("deploy", "-y")
    return cx


class TestUnlock:
    def test_of_what_is_not_locked_says_so(self, deployed: Cx) -> None:
        ended = deployed("unlock")
        assert (ended.code, ended.err) == (0, "Nothing is locked: nobody works on shop (local).\n")

    def test_removes_the_lock_of_a_dead_engine(self, deployed: Cx) -> None:
        pid = ended_process()
        path = write_lock(locks(), pid)
        Path(f"{path}.attrs").write_text("{}")
        ended = deployed("unlock")
        assert ended.code == 0
        assert f"{DATA}  held by somebody, an engine (pid {pid} on " in ended.err
        assert "it is dead" in ended.err
        assert "Done: 1 lock removed." in ended.err
        assert list(locks().iterdir()) == []

    def test_takes_one_that_was_cut_off_for_dead(self, deployed: Cx) -> None:
        path = write_lock(locks(), 1)
        path.write_text("{")
        assert deployed("unlock").code == 0
        assert not path.exists()

    def test_leaves_the_lock_of_a_living_engine(self, deployed: Cx) -> None:
        path = write_lock(locks(), os.getpid())
        ended = deployed("unlock")
        assert (ended.code, path.exists()) == (13, True)
        assert "it lives" in ended.err

    def test_leaves_the_lock_of_another_machine_and_tells_how_to_remove_it(self, deployed: Cx) -> None:
        since = datetime.now(UTC) - timedelta(hours=2, minutes=5)
        path = write_lock(locks(), 4711, "far-away", since)
        ended = deployed("unlock")
        assert (ended.code, path.exists()) == (13, True)
        assert "pid 4711 on far-away" in ended.err
        assert "2 h ago: nobody here can tell whether it lives" in ended.err
        assert f"cx unlock -e local --force {DATA}" in ended.err

    @pytest.mark.parametrize("name", [DATA, "data"])
    def test_removes_it_by_name_after_asking(self, deployed: Cx, name: str) -> None:
        path = write_lock(locks(), 4711, "far-away")
        other = write_lock(locks("shop.local.services"), 4712, "far-away")
        deployed.answers("y\n")
        ended = deployed("unlock", "--force", name)
        assert (ended.code, path.exists(), other.exists()) == (13, False, True)
        assert f"Remove the lock on {DATA} all the same? [y/N]" in ended.err

    def test_removes_nothing_without_a_yes(self, deployed: Cx) -> None:
        path = write_lock(locks(), 4711, "far-away")
        assert deployed("unlock", "--force", DATA).code == 2
        deployed.answers("n\n")
        assert deployed("unlock", "--force", DATA).code == 8
        assert path.exists()
        assert deployed("unlock", "--force", DATA, "--yes").code == 0
        assert not path.exists()

    def test_knows_no_lock_of_another_name(self, deployed: Cx) -> None:
        write_lock(locks(), 4711, "far-away")
        ended = deployed("unlock", "--force", "services", "--yes")
        assert ended.code == 6
        assert f"Locked are: {DATA}." in ended.err

    def test_removes_nothing_while_a_command_is_at_work(self, deployed: Cx) -> None:
        path = write_lock(locks(), ended_process())
        with held():
            ended = deployed("unlock")
        assert (ended.code, path.exists()) == (13, True)
        assert f"held by cx deploy (pid {os.getpid()} on " in ended.err

    def test_answers_programs(self, deployed: Cx) -> None:
        since = datetime.now(UTC) - timedelta(seconds=100)
        write_lock(locks(), ended_process(), since=since)
        write_lock(locks("shop.local.services"), 4711, "far-away")
        ended = deployed("unlock", "--json")
        assert ended.code == 13
        dead, unknown = ended.answer["locks"]
        assert (dead["stack"], dead["alive"], dead["removed"]) == (DATA, False, True)
        assert 100 <= dead["age_seconds"] < 100 + time.process_time() + 60
        assert (unknown["alive"], unknown["host"], unknown["removed"]) == (None, "far-away", False)
        assert (ended.answer["environment"], ended.answer["left"]) == (None, 1)

    def test_tells_programs_who_is_at_work(self, deployed: Cx) -> None:
        with held():
            ended = deployed("unlock", "--json")
        environment = ended.answer["environment"]
        assert (ended.code, environment["pid"], environment["alive"]) == (13, os.getpid(), True)

    def test_leaves_the_locks_of_a_service_to_it(self, deployed: Cx, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("CYGNI_STATE", "https://api.pulumi.com")
        ended = deployed("unlock")
        assert (ended.code, "are its own" in ended.err) == (2, True)
