from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from cygni.naming import Colour
from cygni.releases.observed import Place
from cygni.releases.settings import HttpCheck
from cygni.targets.fargate.checks import PreviewChecks
from cygni.targets.fargate.running import Running, RunningService

GREEN = Place("web", Colour.GREEN)
WEB = RunningService("web", "arn:cluster", {}, "arn:task", "/logs", 1)


_EVENTS = 500


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(302 if self.path == "/moved" else 200)
        self.send_header("location", "/elsewhere")
        self.end_headers()
        self.wfile.write(f"{self.path} {self.headers['x-cygni-colour']}".encode())
        for _ in range(_EVENTS if self.path == "/events" else 0):
            try:
                self.wfile.write(b".")
            except OSError:
                return
            self.server.sent += 1  # type: ignore[attr-defined]
            time.sleep(0.02)

    def log_message(self, *_: object) -> None: ...


@pytest.fixture
def checks() -> Iterator[PreviewChecks]:
    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    url = f"http://127.0.0.1:{server.server_port}/"
    server.sent = 0  # type: ignore[attr-defined]
    yield PreviewChecks(Running({"web": replace(WEB, url=url)}))
    assert server.sent < _EVENTS, "it listened to a stream to its end"  # type: ignore[attr-defined]
    server.shutdown()
    server.server_close()
    thread.join()


class TestHttp:
    def test_asks_the_colour_by_name(self, checks: PreviewChecks) -> None:
        found = checks.http(GREEN, HttpCheck("/api", contains="/api green"))
        assert (found.passed, found.detail) == (True, "GET /api: 200")
        assert found.seconds > 0

    def test_does_not_wait_for_the_end_of_a_stream(self, checks: PreviewChecks) -> None:
        assert checks.http(GREEN, HttpCheck("/events", contains="/events green", timeout=5)).passed

    def test_fails_for_another_status(self, checks: PreviewChecks) -> None:
        found = checks.http(GREEN, HttpCheck("/moved", codes="200-299,404"))
        assert (found.passed, found.detail) == (False, "GET /moved: 302, wanted 200-299,404")

    def test_fails_for_another_content(self, checks: PreviewChecks) -> None:
        found = checks.http(GREEN, HttpCheck("/", contains="blue"))
        assert (found.passed, found.detail) == (False, "GET /: 200, without 'blue'")

    def test_fails_where_nobody_answers(self) -> None:
        nobody = PreviewChecks(Running({"web": replace(WEB, url="http://127.0.0.1:9/")}))
        found = nobody.http(GREEN, HttpCheck("/"))
        assert not found.passed
        assert "refused" in found.detail


class TestSmoke:
    def test_is_told_whom_to_try(self, checks: PreviewChecks) -> None:
        program = "import os; print(os.environ['CYGNI_COLOUR'], os.environ['CYGNI_PREVIEW_HEADER'])"
        found = checks.smoke(GREEN, [sys.executable, "-c", program], 20)
        assert found.passed
        assert found.detail.endswith("exit code 0\ngreen x-cygni-colour: green")

    def test_fails_with_what_it_said(self, checks: PreviewChecks) -> None:
        found = checks.smoke(GREEN, [sys.executable, "-c", "raise SystemExit('no cart')"], 20)
        assert (found.passed, found.detail.splitlines()[-1]) == (False, "no cart")

    def test_fails_where_it_is_not_there(self, checks: PreviewChecks) -> None:
        found = checks.smoke(GREEN, ["./nothing-here"], 20)
        assert (found.passed, found.detail) == (False, "./nothing-here: No such file or directory")

    def test_is_ended_with_what_it_started(self, checks: PreviewChecks) -> None:
        found = checks.smoke(GREEN, ["sh", "-c", "sleep 60 & sleep 60"], 0.2)
        assert (found.passed, found.detail) == (False, "sh: no end within 0.2 s")
