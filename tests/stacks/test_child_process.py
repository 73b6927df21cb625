"""One operation, one process: with real processes, but without an engine."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest

from cygni.errors import Cancelled, DeadlineExceeded, EngineDied, ResourceFailed
from stacks import child_process
from tests import child_works

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the children's folders are made. The fork server need not load the engine's SDK here."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    monkeypatch.setattr(child_process, "_PRELOADED", "stacks.child_process")
    return folder


def run(
    work: Any,
    payload: Any = None,
    on_event: Callable[[Any], None] = lambda event: None,
    deadline: float = 60,
    grace: float = 0.3,
) -> Any:
    return child_process.run(work, payload, on_event, deadline=deadline, grace=grace)


def gone(*pids: int, within: float = 10.0) -> bool:
    """Whether the processes end in time; one that nobody has waited for yet has ended too."""
    until = time.monotonic() + within
    while time.monotonic() < until:
        if not any(_alive(pid) for pid in pids):
            return True
        time.sleep(0.05)
    return False


def _alive(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def left_in(temporary: Path) -> list[Path]:
    """Folders of operations; multiprocessing's own, with its socket, ends with the process that made it."""
    return list(temporary.glob("cygni-*"))


class TestRun:
    def test_returns_what_the_work_returns(self) -> None:
        assert run(child_works.answer, {"a": [1]})["payload"] == {"a": [1]}

    def test_works_in_a_process_and_a_session_of_its_own(self) -> None:
        had = run(child_works.answer)
        assert had["pid"] == had["session"] != os.getpid()

    def test_removes_the_folder(self, temporary: Path) -> None:
        folder = Path(run(child_works.answer)["folder"])
        assert folder.parent == temporary
        assert left_in(temporary) == []

    def test_passes_events_on_in_order(self) -> None:
        seen: list[int] = []
        assert run(child_works.count, 500, seen.append) == 500
        assert seen == list(range(500))

    def test_keeps_the_childs_words_off_the_terminal(self, capfd: pytest.CaptureFixture[str]) -> None:
        assert run(child_works.speak) == ""
        assert capfd.readouterr() == ("", "")

    def test_leaves_no_process_of_the_session(self) -> None:
        assert gone(run(child_works.leave_one_behind))

    def test_takes_a_deadline_of_years(self) -> None:
        assert run(child_works.count, 1, deadline=3_600_000_000.0) == 1


class TestErrors:
    def test_of_ours_cross_whole(self, temporary: Path) -> None:
        with pytest.raises(ResourceFailed) as caught:
            run(child_works.refuse)
        error = caught.value
        assert (error.message, error.hint, error.details) == (
            "no room",
            "make some",
            {"resources": ["a", "b"]},
        )
        assert left_in(temporary) == []

    def test_of_others_are_the_engines_death(self) -> None:
        with pytest.raises(EngineDied, match="LookupError: under the table"):
            run(child_works.stumble)

    def test_in_handing_over_are_told(self) -> None:
        with pytest.raises(EngineDied, match="cannot be handed over"):
            run(child_works.answer_with_a_function)

    def test_tell_the_last_words_of_a_killed_child(self, temporary: Path) -> None:
        with pytest.raises(EngineDied) as caught:
            run(child_works.be_killed)
        assert caught.value.details == {"exit_code": -signal.SIGKILL, "log": ["last words"]}
        assert "Run the same command again" in (caught.value.hint or "")
        assert left_in(temporary) == []


class TestDeadline:
    def test_ends_the_whole_session(self, temporary: Path) -> None:
        seen: list[dict[str, Any]] = []
        with pytest.raises(DeadlineExceeded, match="not finished after 1 seconds"):
            run(child_works.hang, on_event=seen.append, deadline=1)
        assert gone(seen[0]["child"], seen[0]["beside"])
        assert left_in(temporary) == []

    def test_lets_the_engine_finish_what_it_has_in_flight(self) -> None:
        seen: list[str] = []
        assert run(child_works.run_an_engine, 1, seen.append, deadline=1, grace=20) == 1
        assert seen == ["ready", "interrupted 1"]


class TestListener:
    def test_that_fails_stops_the_operation_politely_and_is_told_the_rest(self, temporary: Path) -> None:
        seen: list[str] = []

        def listen(event: str) -> None:
            seen.append(event)
            raise BrokenPipeError(f"nobody reads {event}")

        with pytest.raises(BrokenPipeError, match="nobody reads ready"):
            run(child_works.run_an_engine, 1, listen, grace=20)
        assert seen == ["ready", "interrupted 1"]
        assert left_in(temporary) == []


# Runs a work in a process of its own, so that interrupting it does not interrupt pytest. Each event that is
# named in the plan interrupts; the last line printed tells how it ended and what it heard.
_DRIVER = """
import json, os, signal, sys, tempfile, threading
from cygni.errors import CygniError
from cygni.plan.events import StoppingEvent
from stacks import child_process
from tests import child_works

tempfile.tempdir, work, payload, interrupting, grace = json.loads(sys.argv[1])
child_process._PRELOADED = "stacks.child_process"
seen = []

def listen(event):
    if isinstance(event, StoppingEvent):
        event = "cancelling" if event.cancelling else "stopping"
    seen.append(event)
    print(json.dumps(event), flush=True)
    if event in interrupting:
        threading.Thread(target=os.kill, args=(os.getpid(), signal.SIGINT)).start()

try:
    result = child_process.run(getattr(child_works, work), payload, listen, deadline=60, grace=grace)
    print(json.dumps({"result": result}))
except CygniError as error:
    print(json.dumps({"error": error.code, "details": error.details}))
"""


def drive(
    temporary: Path, work: str, payload: Any, interrupting: list[Any], grace: float = 0.3
) -> subprocess.Popen[str]:
    plan = json.dumps([str(temporary), work, payload, interrupting, grace])
    return subprocess.Popen(
        [sys.executable, "-c", _DRIVER, plan],
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        start_new_session=True,
    )


def heard(driver: subprocess.Popen[str]) -> list[Any]:
    out, _ = driver.communicate(timeout=60)
    return [json.loads(line) for line in out.splitlines()]


CANCELLED = {"error": Cancelled.code, "details": {"interrupted": True}}


class TestInterrupt:
    def test_asks_once_and_lets_the_engine_finish(self, temporary: Path) -> None:
        driver = drive(temporary, "run_an_engine", 1, ["ready"], grace=20)
        assert heard(driver) == ["ready", "stopping", "interrupted 1", CANCELLED]
        assert left_in(temporary) == []

    def test_asks_again_when_interrupted_again(self, temporary: Path) -> None:
        driver = drive(temporary, "run_an_engine", 2, ["ready", "interrupted 1"], grace=20)
        assert heard(driver) == [
            "ready",
            "stopping",
            "interrupted 1",
            "cancelling",
            "interrupted 2",
            CANCELLED,
        ]

    def test_ends_everything_when_two_do_not_help(self, temporary: Path) -> None:
        driver = drive(temporary, "run_an_engine", 9, ["ready", "interrupted 1"])
        assert heard(driver) == [
            "ready",
            "stopping",
            "interrupted 1",
            "cancelling",
            "interrupted 2",
            CANCELLED,
        ]
        assert left_in(temporary) == []

    def test_waits_for_an_engine_that_does_not_listen_yet(self, temporary: Path, tmp_path: Path) -> None:
        told = tmp_path / "told"
        driver = drive(temporary, "run_a_late_engine", str(told), ["started"], grace=20)
        first, *_, last = heard(driver)
        assert (first, last) == ("started", CANCELLED)
        assert told.read_text() == "interrupted"


class TestKilledParent:
    def test_stops_an_engine_politely_that_does_not_listen_yet(self, temporary: Path, tmp_path: Path) -> None:
        told = tmp_path / "told"
        driver = drive(temporary, "run_a_late_engine", str(told), [], grace=20)
        assert driver.stdout is not None
        driver.stdout.readline()
        children = psutil.Process(driver.pid).children(recursive=True)
        driver.kill()
        driver.wait()
        driver.stdout.close()
        assert gone(*(process.pid for process in children))
        assert told.read_text() == "interrupted"

    def test_leaves_neither_processes_nor_folder(self, temporary: Path) -> None:
        driver = drive(temporary, "hang", None, [])
        assert driver.stdout is not None
        told = json.loads(driver.stdout.readline())
        driver.kill()
        driver.wait()
        driver.stdout.close()
        assert gone(told["child"], told["beside"])
        assert Path(told["folder"]).parent == temporary
        assert left_in(temporary) == []

    def test_keeps_the_folder_while_its_engine_has_time_left(self, temporary: Path) -> None:
        driver = drive(temporary, "hang", None, [], grace=60)
        assert driver.stdout is not None
        told = json.loads(driver.stdout.readline())
        driver.kill()
        driver.wait()
        driver.stdout.close()
        child_process.temporary_folder(temporary)
        assert Path(told["folder"]).is_dir()
        for pid in (told["child"], told["beside"]):
            os.kill(pid, signal.SIGKILL)
        assert gone(told["child"], told["beside"])
        child_process.temporary_folder(temporary)
        assert not Path(told["folder"]).exists()

    def test_leaves_nothing_when_the_work_ends_by_itself_after_that(self, temporary: Path) -> None:
        driver = drive(temporary, "run_an_engine", 1, [], grace=20)
        assert driver.stdout is not None
        driver.stdout.readline()
        children = psutil.Process(driver.pid).children(recursive=True)
        driver.kill()
        driver.wait()
        driver.stdout.close()
        assert gone(*(process.pid for process in children))
        assert left_in(temporary) == []


class TestStop:
    def test_tells_an_engine_that_starts_late(self) -> None:
        stop = child_process.Stop()
        stop.request()
        with subprocess.Popen(
            [sys.executable, "-c", child_works._ENGINE, "1"], stdout=subprocess.PIPE, text=True
        ) as engine:
            assert engine.stdout is not None
            engine.stdout.readline()
            stop.engine_started(engine.pid)
            assert engine.stdout.read() == "interrupted\n"

    def test_leaves_whoever_took_the_engines_number_alone(self) -> None:
        stop = child_process.Stop()
        stop.engine_started(os.getpid())
        stop.engine_ended()
        stop.request()
        assert stop.requests == 1


class TestWarmUp:
    def test_starts_a_server_that_outlives_ctrl_c_from_its_first_moment(self, temporary: Path) -> None:
        program = """
import os, signal
from stacks import child_process
from tests import child_works
child_process.warm_up()
signal.signal(signal.SIGINT, lambda number, frame: None)
os.killpg(0, signal.SIGINT)
print(child_process.run(child_works.count, 2, print, deadline=60))
"""
        done = subprocess.run(
            [sys.executable, "-c", program],
            cwd=ROOT,
            env={**os.environ, "TMPDIR": str(temporary)},
            capture_output=True,
            text=True,
            timeout=120,
            start_new_session=True,
            check=False,
        )
        assert (done.returncode, done.stderr) == (0, "")
