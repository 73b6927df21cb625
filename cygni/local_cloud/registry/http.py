"""Serves the registry. Bodies are streams: a layer may be larger than what the local cloud's server takes."""

from __future__ import annotations

import io
import logging
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, BinaryIO, Final, cast

from werkzeug.serving import DechunkedInput

from cygni.local_cloud.identity import HOST
from cygni.local_cloud.registry.answers import Answer, refusal
from cygni.local_cloud.registry.problems import Problem
from cygni.local_cloud.registry.requests import Request

IDLE_SECONDS: Final = 120.0
_PIECE: Final = 1024 * 1024

log = logging.getLogger(__name__)


class _Body(io.RawIOBase):
    """The body of a request, which ends where its length says."""

    def __init__(self, stream: BinaryIO, length: int) -> None:
        self._stream = stream
        self.left = length

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        content = self._stream.read(min(len(buffer), self.left))
        if self.left and not content:
            raise ConnectionResetError("the connection ended within a body")
        self.left -= len(content)
        buffer[: len(content)] = content
        return len(content)


class RegistryServer(ThreadingHTTPServer):
    """On a free port of this machine; `answer` may raise Problem."""

    daemon_threads = True

    def __init__(self, answer: Callable[[Request], Answer]) -> None:
        super().__init__((HOST, 0), _Handler)
        self.answer = answer

    @property
    def address(self) -> str:
        """Host and port."""
        return f"{HOST}:{self.server_address[1]}"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = IDLE_SECONDS
    server: RegistryServer

    def do_GET(self) -> None:
        try:
            body = self._body()
            answer = self._answered(body)
        except (OSError, TimeoutError) as error:  # whoever pushed is gone
            log.info("%s %s broke off: %s", self.command, self.path, error)
            self.close_connection = True
            return
        if body is None or body.left:
            self.close_connection = True
        self._send(answer)

    do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_GET  # noqa: N815  # names that http.server looks for

    def _answered(self, body: _Body | None) -> Answer:
        headers = {name.lower(): value for name, value in self.headers.items()}
        stream = io.BufferedReader(body if body is not None else DechunkedInput(self.rfile))
        try:
            return self.server.answer(Request(self.command, self.path, headers, stream))
        except Problem as problem:
            return refusal(problem)
        except OSError as error:
            if isinstance(error, ConnectionError | TimeoutError):
                raise
            log.exception("%s %s failed", self.command, self.path)
            return refusal(Problem(500, "UNKNOWN", f"the local cloud could not do this: {error.strerror}"))

    def _body(self) -> _Body | None:
        """None where it comes in chunks of HTTP's."""
        if "chunked" in self.headers.get("Transfer-Encoding", "").lower():
            return None
        length = self.headers.get("Content-Length", "0")
        return _Body(cast(BinaryIO, self.rfile), int(length) if length.isdecimal() else 0)

    def _send(self, answer: Answer) -> None:
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        if answer.status != 204:
            self.send_header("Content-Length", str(answer.length))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        if self.command == "HEAD":
            return
        if isinstance(answer.content, bytes):
            self.wfile.write(answer.content)
            return
        with answer.content.open("rb") as file:
            file.seek(answer.part[0])
            left = answer.length
            while left and (piece := file.read(min(_PIECE, left))):
                self.wfile.write(piece)
                left -= len(piece)

    def log_message(self, format: str, *args: object) -> None:
        """Changes of repositories are logged where they are made."""
