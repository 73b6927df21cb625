"""Against a server that answers what a test tells it to."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from cygni.control_plane.api import Api
from cygni.errors import ControlPlaneError, CygniError, NotFound, PermissionDenied, RateLimited, UsageError

Answers = Callable[..., Api]


def problem(status: int, code: str, detail: str, **more: Any) -> tuple[int, Any]:
    return status, {"type": "about:blank", "status": status, "code": code, "detail": detail, **more}


@pytest.fixture
def seen() -> list[tuple[str, str, str | None, Any]]:
    """Method, path, authorization and body of each request."""
    return []


@pytest.fixture
def answers(seen: list[tuple[str, str, str | None, Any]]) -> Iterator[Answers]:
    """`answers((200, {...}), ...)`: the API of a server that gives these one after the other, the last for ever."""
    left: list[tuple[int, Any]] = []

    class Handler(BaseHTTPRequestHandler):
        def handle_any(self) -> None:
            length = int(self.headers.get("Content-Length", 0))
            body = json.loads(self.rfile.read(length)) if length else None
            seen.append((self.command, self.path, self.headers.get("Authorization"), body))
            status, document = left.pop(0) if len(left) > 1 else left[0]
            content = document if isinstance(document, bytes) else json.dumps(document).encode()
            self.send_response(status)
            if status == 302:
                self.send_header("Location", "http://127.0.0.1:1/elsewhere")
            if status == 429:
                self.send_header("Retry-After", "7")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_DELETE = handle_any  # noqa: N815

        def log_message(self, *_: Any) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    pauses: list[float] = []

    def api(*given: tuple[int, Any], bearer: str | None = None) -> Api:
        left[:] = given
        url = f"http://127.0.0.1:{server.server_port}"
        return Api(url, (lambda: bearer) if bearer else None, sleep=pauses.append)

    api.pauses = pauses  # type: ignore[attr-defined]
    yield api
    server.shutdown()
    thread.join()
    server.server_close()


class TestKeys:
    def test_let_a_request_be_sent_again_until_it_is_answered(
        self, answers: Answers, seen: list[Any]
    ) -> None:
        api = answers((503, {}), problem(409, "lock_held", "this is being done"), (202, {"id": 1}))
        assert api.post("/v1/x", body={"name": "y"}, key="one") == {"id": 1}
        assert len(seen) == 3

    def test_are_needed_for_that(self, answers: Answers, seen: list[Any]) -> None:
        with pytest.raises(ControlPlaneError):
            answers((503, {}), (202, {})).post("/v1/x", body={})
        assert len(seen) == 1


class TestRequests:
    def test_carry_the_credential_the_query_and_the_body(self, answers: Answers, seen: list[Any]) -> None:
        api = answers((200, {"items": []}), bearer="cxk_x")
        assert api.get("/v1/organizations", "a/b", "c", limit=5, cursor=None) == {"items": []}
        api.post("/v1/x", body={"name": "y"})
        assert seen == [
            ("GET", "/v1/organizations/a%2Fb/c?limit=5", "Bearer cxk_x", None),
            ("POST", "/v1/x", "Bearer cxk_x", {"name": "y"}),
        ]

    def test_have_no_answer_where_there_is_none(self, answers: Answers) -> None:
        assert answers((204, b"")).delete("/v1/x") is None

    @pytest.mark.parametrize("url", ["http://cygni.example.com", "http://10.0.0.1:8420"])
    def test_are_not_made_where_they_can_be_read_on_their_way(self, url: str) -> None:
        with pytest.raises(UsageError, match="not encrypted"):
            Api(url)

    @pytest.mark.parametrize(
        "url",
        [
            "",
            "cygni.example.com",
            "ftp://x",
            "https://x?y",
            "https://x#y",
            "http://127.0.0.1:99999",
            "http://127.0.0.1:x",
            "http://[::1",
            "https://x\r\ny",
            "https://x y",
            "https://x..example.com",
            "https://x/ключ",
            "https://:443",
        ],
    )
    def test_are_not_made_to_what_is_no_address(self, url: str) -> None:
        with pytest.raises(UsageError, match="is no address"):
            Api(url)

    def test_are_not_made_to_an_address_with_a_password_which_is_not_repeated(self) -> None:
        with pytest.raises(UsageError, match="holds a name or a password") as caught:
            Api("https://ada:hunter2@x")
        assert "hunter2" not in str(caught.value)


class TestErrors:
    @pytest.mark.parametrize(
        ("code", "kind"),
        [
            ("not_found", NotFound),
            ("permission_denied", PermissionDenied),
            ("of_a_later_version", CygniError),
        ],
    )
    def test_come_back_as_what_they_were(self, answers: Answers, code: str, kind: type[CygniError]) -> None:
        api = answers(problem(404, code, "it is gone", hint="look elsewhere", details={"a": 1}))
        with pytest.raises(CygniError) as caught:
            api.get("/v1/x")
        assert type(caught.value) is kind
        found = caught.value
        assert (found.message, found.hint, found.details) == (
            "it is gone",
            "look elsewhere",
            {"a": 1, "status": 404},
        )

    def test_say_which_part_of_a_request_is_wrong(self, answers: Answers) -> None:
        wrong = [{"at": ["body", "name"], "message": "too long"}]
        with pytest.raises(UsageError, match="name: too long") as caught:
            answers(problem(422, "invalid_request", "it does not fit", errors=wrong)).post("/v1/x")
        assert caught.value.details["errors"] == wrong

    def test_say_where_the_address_has_a_path_too_many(self, answers: Answers) -> None:
        api = answers(problem(404, "not_found", "Not Found"))
        with pytest.raises(NotFound, match="no such path") as caught:
            Api(f"{api.url}/v1").get("/v1/setup")
        assert caught.value.hint == f"Give its address alone: {api.url}"

    def test_are_heard_before_all_was_sent(self) -> None:
        told = json.dumps(problem(413, "content_too_large", "it has at most 1 MiB")[1]).encode()
        head = f"HTTP/1.1 413 Too Large\r\nContent-Length: {len(told)}\r\nConnection: close\r\n\r\n"
        with socket.create_server(("127.0.0.1", 0)) as server:

            def refuse() -> None:
                taken, _ = server.accept()
                with taken:
                    taken.recv(100)
                    taken.sendall(head.encode() + told)
                    taken.shutdown(socket.SHUT_RD)
                    time.sleep(0.2)

            thread = threading.Thread(target=refuse)
            thread.start()
            with pytest.raises(CygniError, match="it has at most 1 MiB"):
                Api(f"http://127.0.0.1:{server.getsockname()[1]}").put(
                    "/v1/x", body={"value": "x" * 30_000_000}
                )
            thread.join()

    @pytest.mark.parametrize(
        ("status", "body"), [(200, b"<html>"), (502, b"<html>"), (302, b""), (400, b"[]"), (400, b'{"a": 1}')]
    )
    def test_tell_that_something_else_answers(self, answers: Answers, status: int, body: bytes) -> None:
        with pytest.raises(ControlPlaneError, match="is no control plane"):
            answers((status, body)).get("/v1/x")


class TestBusyServers:
    def test_are_asked_again_what_changes_nothing(self, answers: Answers, seen: list[Any]) -> None:
        busy = problem(503, "unavailable", "later")
        assert answers(busy, busy, (200, {"a": 1})).get("/v1/x") == {"a": 1}
        assert answers.pauses == [0.5, 1.0]  # type: ignore[attr-defined]

    def test_are_given_the_time_they_ask_for(self, answers: Answers) -> None:
        answers((429, b"{}"), (200, {})).get("/v1/x")
        assert answers.pauses == [7.0]  # type: ignore[attr-defined]

    def test_that_take_no_more_requests_say_when_they_do(self, answers: Answers) -> None:
        with pytest.raises(RateLimited, match="answers 429: too many requests") as caught:
            answers(problem(429, "rate_limited", "too many requests")).post("/v1/sessions", body={})
        assert (caught.value.hint, caught.value.details) == ("Try again in 7 s.", {"retry_after": 7})

    def test_are_asked_once_for_what_may_have_been_done(self, answers: Answers, seen: list[Any]) -> None:
        with pytest.raises(ControlPlaneError, match="answers 503"):
            answers(problem(503, "unavailable", "later")).post("/v1/x")
        assert len(seen) == 1

    def test_that_are_away_are_told(self) -> None:
        pauses: list[float] = []
        with pytest.raises(ControlPlaneError, match="does not answer: Connection refused"):
            Api("http://127.0.0.1:1", sleep=pauses.append).get("/health")
        assert len(pauses) == 3
