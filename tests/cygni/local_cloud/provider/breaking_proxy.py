"""A proxy on this machine that breaks chosen requests to the cloud behind it."""

from __future__ import annotations

import http.client
import re
import socket
import struct
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from enum import Enum, auto
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit


class Fault(Enum):
    SWALLOW_ANSWER = auto()
    """The request is done; the connection is reset instead of an answer."""
    CUT_ANSWER = auto()
    """The request is done; the connection ends in the middle of the answer."""
    LOSE_REQUEST = auto()
    """The request never arrives; the connection is reset."""
    THROTTLE = auto()
    """The request is refused with 503 and does not arrive."""


class BreakingProxy:
    """Counts what reaches the cloud by action, and breaks the first request of an action as told."""

    def __init__(self, behind: str) -> None:
        self.behind = urlsplit(behind).netloc
        self.arrived: Counter[str] = Counter()
        self._faults: dict[str, Fault] = {}
        self._lock = threading.Lock()
        self.url = ""

    def break_first(self, action: str, fault: Fault) -> None:
        """`action` as the API names it; `PUT /BUCKET` in S3."""
        self._faults[action] = fault

    def take_fault(self, action: str) -> Fault | None:
        with self._lock:
            return self._faults.pop(action, None)


def _action(request: BaseHTTPRequestHandler, body: bytes) -> str:
    target = request.headers.get("X-Amz-Target", "").rpartition(".")[2]
    query = re.search(rb"(?:^|&)Action=(\w+)", body)
    return target or (query.group(1).decode() if query else f"{request.command} {request.path}")


def _handler(proxy: BreakingProxy) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _forward(self, body: bytes) -> tuple[int, list[tuple[str, str]], bytes]:
            connection = http.client.HTTPConnection(proxy.behind)
            try:
                connection.request(self.command, self.path, body, dict(self.headers))
                answer = connection.getresponse()
                return answer.status, answer.getheaders(), answer.read()
            finally:
                connection.close()

        def _reset(self) -> None:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.close_connection = True

        def _answer(self, status: int, headers: list[tuple[str, str]], body: bytes, sent: int) -> None:
            self.send_response(status)
            for name, value in headers:
                if name.lower() not in (
                    "connection",
                    "content-length",
                    "transfer-encoding",
                    "date",
                    "server",
                ):
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body[:sent])
            self.close_connection = self.close_connection or sent < len(body)

        def _serve(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            action = _action(self, body)
            fault = proxy.take_fault(action)
            if fault is Fault.THROTTLE:
                return self._answer(503, [], b"<Error><Code>SlowDown</Code></Error>", 10**9)
            if fault is Fault.LOSE_REQUEST:
                return self._reset()
            proxy.arrived[action] += 1
            status, headers, answer = self._forward(body)
            if fault is Fault.SWALLOW_ANSWER:
                return self._reset()
            no_body = self.command == "HEAD"
            sent = len(answer) // 2 if fault is Fault.CUT_ANSWER else 10**9
            return self._answer(status, headers, b"" if no_body else answer, sent)

        def log_message(self, *_: object) -> None:
            pass

    for command in ("GET", "HEAD", "PUT", "POST", "DELETE"):
        setattr(Handler, f"do_{command}", Handler._serve)
    return Handler


@contextmanager
def breaking_proxy(behind: str) -> Iterator[BreakingProxy]:
    """A proxy before the cloud at the URL `behind`, until the block ends."""
    proxy = BreakingProxy(behind)
    with ThreadingHTTPServer(("127.0.0.1", 0), _handler(proxy)) as server:
        server.daemon_threads = True
        proxy.url = f"http://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield proxy
        finally:
            server.shutdown()
            thread.join()
