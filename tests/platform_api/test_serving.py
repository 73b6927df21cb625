from __future__ import annotations

import asyncio
import signal
import socket
from pathlib import Path

import httpx2
import pytest

from cygni.errors import ControlPlaneError, CygniError, UsageError
from platform_api.__main__ import main
from platform_api.serving import listening
from platform_api.settings import ServerSettings
from tests.platform_api.deployments.workshop import archive
from tests.platform_api.server_process import ServerProcess
from tests.postgres_server import PostgresServer

SHOP = "/v1/organizations/acme/projects/shop"


def test_sends_the_end_of_an_answer_without_waiting_for_its_begin_to_be_acknowledged(tmp_path: Path) -> None:
    async def delay_is_off() -> bool:
        found: asyncio.Future[bool] = asyncio.get_running_loop().create_future()

        def connected(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            accepted = writer.get_extra_info("socket")
            found.set_result(bool(accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)))
            writer.close()

        listener = listening(ServerSettings(folder=tmp_path, port=0))
        async with await asyncio.start_server(connected, sock=listener):
            _, client = await asyncio.open_connection(*listener.getsockname())
            client.close()
            return await asyncio.wait_for(found, 10)

    assert asyncio.run(delay_is_off())


@pytest.mark.parametrize("host", ["300.1.1.1", "192.0.2.1"])
def test_says_that_a_host_is_none_of_this_machine(tmp_path: Path, host: str) -> None:
    with pytest.raises(ControlPlaneError, match=f"cannot listen on {host}:") as caught:
        listening(ServerSettings(folder=tmp_path, host=host, port=0))
    assert "--host" in str(caught.value.hint)


@pytest.mark.parametrize(
    "url",
    [
        "ftp://x",
        "cygni.example.com",
        "https://",
        "https://x:99999",
        "https://x?y",
        "https://x y",
        "https://[::1",
    ],
)
def test_takes_no_address_at_which_nobody_can_reach_it(url: str) -> None:
    with pytest.raises(UsageError, match="CYGNI_SERVER_URL is"):
        ServerSettings.from_environment({"CYGNI_SERVER_URL": url})
    with pytest.raises(CygniError) as caught:
        ServerSettings.from_environment({"CYGNI_SERVER_URL": "https://ada:hunter2@x"})
    assert "hunter2" not in str(caught.value)
    good = "https://cygni.example.com/there"
    assert ServerSettings.from_environment({"CYGNI_SERVER_URL": good}).public_url == good


@pytest.mark.parametrize(
    "password", ["hunter2%zz", "hunter/2", "hunter?2", "hunter#2", "hunter@2", "[hunter2"]
)
def test_takes_no_database_whose_password_would_be_told_as_something_else(password: str) -> None:
    with pytest.raises(UsageError, match="CYGNI_DATABASE_URL") as caught:
        ServerSettings.from_environment({"CYGNI_DATABASE_URL": f"postgres://ada:{password}@127.0.0.1/shop"})
    assert "hunter" not in f"{caught.value.message} {caught.value.hint}"
    good = "postgresql://ada:hunter%2F2@127.0.0.1:5432,127.0.0.1:5433/shop?sslmode=require"
    assert ServerSettings.from_environment({"CYGNI_DATABASE_URL": f"{good}\n"}).database_url == good


def test_does_not_begin_where_the_worker_beside_it_could_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("platform_api.__main__.log_to_stderr", lambda: None)
    monkeypatch.setenv("CYGNI_WORKER_LOCAL", "maybe")
    assert main(["--folder", str(tmp_path / "server")]) == 1
    assert "CYGNI_WORKER_LOCAL is 'maybe'" in capsys.readouterr().err
    assert not (tmp_path / "server").exists()


def test_ends_streams_in_order_when_it_is_told_to_end(tmp_path: Path, postgres: PostgresServer) -> None:
    """They would last for minutes, and were cut off when their time to end in was over."""
    server = ServerProcess(tmp_path / "server", postgres.new_database())
    server.start()
    try:
        with httpx2.Client(base_url=server.url, headers=server.set_up(), timeout=60) as ada:
            ada.post("/v1/organizations/acme/projects", json={"slug": "shop"})
            ada.post(f"{SHOP}/environments", json={"name": "staging"})
            source = ada.post(f"{SHOP}/sources", content=archive()).json()["id"]
            deployments = f"{SHOP}/environments/staging/deployments"
            begun = ada.post(deployments, json={"source": source}).json()["id"]
            with ada.stream("GET", f"{deployments}/{begun}/events/stream") as told:
                lines = told.iter_lines()
                first = next(lines)
                assert server.process is not None
                server.process.terminate()
                rest = list(lines)  # raises where the end of the answer does not come
        assert first.startswith("id: ")
        assert "event: over" not in rest, "the deployment is not over"
        assert server.process.wait(60) in (0, -signal.SIGTERM)
    finally:
        server.kill()
    assert "Traceback" not in server.log
