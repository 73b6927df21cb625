"""The HTTP server under the local cloud: threads, HTTP/1.1 keep-alive, one write per answer.

werkzeug's own development server closes each connection and waits 10 ms after each answer, which boto3 pays for
on every call. Here the body is read whole before the application runs (moto would do so anyway), so the
connection is always at the next request when the answer has been sent.
"""

from __future__ import annotations

import io
import logging
import socket
import socketserver
import sys
from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any

from moto.moto_server.werkzeug_app import MotoRequestHandler

WsgiApplication = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

MAX_BODY_BYTES = 256 * 1024 * 1024
IDLE_SECONDS = 120.0
_OF_THE_CONNECTION = ("connection", "transfer-encoding")

log = logging.getLogger(__name__)


class LocalCloudHttpServer(socketserver.ThreadingMixIn, socketserver.TCPServer):
    """Serves one WSGI application on a socket that is already bound and listening."""

    daemon_threads = True
    ssl_context = None
    multithread = True
    multiprocess = False
    _server_version = "cygni"

    def __init__(self, listener: socket.socket, app: WsgiApplication):
        super().__init__(listener.getsockname(), KeepAliveHandler, bind_and_activate=False)
        self.socket.close()
        self.socket = listener
        self.server_address = listener.getsockname()
        self.app = app

    def handle_error(self, request: object, client_address: object) -> None:
        log.error("connection failed", exc_info=sys.exc_info())


class KeepAliveHandler(MotoRequestHandler):  # type: ignore[misc]  # werkzeug is untyped here
    """One connection: reads a request, calls the application, writes the answer, and again."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    timeout = IDLE_SECONDS

    def run_wsgi(self) -> None:
        environ = self.make_environ()
        body = self._read_body(environ)
        if body is None:
            self.close_connection = True
            self._answer(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "Request Entity Too Large", [], b"")
            return
        environ["wsgi.input"] = io.BytesIO(body)
        environ["wsgi.input_terminated"] = True
        environ["CONTENT_LENGTH"] = str(len(body))
        environ.pop("HTTP_TRANSFER_ENCODING", None)
        started: list[tuple[str, list[tuple[str, str]]]] = []

        def start_response(status: str, headers: list[tuple[str, str]], exc_info: object = None) -> None:
            started.append((status, headers))

        chunks = self.server.app(environ, start_response)
        try:
            content = b"".join(chunks)
        finally:
            close = getattr(chunks, "close", None)
            if close is not None:
                close()
        status, headers = started[-1]
        code, _, phrase = status.partition(" ")
        self._answer(int(code), phrase, headers, content)

    def _read_body(self, environ: dict[str, Any]) -> bytes | None:
        """The whole body, b"" when there is none; None when it is larger than MAX_BODY_BYTES. Raises ConnectionError
        for one that is cut short, as by a client that was killed: its call is none."""
        if environ.get("wsgi.input_terminated"):  # chunked: the reader knows the end
            content: bytes = io.BufferedReader(environ["wsgi.input"]).read(MAX_BODY_BYTES + 1)
            return content if len(content) <= MAX_BODY_BYTES else None
        try:
            length = max(0, int(environ.get("CONTENT_LENGTH") or 0))
        except ValueError:
            length = 0
        if length > MAX_BODY_BYTES:
            return None
        body: bytes = self.rfile.read(length) if length else b""
        if len(body) < length:
            raise ConnectionAbortedError(f"{len(body)} bytes came of {length}")
        return body

    def _answer(self, code: int, phrase: str, headers: list[tuple[str, str]], content: bytes) -> None:
        bodyless = self.command == "HEAD" or code in (204, 304) or code < 200
        lines = [f"HTTP/1.1 {code} {phrase}"]
        lines += [f"{name}: {value}" for name, value in headers if name.lower() not in _OF_THE_CONNECTION]
        names = {name.lower() for name, _ in headers}
        if "date" not in names:
            lines.append(f"Date: {self.date_time_string()}")
        if "content-length" not in names and code >= 200 and code != 204:
            lines.append(f"Content-Length: {len(content)}")
        if self.close_connection:
            lines.append("Connection: close")
        head = "".join(line.replace("\r", " ").replace("\n", " ") + "\r\n" for line in [*lines, ""])
        self.wfile.write(head.encode("latin-1", "replace") + (b"" if bodyless else content))

    def log_message(self, format: str, *args: object) -> None:
        """Calls are logged by the application, with the AWS operation's name."""
