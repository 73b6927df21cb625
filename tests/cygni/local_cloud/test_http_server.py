from __future__ import annotations

import http.client
import socket
import threading
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pytest

from cygni.local_cloud import http_server
from cygni.local_cloud.http_server import LocalCloudHttpServer


def echo(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Answers with what it was asked; a path tells how."""
    body = environ["wsgi.input"].read()
    path = environ["PATH_INFO"]
    if path == "/nothing":
        start_response("204 No Content", [])
        return []
    if path == "/split":
        start_response("200 OK", [("X-A", "b\r\nX-Injected: c")])
        return [b"a", b"b"]
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [f"{environ['REQUEST_METHOD']} {path} {len(body)}".encode()]


@pytest.fixture
def port() -> Iterator[int]:
    listener = socket.create_server(("127.0.0.1", 0))
    server = LocalCloudHttpServer(listener, echo)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield listener.getsockname()[1]
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def connection(port: int) -> Iterator[http.client.HTTPConnection]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    yield connection
    connection.close()


def ask(connection: http.client.HTTPConnection, method: str, path: str, body: Any = None, **more: Any) -> Any:
    connection.request(method, path, body, **more)
    response = connection.getresponse()
    return response, response.read().decode()


class TestKeepAlive:
    def test_serves_many_requests_on_one_connection(self, connection: http.client.HTTPConnection) -> None:
        ask(connection, "GET", "/first")
        used = connection.sock
        for method, path, body in (
            ("POST", "/b", b"x" * 100_000),
            ("PUT", "/c", b""),
            ("DELETE", "/d", None),
        ):
            assert ask(connection, method, path, body)[1] == f"{method} {path} {len(body or b'')}"
        assert connection.sock is used

    def test_does_not_wait_for_the_kernel_between_head_and_body(
        self, connection: http.client.HTTPConnection
    ) -> None:
        ask(connection, "GET", "/")
        assert http_server.KeepAliveHandler.disable_nagle_algorithm

    def test_closes_when_asked_to(self, connection: http.client.HTTPConnection) -> None:
        response, _ = ask(connection, "GET", "/", headers={"Connection": "close"})
        assert response.getheader("Connection") == "close"

    def test_sends_no_body_after_head_and_204(self, connection: http.client.HTTPConnection) -> None:
        response, body = ask(connection, "HEAD", "/a")
        assert (body, response.getheader("Content-Length")) == ("", "9")
        response, body = ask(connection, "GET", "/nothing")
        assert (body, response.status, response.getheader("Content-Length")) == ("", 204, None)
        assert ask(connection, "GET", "/b")[1] == "GET /b 0"


class TestBodies:
    def test_may_come_in_chunks(self, connection: http.client.HTTPConnection) -> None:
        chunks = iter([b"abc", b"defg"])
        assert ask(connection, "PUT", "/a", chunks, encode_chunked=True)[1] == "PUT /a 7"
        assert ask(connection, "GET", "/b")[1] == "GET /b 0"

    def test_may_be_announced(self, port: int) -> None:
        with socket.create_connection(("127.0.0.1", port), timeout=60) as raw:
            raw.sendall(b"PUT /a HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n")
            assert raw.recv(1000) == b"HTTP/1.1 100 Continue\r\n\r\n"
            raw.sendall(b"abc")
            assert b"PUT /a 3" in raw.recv(1000)

    def test_that_are_cut_short_are_no_calls(self, port: int) -> None:
        """A client was killed while it asked: what it had sent may be a call of its own, with other parameters."""
        with socket.create_connection(("127.0.0.1", port), timeout=60) as raw:
            raw.sendall(b"PUT /a HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc")
            raw.shutdown(socket.SHUT_WR)
            assert raw.recv(1000) == b""

    def test_are_refused_when_too_large(
        self, connection: http.client.HTTPConnection, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(http_server, "MAX_BODY_BYTES", 10)
        assert ask(connection, "PUT", "/a", b"x" * 10)[0].status == 200
        assert ask(connection, "PUT", "/a", b"x" * 11)[0].status == 413


class TestAnswers:
    def test_cannot_be_split_by_a_header(self, connection: http.client.HTTPConnection) -> None:
        response, body = ask(connection, "GET", "/split")
        assert body == "ab"
        assert response.getheader("X-Injected") is None

    @pytest.mark.parametrize(
        "line", [b"nonsense\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"\r\n\r\n", b"\x16\x03\x01\r\n\r\n"]
    )
    def test_survive_what_is_no_http(self, port: int, line: bytes) -> None:
        with socket.create_connection(("127.0.0.1", port), timeout=60) as raw:
            raw.sendall(line)
            raw.shutdown(socket.SHUT_WR)
            while raw.recv(1000):
                pass
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        assert ask(connection, "GET", "/a")[1] == "GET /a 0"
        connection.close()
