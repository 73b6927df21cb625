"""A gate before the local cloud: what passes can be counted, slowed down, refused, or be the moment of a kill.

The pid file of the local cloud is pointed at the gate, so that `cx` and the provider go through it unawares.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

from cygni.background.record import read_record, write_record
from cygni.local_cloud import process
from cygni.settings import Settings

_READS = ("Describe", "Get", "List", "Head", "Lookup")
_SETTLES = 60.0  # seconds in which every request has its answer
_HOP = ("connection", "transfer-encoding", "content-length", "keep-alive", "server", "date")


@dataclass(frozen=True)
class Change:
    """One call that changes the cloud: the `number`th since the gate was opened, counted from 1."""

    number: int
    name: str
    body: str


@dataclass(frozen=True)
class Refusal:
    """What the gate answers in the cloud's stead."""

    status: int
    content_type: str
    body: str


def query_error(code: str, message: str, status: int = 400) -> Refusal:
    """An error as EC2 words it."""
    body = (
        f"<Response><Errors><Error><Code>{code}</Code><Message>{message}</Message></Error></Errors>"
        "<RequestID>7a62c49f</RequestID></Response>"
    )
    return Refusal(status, "text/xml", body)


class CloudGate:
    """`delay` is in seconds, for each change; `before` may refuse one, `after` sees it done but not yet answered.
    `refuses` may refuse any request, also one that only reads."""

    def __init__(self, target: int) -> None:
        self.target = target
        self.delay = 0.0
        self.before: Callable[[Change], Refusal | None] = lambda change: None
        self.after: Callable[[Change], None] = lambda change: None
        self.refuses: Callable[[bytes], Refusal | None] = lambda body: None
        self.changes: list[str] = []
        self._passing = 0
        self._settled = threading.Condition()
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.gate = self
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    @contextlib.contextmanager
    def passing(self) -> Iterator[None]:
        """While a request is held here or asked of the cloud."""
        with self._settled:
            self._passing += 1
        try:
            yield
        finally:
            with self._settled:
                self._passing -= 1
                self._settled.notify_all()

    def settle(self) -> None:
        """Waits until no request is held or in flight, also none of a caller that was killed.

        Raises TimeoutError.
        """
        with self._settled:
            if not self._settled.wait_for(lambda: self._passing == 0, _SETTLES):
                raise TimeoutError(f"{self._passing} requests have no answer after {_SETTLES:.0f} s")

    def change(self, name: str, body: str) -> Change:
        with self._settled:
            self.changes.append(name)
            return Change(len(self.changes), name, body)

    def open(self) -> None:
        """Lets everything pass once what came before has its answer, and counts from the beginning."""
        self.settle()
        self.delay = 0.0
        self.before = lambda change: None
        self.after = lambda change: None
        self.refuses = lambda body: None
        self.changes.clear()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@contextlib.contextmanager
def gate_before(settings: Settings) -> Iterator[CloudGate]:
    """Starts the local cloud of these settings and a gate before it."""
    gate = CloudGate(process.start(settings).port)
    folder = process.local_cloud_folder(settings)
    record = read_record(folder)
    assert record is not None
    write_record(folder, replace(record, port=gate.port))
    try:
        yield gate
    finally:
        gate.close()


class _Server(ThreadingHTTPServer):
    gate: CloudGate
    daemon_threads = True
    block_on_close = False

    def handle_error(self, request: object, client_address: object) -> None:
        """A caller that was killed does not wait for its answer."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Server

    def _pass(self) -> None:
        with self.server.gate.passing():
            self._forward()

    def _forward(self) -> None:
        gate = self.server.gate
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length)
        if len(body) < length:
            raise ConnectionAbortedError("the caller was killed while it asked")
        name = _operation(self.command, self.path, self.headers.get("X-Amz-Target"), body)
        refused = gate.refuses(body)
        if refused is not None:
            self._answer(refused.status, [("Content-Type", refused.content_type)], refused.body.encode())
            return
        change = None if name is None else gate.change(name, body.decode("utf-8", "replace"))
        if change is not None:
            refusal = gate.before(change)
            if refusal is not None:
                self._answer(refusal.status, [("Content-Type", refusal.content_type)], refusal.body.encode())
                return
            time.sleep(gate.delay)
        status, headers, content = self._ask(body)
        if change is not None:
            gate.after(change)
        if self.path.startswith("/_cygni/"):
            content = _with_port(content, gate.port)
        self._answer(status, headers, content)

    do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = _pass  # noqa: N815  # the base class' names

    def _ask(self, body: bytes) -> tuple[int, list[tuple[str, str]], bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.server.gate.target, timeout=60)
        try:
            connection.request(self.command, self.path, body=body or None, headers=dict(self.headers))
            answer = connection.getresponse()
            return answer.status, answer.getheaders(), answer.read()
        except (OSError, http.client.HTTPException):  # the cloud is gone: so is this connection
            self.close_connection = True
            raise
        finally:
            connection.close()

    def _answer(self, status: int, headers: list[tuple[str, str]], content: bytes) -> None:
        self.send_response_only(status)
        for name, value in headers:
            if name.lower() not in _HOP:
                self.send_header(name, value)
        length = next((value for name, value in headers if name.lower() == "content-length"), None)
        self.send_header("Content-Length", str(len(content) if self.command != "HEAD" else length or 0))
        self.end_headers()
        if self.command != "HEAD" and status not in (204, 304):
            self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:
        pass


def _operation(method: str, path: str, target: str | None, body: bytes) -> str | None:
    """The name of a call that changes something; None for one that only reads."""
    if path.startswith("/_cygni/"):
        return None
    if target:
        name = target.rpartition(".")[2]
    elif b"Action=" in body:
        name = parse_qs(body.decode("utf-8", "replace")).get("Action", ["?"])[0]
    else:
        return None if method in ("GET", "HEAD") else f"{method} {path}"
    return None if name.startswith(_READS) else name


def _with_port(content: bytes, port: int) -> bytes:
    values = json.loads(content)
    return json.dumps({**values, "port": port}).encode() if "port" in values else content
