"""The monitor with real processes, as the task runner starts it."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from cygni.local_cloud.task_runner import monitor
from cygni.local_cloud.task_runner.commands import monitored
from cygni.local_cloud.task_runner.folder import ContainerFolder
from cygni.local_cloud.task_runner.starting import passable
from tests.cygni.local_cloud.balanced import eventually
from tests.cygni.local_cloud.running import runs

PATIENT = "import signal, time\nsignal.signal(signal.SIGTERM, lambda *_: None)\nprint('ready', flush=True)\ntime.sleep(600)"
STUBBORN = "import signal, time\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\nprint('ready', flush=True)\nwhile True: time.sleep(600)"

Run = Callable[..., subprocess.Popen[bytes]]


@pytest.fixture
def folder(tmp_path: Path) -> ContainerFolder:
    return ContainerFolder(tmp_path)


@pytest.fixture
def run(folder: ContainerFolder) -> Iterator[Run]:
    started: list[subprocess.Popen[bytes]] = []

    def start(
        *words: str, stop_seconds: float = 60, environment: dict[str, str] | None = None
    ) -> subprocess.Popen[bytes]:
        given = {"PATH": os.environ["PATH"], **(environment or {})}
        command = monitored(words, folder.path, stop_seconds)
        process = subprocess.Popen(command, env=given, start_new_session=True, stdin=subprocess.DEVNULL)
        started.append(process)
        return process

    yield start
    for process in started:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def python(text: str) -> tuple[str, ...]:
    return (sys.executable, "-c", text)


def said(folder: ContainerFolder) -> list[str]:
    return [text for _, text in folder.lines(0, 1 << 30)[0]]


def wait_for(folder: ContainerFolder, line: str) -> None:
    assert eventually(lambda: line in said(folder))


def ended(folder: ContainerFolder) -> tuple[int | None, str]:
    found = folder.ended()
    assert found is not None
    return found.code, found.reason


class TestEnd:
    def test_keeps_the_exit_code_and_what_was_said_on_both_outputs(
        self, run: Run, folder: ContainerFolder
    ) -> None:
        run("sh", "-c", "echo out; echo err >&2; printf rest; exit 3").wait(30)
        assert ended(folder) == (3, "")
        assert said(folder) == ["out", "err", "rest"]
        assert folder.begun

    def test_of_one_that_was_killed_is_told_as_a_container_engine_tells_it(
        self, run: Run, folder: ContainerFolder
    ) -> None:
        run("sh", "-c", "kill -9 $$").wait(30)
        assert ended(folder) == (137, "")

    def test_says_why_a_program_cannot_be_started(self, run: Run, folder: ContainerFolder) -> None:
        run("no-such-program").wait(30)
        code, reason = ended(folder)
        assert code is None
        assert reason == 'CannotStartContainerError: exec: "no-such-program": No such file or directory'
        assert not folder.begun

    @pytest.mark.skipif(
        sys.platform != "linux", reason="orphans of another session are handed to nobody here"
    )
    def test_takes_with_it_whatever_the_process_has_started(self, run: Run, folder: ContainerFolder) -> None:
        program = "setsid sleep 600 & echo $!; (sleep 600 & echo $!); sleep 600 & echo $!; exit 0"
        run("sh", "-c", program).wait(30)
        assert ended(folder)[0] == 0
        assert [pid for pid in map(int, said(folder)) if runs(pid)] == []


class TestStop:
    def test_asks_first(self, run: Run, folder: ContainerFolder) -> None:
        program = "import signal, sys, time\nsignal.signal(signal.SIGTERM, lambda *_: (print('bye'), sys.exit(5)))\nprint('ready', flush=True)\ntime.sleep(600)"
        process = run(*python(program))
        wait_for(folder, "ready")
        process.terminate()
        process.wait(30)
        assert ended(folder) == (5, "")
        assert said(folder) == ["ready", "bye"]

    def test_kills_after_the_time_that_is_given(self, run: Run, folder: ContainerFolder) -> None:
        process = run(*python(STUBBORN), stop_seconds=0.3)
        wait_for(folder, "ready")
        begun = time.monotonic()
        process.terminate()
        process.wait(30)
        assert ended(folder) == (137, "")
        assert time.monotonic() - begun >= 0.3

    def test_waits_while_there_is_time(self, run: Run, folder: ContainerFolder) -> None:
        process = run(*python(PATIENT), stop_seconds=600)
        wait_for(folder, "ready")
        process.terminate()
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(0.5)
        assert folder.ended() is None

    def test_for_its_memory_says_so(self, run: Run, folder: ContainerFolder) -> None:
        process = run(*python(STUBBORN))
        wait_for(folder, "ready")
        process.send_signal(signal.SIGUSR1)
        process.wait(30)
        assert ended(folder) == (137, monitor.OUT_OF_MEMORY)

    @pytest.mark.skipif(sys.platform != "linux", reason="a process is not told of its parent's end here")
    def test_is_that_of_the_process_too_when_the_monitor_is_killed(
        self, run: Run, folder: ContainerFolder
    ) -> None:
        process = run(*python(STUBBORN))
        wait_for(folder, "ready")
        pid = int((folder.path / "begun").read_text())
        process.kill()
        process.wait()
        assert eventually(lambda: not runs(pid))
        assert folder.ended() is None

    def test_follows_when_the_folder_is_gone(self, run: Run, tmp_path: Path) -> None:
        inner = tmp_path / "inner"
        inner.mkdir()
        command = monitored(python(PATIENT), inner, 60)
        process = subprocess.Popen(command, env={"PATH": os.environ["PATH"]}, start_new_session=True)
        assert eventually((inner / "begun").exists)
        pid = int((inner / "begun").read_text())
        inner.rename(tmp_path / "gone")
        process.wait(30)
        assert not runs(pid)


class TestOutput:
    def test_is_kept_within_bounds_the_newest_first(self, run: Run, folder: ContainerFolder) -> None:
        lines = 2 * monitor.KEPT_SEGMENTS * monitor.SEGMENT_BYTES // 1000
        run(*python(f"for number in range({lines}): print('x' * 1000, number)")).wait(60)
        size = sum(file.stat().st_size for file in folder.path.glob("log.*"))
        assert size < (monitor.KEPT_SEGMENTS + 1) * monitor.SEGMENT_BYTES
        assert said(folder)[-1].endswith(f" {lines - 1}")

    def test_of_one_endless_line_is_cut_to_events(self, run: Run, folder: ContainerFolder) -> None:
        run(*python(f"print('x' * {monitor.EVENT_BYTES * 2 + 10}, end='')")).wait(60)
        assert [len(line) for line in said(folder)] == [monitor.EVENT_BYTES, monitor.EVENT_BYTES, 10]

    def test_that_is_no_text_is_kept_as_far_as_it_is(self, run: Run, folder: ContainerFolder) -> None:
        run(*python(r"import sys; sys.stdout.buffer.write(b'a\xffb\r\n\n')")).wait(30)
        assert said(folder) == ["a�b\r"]  # CloudWatch Logs takes no empty event

    def test_closed_by_the_process_does_not_end_it(self, run: Run, folder: ContainerFolder) -> None:
        process = run("sh", "-c", "exec >&- 2>&-; sleep 600")
        assert eventually(lambda: folder.begun)
        used = psutil.Process(process.pid).cpu_times()
        time.sleep(0.3)
        now = psutil.Process(process.pid).cpu_times()
        assert process.poll() is None
        assert now.user + now.system - used.user - used.system < 0.2  # it does not look all the time


def test_gives_every_variable_to_the_process(run: Run, folder: ContainerFolder) -> None:
    given = {"plain": "1", "with.dot": "2 3", "EMPTY": ""}
    shown: dict[str, Any] = {}
    run(*python("import json, os; print(json.dumps(dict(os.environ)))"), environment=passable(given)).wait(30)
    shown = json.loads(said(folder)[0])
    assert {name: shown.get(name) for name in given} == given
    assert monitor.MORE_VARIABLES not in shown
