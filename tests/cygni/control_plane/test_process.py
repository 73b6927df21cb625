from __future__ import annotations

import os
import signal
import socket
import time
from collections.abc import Callable

import psutil
import psycopg
import pytest

from cygni.control_plane import process
from cygni.control_plane.api import Api
from cygni.control_plane.files import SETUP_TOKEN, server_folder
from cygni.control_plane.process import ControlPlane
from cygni.errors import ControlPlaneError, StateError, ToolMissing, UsageError
from cygni.settings import Settings
from platform_api.database import embedded

Start = Callable[..., ControlPlane]


def postgres_of(settings: Settings) -> int:
    """The process of the embedded PostgreSQL."""
    lines = (server_folder(settings.data_dir) / "postgres" / "postmaster.pid").read_text().splitlines()
    return int(lines[0])


def gone(pid: int) -> bool:
    """In a container nobody may reap it."""
    return not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


def wait_for(condition: Callable[[], object], seconds: float = 60.0) -> None:
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.05)


def worker_of(server: int, other_than: psutil.Process | None = None) -> psutil.Process:
    def workers() -> list[psutil.Process]:
        found = psutil.Process(server).children()
        return [one for one in found if one != other_than and one.status() != psutil.STATUS_ZOMBIE]

    wait_for(workers)
    return workers()[0]


class TestStart:
    def test_gives_one_that_answers_and_goes_on_as_nobodys_child(
        self, settings: Settings, start: Start
    ) -> None:
        found = start()
        assert (found.ready, Api(found.url).get("/health")) == (True, {"status": "ok"})
        assert found.pid not in {child.pid for child in psutil.Process().children(recursive=True)}
        assert start() == found == process.status(settings)
        with pytest.raises(ControlPlaneError, match="already runs on port"):
            start(port=1)

    def test_tells_the_setup_token_until_somebody_has_set_it_up(
        self, settings: Settings, start: Start
    ) -> None:
        found = start()
        kept = server_folder(settings.data_dir) / SETUP_TOKEN
        assert found.setup_token == kept.read_text().strip()
        assert kept.stat().st_mode & 0o077 == 0
        Api(found.url).post(
            "/v1/setup",
            body={
                "token": found.setup_token,
                "email": "ada@example.com",
                "name": "Ada",
                "password": "correct horse battery",
                "organization": {"slug": "acme", "name": "Acme"},
            },
        )
        assert start().setup_token is None
        assert process.stop(settings)
        assert (start().setup_token, kept.exists()) == (None, False)

    def test_goes_on_after_a_kill_with_what_was_there(self, settings: Settings, start: Start) -> None:
        token = start().setup_token
        found = start()
        os.kill(found.pid, signal.SIGKILL)
        wait_for(lambda: gone(found.pid))
        again = start()
        assert (again.pid != found.pid, again.setup_token) == (True, token)

    def test_says_when_the_port_is_taken(self, settings: Settings, start: Start) -> None:
        with socket.socket() as other:
            other.bind(("127.0.0.1", 0))
            other.listen()
            with pytest.raises(ControlPlaneError, match="cannot listen on") as caught:
                start(port=other.getsockname()[1])
        assert "--port" in (caught.value.hint or "")
        assert process.status(settings) is None

    @pytest.mark.parametrize(
        ("url", "kind", "said"),
        [
            ("postgresql://nobody:hunter2@127.0.0.1:1/cygni", StateError, "cannot be made ready"),
            ("mysql://x:hunter2@y/z", UsageError, "no URL of a PostgreSQL"),
        ],
    )
    def test_says_what_is_wrong_with_a_database_without_its_password(
        self, start: Start, url: str, kind: type[Exception], said: str
    ) -> None:
        with pytest.raises(kind, match=said) as caught:
            start(CYGNI_DATABASE_URL=url)
        assert "hunter2" not in str(vars(caught.value))

    def test_says_when_its_libraries_are_not_installed(
        self, start: Start, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(process, "_LIBRARIES", ("no_such_library",))
        with pytest.raises(ToolMissing) as caught:
            start()
        assert "cygni[server]" in (caught.value.hint or "")


class TestDatabase:
    def test_is_started_again_when_it_dies(self, settings: Settings, start: Start) -> None:
        found = start(CYGNI_SERVER_WORKER="off")
        first = postgres_of(settings)
        os.kill(first, signal.SIGKILL)
        wait_for(lambda: gone(first))
        wait_for(lambda: (status := process.status(settings)) is not None and status.ready)
        assert postgres_of(settings) != first
        assert process.status(settings) == found

    @pytest.mark.skipif(os.geteuid() != 0, reason="only for root it runs as somebody else")
    def test_goes_on_when_the_folder_is_closed_to_others(self, settings: Settings, start: Start) -> None:
        start(CYGNI_SERVER_WORKER="off")
        settings.make_data_dir()
        folder = server_folder(settings.data_dir)
        assert {one.stat().st_mode & 0o067 for one in (settings.data_dir, folder)} == {0}
        with psycopg.connect(embedded.start(folder), autocommit=True) as owner:
            owner.execute("CHECKPOINT")
            assert owner.execute("SELECT 1").fetchone() == (1,)


class TestWorkerBeside:
    def test_is_begun_again_when_it_dies_and_ends_with_the_server(
        self, settings: Settings, start: Start
    ) -> None:
        found = start()
        first = worker_of(found.pid)
        first.kill()
        second = worker_of(found.pid, other_than=first)
        os.kill(found.pid, signal.SIGKILL)
        wait_for(lambda: gone(second.pid))

    def test_is_left_out_where_workers_are_elsewhere(self, settings: Settings, start: Start) -> None:
        found = start(CYGNI_SERVER_WORKER="off")
        assert psutil.Process(found.pid).children() == []


class TestStop:
    def test_ends_it_and_its_database_and_loses_nothing(self, settings: Settings, start: Start) -> None:
        found = start()
        database = postgres_of(settings)
        assert process.stop(settings)
        assert gone(found.pid)
        assert gone(database)
        assert (process.status(settings), process.stop(settings)) == (None, False)
        assert start().setup_token == found.setup_token

    def test_ends_the_database_that_a_killed_server_left(self, settings: Settings, start: Start) -> None:
        found = start(CYGNI_SERVER_WORKER="off")
        database = postgres_of(settings)
        os.kill(found.pid, signal.SIGKILL)
        wait_for(lambda: gone(found.pid))
        assert not gone(database)
        assert process.stop(settings)
        assert gone(database)
        assert not process.stop(settings)
