from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from cygni.local_cloud.data_plane.processes import (
    Ledger,
    ProcessRecord,
    end,
    end_leftovers,
    is_alive,
)

STARTED: list[subprocess.Popen[bytes]] = []


@pytest.fixture(autouse=True)
def reaped(tmp_path: Path) -> Iterator[None]:
    """Whatever a test starts is ended and waited for."""
    yield
    end_leftovers(tmp_path / "processes")
    while STARTED:
        STARTED.pop().wait(60)


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return Ledger(tmp_path / "processes", "lc-now")


def spawn(ledger: Ledger, tmp_path: Path, *command: str, name: str = "one") -> ProcessRecord:
    with (tmp_path / "out").open("ab") as out:
        process, record = ledger.spawn(
            "task", name, command, environment=dict(os.environ), cwd=tmp_path, stdout=out, stderr=out
        )
    STARTED.append(process)
    assert process.pid == record.pid
    return record


def until(holds: object, seconds: float = 60.0) -> None:
    assert callable(holds)
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.01)


class TestSpawn:
    def test_runs_the_command_itself_in_a_session_of_its_own(self, ledger: Ledger, tmp_path: Path) -> None:
        record = spawn(ledger, tmp_path, "sleep", "60")
        until(lambda: psutil.Process(record.pid).cmdline() == ["sleep", "60"])
        assert os.getsid(record.pid) == record.pid
        assert is_alive(record)

    def test_writes_down_what_the_part_says_of_it(self, ledger: Ledger, tmp_path: Path) -> None:
        process, record = ledger.spawn(
            "task", "one", ["sleep", "60"], environment={}, cwd=tmp_path,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, details={"port": "1"},
        )  # fmt: skip
        assert ledger.running("task") == [record]
        STARTED.append(process)
        assert record.details == {"port": "1"}

    def test_runs_nothing_when_it_dies_before_it_is_written_down(self, tmp_path: Path) -> None:
        program = (
            "import os, sys\n"
            "from pathlib import Path\n"
            "from cygni.local_cloud.data_plane import processes\n"
            "processes.Ledger._write = lambda *a: os._exit(1)\n"
            "here = Path(sys.argv[1])\n"
            "processes.Ledger(here, 'lc').spawn('task', 'one', ['touch', 'ran'], environment=dict(os.environ),"
            " cwd=here, stdout=None, stderr=None)\n"
        )
        killed = subprocess.run([sys.executable, "-c", program, str(tmp_path)], check=False)
        assert killed.returncode == 1
        left = [p for p in psutil.process_iter(["cwd"]) if p.info["cwd"] == str(tmp_path)]
        psutil.wait_procs(left, timeout=60)
        assert not (tmp_path / "ran").exists()


class TestRunning:
    def test_is_found_by_the_next_data_plane(self, ledger: Ledger, tmp_path: Path) -> None:
        record = spawn(ledger, tmp_path, "sleep", "60")
        assert Ledger(tmp_path / "processes", "lc-now").running("task") == [record]
        assert Ledger(tmp_path / "processes", "lc-now").running("envoy") == []

    def test_is_a_stranger_to_another_local_cloud(self, ledger: Ledger, tmp_path: Path) -> None:
        record = spawn(ledger, tmp_path, "sleep", "60")
        other = Ledger(tmp_path / "processes", "lc-other")
        assert other.running("task") == []
        assert other.strangers() == [record]
        assert ledger.strangers() == []

    def test_drops_what_has_ended(self, ledger: Ledger, tmp_path: Path) -> None:
        record = spawn(ledger, tmp_path, "true")
        until(lambda: not is_alive(record))
        assert ledger.running("task") == []
        assert ledger.all() == []

    def test_takes_no_other_process_with_the_pid_for_it(self, ledger: Ledger) -> None:
        assert not is_alive(ProcessRecord("task", "x", os.getpid(), 1.0, "lc-now"))

    @pytest.mark.parametrize("torn", ["", "[]", '{"kind": "task"}'])
    def test_is_not_misled_by_a_torn_record(self, ledger: Ledger, tmp_path: Path, torn: str) -> None:
        record = spawn(ledger, tmp_path, "sleep", "60")
        (tmp_path / "processes" / "task-torn.json").write_text(torn)
        assert ledger.running("task") == [record]


class TestEnd:
    def test_takes_along_what_the_process_has_started(self, ledger: Ledger, tmp_path: Path) -> None:
        record = spawn(ledger, tmp_path, "sh", "-c", "sleep 60 & echo $! > child; wait")
        child = tmp_path / "child"
        until(lambda: child.exists() and child.read_text().strip())
        end([record], 5.0)
        assert not is_alive(record)
        until(lambda: not psutil.pid_exists(int(child.read_text())) or gone(int(child.read_text())))

    def test_at_once_takes_along_what_has_a_group_of_its_own(self, ledger: Ledger, tmp_path: Path) -> None:
        program = "setsid sleep 60 & echo $! > child; wait"
        record = spawn(ledger, tmp_path, "sh", "-c", program)
        child = tmp_path / "child"
        until(lambda: child.exists() and child.read_text().strip())
        until(lambda: os.getpgid(int(child.read_text())) == int(child.read_text()))
        end([record], 0)
        until(lambda: gone(int(child.read_text())))

    def test_kills_what_does_not_heed(self, ledger: Ledger, tmp_path: Path) -> None:
        record = spawn(ledger, tmp_path, "sh", "-c", "trap '' TERM; touch deaf; while :; do sleep 0.1; done")
        until((tmp_path / "deaf").exists)
        end([record], 0.2)
        assert not is_alive(record)

    def test_never_ends_another_process_with_the_pid(self) -> None:
        with subprocess.Popen(["sleep", "60"], start_new_session=True) as other:
            end([ProcessRecord("task", "x", other.pid, 1.0, "lc-now")], 0)
            assert other.poll() is None
            other.send_signal(signal.SIGKILL)

    def test_ends_leftovers_of_every_local_cloud_and_counts_them(self, tmp_path: Path) -> None:
        folder = tmp_path / "processes"
        records = [
            spawn(Ledger(folder, name), tmp_path, "sleep", "60", name=name) for name in ("lc-a", "lc-b")
        ]
        assert end_leftovers(folder) == 2
        assert not any(is_alive(record) for record in records)
        assert end_leftovers(folder) == 0


def gone(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True
