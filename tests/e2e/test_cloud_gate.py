"""The gate of the other tests here: what is on its way when a caller dies is waited for."""

from __future__ import annotations

import http.client
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tests.e2e.cloud_gate import CloudGate


class Held(ThreadingHTTPServer):
    """A cloud that has a request, and answers it when it is let."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answer)
        self.arrived = threading.Event()
        self.let = threading.Event()
        self.order: list[str] = []


class Answer(BaseHTTPRequestHandler):
    server: Held

    def do_POST(self) -> None:
        self.server.arrived.set()
        self.server.let.wait(30)
        self.server.order.append("answered")
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def cloud() -> Iterator[Held]:
    held = Held()
    thread = threading.Thread(target=held.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    yield held
    held.let.set()
    held.shutdown()
    held.server_close()
    thread.join()


def test_opens_when_a_request_whose_caller_is_gone_has_its_answer(cloud: Held) -> None:
    gate = CloudGate(int(cloud.server_address[1]))
    try:
        caller = http.client.HTTPConnection("127.0.0.1", gate.port)
        caller.request("POST", "/", body=b"Action=CreateVpc")
        assert cloud.arrived.wait(30)
        caller.close()

        def open_gate() -> None:
            gate.open()
            cloud.order.append("opened")

        opening = threading.Thread(target=open_gate)
        opening.start()
        opening.join(0.2)
        cloud.let.set()
        opening.join(30)
        assert cloud.order == ["answered", "opened"]
    finally:
        gate.close()


def test_passes_on_nothing_that_its_caller_did_not_ask_to_the_end(cloud: Held) -> None:
    gate = CloudGate(int(cloud.server_address[1]))
    try:
        with socket.create_connection(("127.0.0.1", gate.port), timeout=60) as raw:
            raw.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nAct")
            raw.shutdown(socket.SHUT_WR)
            assert raw.recv(1000) == b""
        gate.settle()
        assert not cloud.arrived.is_set()
    finally:
        gate.close()
