from __future__ import annotations

import asyncio
import socket
from pathlib import Path

from platform_api.serving import listening
from platform_api.settings import ServerSettings


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
