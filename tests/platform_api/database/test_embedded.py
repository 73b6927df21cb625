from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from platform_api.database import embedded


class Slow:
    """As the library is with a server that takes longer than it waits."""

    def __init__(self, times: int) -> None:
        self.times = times

    def __call__(self, data: Path) -> str:
        self.times -= 1
        if self.times >= 0:
            raise subprocess.TimeoutExpired("pg_ctl", 10)
        return "a server"


def test_a_server_that_takes_long_to_start_is_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedded, "_asked_for", Slow(3))
    assert embedded.running_server(tmp_path) == "a server"


def test_one_that_does_not_start_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedded, "_asked_for", Slow(1000))
    monkeypatch.setattr(embedded, "START_SECONDS", -1.0)
    with pytest.raises(subprocess.TimeoutExpired):
        embedded.running_server(tmp_path)
