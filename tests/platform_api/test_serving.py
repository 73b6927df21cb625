from __future__ import annotations

import asyncio
import signal
import socket
from pathlib import Path

import httpx2

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
