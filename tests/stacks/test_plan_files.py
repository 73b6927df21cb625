from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from cygni.errors import StateError
from stacks.plan_files import plans_folder


class TestPlansFolder:
    def test_is_of_this_process_alone_and_gone_afterwards(self, tmp_path: Path) -> None:
        with plans_folder(tmp_path) as mine:
            assert mine == tmp_path / "plans" / str(os.getpid())
            assert mine.stat().st_mode & 0o077 == 0
            (mine / "services.json").write_text("{}")
        assert not mine.exists()

    def test_sweeps_what_a_killed_command_left(self, tmp_path: Path) -> None:
        ended = subprocess.run(
            [sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, check=True
        )
        left = tmp_path / "plans" / ended.stdout.decode().strip()
        left.mkdir(parents=True)
        (left / "data.json").write_text("{}")
        with plans_folder(tmp_path):
            assert not left.exists()

    def test_leaves_the_plans_of_a_command_that_runs(self, tmp_path: Path) -> None:
        with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as running:
            other = tmp_path / "plans" / str(running.pid)
            other.mkdir(parents=True)
            with plans_folder(tmp_path):
                assert other.is_dir()
            running.communicate(b"\n")

    def test_says_what_to_do_when_it_cannot_be_made(self, tmp_path: Path) -> None:
        (tmp_path / "plans").write_text("a file where the folder should be")
        with pytest.raises(StateError) as raised, plans_folder(tmp_path):
            raise AssertionError
        assert "CYGNI_DATA_DIR" in (raised.value.hint or "")
