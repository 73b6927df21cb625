"""What a server keeps running beside it, where it does not start at first."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from platform_api import beside
from platform_api.beside import WorkerBeside
from platform_api.database import embedded, keeping
from platform_api.database.keeping import KeptRunning


def test_a_worker_that_could_not_be_begun_is_begun_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, begun = [], threading.Event()
    popen = subprocess.Popen

    def popen_later(command: list[str], **how: Any) -> subprocess.Popen[bytes]:
        asked.append(command)
        if len(asked) == 1:
            raise BlockingIOError("no process is left")
        begun.set()
        return popen([sys.executable, "-c", "import sys; sys.stdin.read()"], **how)

    monkeypatch.setattr(beside, "AGAIN_SECONDS", 0.05)
    monkeypatch.setattr(subprocess, "Popen", popen_later)
    with WorkerBeside(tmp_path):
        assert begun.wait(30)


def test_a_database_whose_library_fails_is_started_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, started = [], threading.Event()

    def start(folder: Path) -> None:
        asked.append(folder)
        assert len(asked) > 1
        started.set()

    monkeypatch.setattr(keeping, "LOOK_SECONDS", 0.05)
    monkeypatch.setattr(embedded, "start", start)
    with KeptRunning(tmp_path):
        assert started.wait(30)
