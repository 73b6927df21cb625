from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from cygni.errors import LockHeld, StateError
from cygni.settings import Settings
from stacks.lock import environment_lock

ROOT = Path(__file__).parents[2]

HOLD = """
import sys, time
from pathlib import Path
from cygni.settings import Settings
from stacks.lock import environment_lock
folder = Path(sys.argv[1])
with environment_lock(Settings(folder, folder), "shop", "local", wait=0, doing="cx deploy"):
    print("held", flush=True)
    sys.stdin.readline()
"""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path, cache_dir=tmp_path / "cache")


@pytest.fixture
def holder(settings: Settings) -> Iterator[subprocess.Popen[str]]:
    """Another process that deploys shop (local), until its input ends."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(settings.data_dir)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    with process:
        yield process
        process.kill()


def hold(
    settings: Settings, environment: str = "local", wait: float = 0.0, doing: str = "cx destroy"
) -> None:
    with environment_lock(settings, "shop", environment, wait=wait, doing=doing):
        pass


class TestEnvironmentLock:
    def test_names_who_holds_it(self, settings: Settings, holder: subprocess.Popen[str]) -> None:
        with pytest.raises(
            LockHeld, match=rf"shop \(local\) is being worked on by cx deploy \(pid {holder.pid} on"
        ):
            hold(settings)

    def test_leaves_other_environments_alone(self, settings: Settings, holder: subprocess.Popen[str]) -> None:
        hold(settings, "staging")

    def test_waits_for_the_other_to_end(self, settings: Settings, holder: subprocess.Popen[str]) -> None:
        assert holder.stdin is not None
        threading.Timer(0.3, holder.stdin.write, ["\n"]).start()
        threading.Timer(0.4, holder.stdin.flush).start()
        hold(settings, wait=20)
        assert holder.wait() == 0

    def test_waits_no_longer_than_it_was_told(
        self, settings: Settings, holder: subprocess.Popen[str]
    ) -> None:
        began = time.monotonic()
        with pytest.raises(LockHeld):
            hold(settings, wait=0.3)
        assert 0.25 < time.monotonic() - began < 10

    def test_ends_with_a_process_that_is_killed(
        self, settings: Settings, holder: subprocess.Popen[str]
    ) -> None:
        holder.kill()
        holder.wait()
        hold(settings)

    def test_closes_the_data_folder_to_others(self, settings: Settings) -> None:
        settings.data_dir.chmod(0o755)
        with environment_lock(settings, "shop", "local", wait=0, doing="cx deploy"):
            assert settings.data_dir.stat().st_mode & 0o067 == 0  # root's PostgreSQL passes through

    def test_can_be_taken_again(self, settings: Settings) -> None:
        hold(settings)
        hold(settings)

    def test_is_released_when_the_work_fails(self, settings: Settings) -> None:
        with (
            pytest.raises(ZeroDivisionError),
            environment_lock(settings, "shop", "local", wait=0, doing="cx deploy"),
        ):
            raise ZeroDivisionError
        hold(settings)

    def test_tells_what_is_done_while_it_is_held(self, settings: Settings) -> None:
        file = settings.data_dir / "projects" / "shop" / "local" / "holder.json"
        with environment_lock(settings, "shop", "local", wait=0, doing="cx deploy"):
            assert json.loads(file.read_text())["pid"] == os.getpid()
        assert not file.exists()

    @pytest.mark.parametrize("said", ["", "{", "[]", '{"doing": "x"}'])
    def test_is_held_by_somebody_when_nobody_said_who(
        self, settings: Settings, holder: subprocess.Popen[str], said: str
    ) -> None:
        (settings.data_dir / "projects" / "shop" / "local" / "holder.json").write_text(said)
        with pytest.raises(LockHeld, match="worked on by another command"):
            hold(settings)

    def test_says_why_it_cannot_be_made(self, settings: Settings) -> None:
        (settings.data_dir / "projects").write_text("in the way")
        with pytest.raises(StateError, match="cannot lock .*: Not a directory") as caught:
            hold(settings)
        assert "CYGNI_DATA_DIR" in (caught.value.hint or "")
