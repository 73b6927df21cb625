from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import pytest

from stacks.engine_process import run

ENV = {"PATH": os.environ["PATH"]}


def shell(script: str) -> list[str]:
    return ["/bin/sh", "-c", script]


class TestRun:
    def test_gives_the_code_and_the_lines_of_both_streams(self) -> None:
        seen: list[str] = []
        finished = run(
            shell("echo one; echo two >&2; printf three; exit 7"), env=ENV, timeout=20, on_line=seen.append
        )
        assert (finished.code, finished.timed_out) == (7, False)
        assert list(finished.output) == seen == ["one", "two", "three"]

    def test_ends_the_whole_group_at_the_deadline(self, tmp_path: Path) -> None:
        pid = tmp_path / "pid"
        finished = run(shell(f"sleep 60 & echo $! > {pid}; wait"), env=ENV, timeout=1)
        assert finished.timed_out
        assert_gone(int(pid.read_text()))

    def test_does_not_wait_for_a_grandchild_that_keeps_the_output_open(self, tmp_path: Path) -> None:
        pid = tmp_path / "pid"
        started = time.monotonic()
        finished = run(shell(f"sleep 120 & echo $! > {pid}; echo done"), env=ENV, timeout=55)
        assert (finished.code, finished.timed_out, list(finished.output)) == (0, False, ["done"])
        assert time.monotonic() - started < 50
        assert_gone(int(pid.read_text()))

    def test_ends_early_when_a_tick_says_so(self) -> None:
        assert run(shell("sleep 60"), env=ENV, timeout=60, on_tick=lambda: True).timed_out

    def test_ends_the_program_when_a_callback_fails(self, tmp_path: Path) -> None:
        pid = tmp_path / "pid"

        def fail(line: str) -> None:
            raise RuntimeError(line)

        with pytest.raises(RuntimeError, match="started"):
            run(shell(f"echo $$ > {pid}; echo started; sleep 60"), env=ENV, timeout=60, on_line=fail)
        assert_gone(int(pid.read_text()))

    def test_hides_credentials_in_addresses(self) -> None:
        finished = run(shell("echo get https://me:hunter2@example.test/x"), env=ENV, timeout=20)
        assert list(finished.output) == ["get https://[secret]@example.test/x"]

    def test_keeps_only_the_end_of_endless_output(self) -> None:
        script = "import sys\nfor i in range(5000): print(i)\nsys.stdout.write('x' * 300000)"
        finished = run([sys.executable, "-c", script], env=ENV, timeout=60)
        assert len(finished.output) == 200
        assert len(finished.output[-1]) <= 64 * 1024

    def test_raises_what_the_system_says_when_there_is_no_such_program(self, tmp_path: Path) -> None:
        with pytest.raises(FileNotFoundError):
            run([str(tmp_path / "none")], env=ENV, timeout=1)


def assert_gone(pid: int) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return
        if _is_zombie(pid):  # orphans wait for whoever is process 1 here to notice
            return
        time.sleep(0.02)
    raise AssertionError(f"process {pid} is still there")


def _is_zombie(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return False
