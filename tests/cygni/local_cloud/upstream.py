"""A small real HTTP server to put behind a load balancer: what it answers is asked for in the path."""

from __future__ import annotations

import asyncio
import hashlib
import threading
from collections import Counter
from types import TracebackType
from urllib.parse import parse_qs, urlsplit

Headers = dict[str, str]


class Upstream:
    """Serves on a free port of 127.0.0.1, in a thread, inside `with`.

    `/` answers with `name`, `/headers` with the request's headers, `/code/503` with that code, `/slow?seconds=1` late,
    `/stream` in chunks that come one by one when `more` is set, `/echo` with what an upgraded connection sends,
    `/upload` with the SHA-256 of the body, `/close` not at all. `/health` answers with `health`.
    """

    def __init__(self, name: str = "up"):
        self.name = name
        self.health = 200
        self.port = 0
        self.requests: Counter[str] = Counter()
        self.connections = 0
        self.more = threading.Event()
        self._idle: set[asyncio.StreamWriter] = set()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def __enter__(self) -> Upstream:
        self._thread.start()
        self.listen()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def listen(self) -> None:
        """Listen, at the same port as before if there was one."""
        starting = asyncio.start_server(self._serve, "127.0.0.1", self.port, limit=1 << 20)
        self._server = asyncio.run_coroutine_threadsafe(starting, self._loop).result(10)
        self.port = self._server.sockets[0].getsockname()[1]

    def refuse(self) -> None:
        """Refuse connections from now on, and hang up where nothing is being asked."""
        self._loop.call_soon_threadsafe(self._refuse)

    def _refuse(self) -> None:
        self._server.close()
        for writer in self._idle:
            writer.close()

    async def _close(self) -> None:
        self._server.close()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while await self._one(reader, writer):
                pass
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            writer.close()

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """Answer one request; False when the connection is to be closed."""
        self._idle.add(writer)
        try:
            head = await reader.readuntil(b"\r\n\r\n")
        finally:
            self._idle.discard(writer)
        first, *lines = head.decode("latin-1").rstrip().split("\r\n")
        method, target, _ = first.split(" ")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        url = urlsplit(target)
        self.requests[url.path] += 1
        if url.path == "/close":
            return False
        if url.path == "/echo":
            await self._upgraded(reader, writer)
            return False
        digest = await _body(reader, headers)
        if url.path == "/stream":
            await self._stream(writer)
            return True
        if url.path == "/slow":
            await asyncio.sleep(float(parse_qs(url.query)["seconds"][0]))
        code = self.health if url.path == "/health" else 200
        content = self.name.encode()
        if url.path.startswith("/code/"):
            code = int(url.path.rpartition("/")[2])
        elif url.path == "/headers":
            content = "\r\n".join([target, *lines]).encode()
        elif url.path == "/upload":
            content = digest.encode()
        answer = f"HTTP/1.1 {code} Said\r\nContent-Length: {len(content)}\r\nServer: up\r\n\r\n"
        writer.write(answer.encode() + (b"" if method == "HEAD" else content))
        await writer.drain()
        return True

    async def _stream(self, writer: asyncio.StreamWriter) -> None:
        writer.write(
            b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
        )
        for number in range(3):
            event = f"data: {number}\n\n".encode()
            writer.write(b"%x\r\n%s\r\n" % (len(event), event))
            await writer.drain()
            await asyncio.get_running_loop().run_in_executor(None, self.more.wait, 30)
            self.more.clear()
        writer.write(b"0\r\n\r\n")
        await writer.drain()

    async def _upgraded(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n")
        while content := await reader.read(65536):
            writer.write(content)
            await writer.drain()


async def _body(reader: asyncio.StreamReader, headers: Headers) -> str:
    """Read the body; its SHA-256."""
    digest = hashlib.sha256()
    if headers.get("transfer-encoding") == "chunked":
        while size := int((await reader.readline()).split(b";")[0], 16):
            digest.update(await reader.readexactly(size))
            await reader.readline()
        await reader.readline()
        return digest.hexdigest()
    left = int(headers.get("content-length", 0))
    while left:
        content = await reader.read(min(left, 1 << 20))
        digest.update(content)
        left -= len(content)
    return digest.hexdigest()
