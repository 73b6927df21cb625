from __future__ import annotations

import http.server
import itertools
import shutil
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.measuring import CommandFailed
from benchmarks.requesting import CONNECTIONS, Answer, Requests, failures, parsed, socket_errors

SUMMARY = "  4 threads and 4 connections\n  1500 requests in 5.00s, 0.3MB read\nRequests/sec: 300.0\n"
TROUBLED = SUMMARY.replace(
    "Requests/sec", "  Socket errors: connect 1, read 0, write 3, timeout 4\nRequests/sec"
)


class TestLines:
    def test_are_read_but_for_one_that_was_cut_short(self) -> None:
        lines = ["10.500000 0.010000 200 7", "11.000000 0.500000 0 -", "12.000000 0.1"]
        assert list(parsed(lines)) == [Answer(10.5, 0.01, 200, "7"), Answer(11.0, 0.5, 0, "")]


class TestSocketErrors:
    def test_are_counted_by_kind(self) -> None:
        assert socket_errors(TROUBLED) == Counter({"connect": 1, "write": 3, "timeout": 4})
        assert socket_errors(SUMMARY) == Counter()

    def test_are_not_taken_from_what_is_no_summary(self) -> None:
        with pytest.raises(CommandFailed, match="unable to connect"):
            socket_errors("unable to connect to 127.0.0.1:1 Connection refused")


class TestFailures:
    def test_are_bad_statuses_and_broken_sockets_and_whatever_had_no_answer(self) -> None:
        answers = [Answer(1, 0.1, status, "1") for status in (200, 204, 503, 503, 0, 0, 0)]
        assert failures(answers, Counter(read=1)) == {"status 503": 2, "read": 1, "no answer": 2}
        assert failures(answers[:2], Counter()) == Counter()


class Answering(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Server

    def do_GET(self) -> None:
        self.server.asked.append(self.headers.get("Connection", ""))
        self.send_response(503 if next(self.server.numbers) == 20 else 200)
        self.send_header("X-Version", "7")
        if self.headers.get("Connection") == "close":
            self.send_header("Connection", "close")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None: ...


class Server(http.server.ThreadingHTTPServer):
    """Fails the 20th request."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answering)
        self.asked: list[str] = []
        self.numbers = itertools.count(1)


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        yield running
        running.shutdown()


@pytest.mark.skipif(shutil.which("wrk") is None, reason="wrk is not on PATH")
class TestRequests:
    def test_are_all_told_with_time_version_and_status(self, server: Server, tmp_path: Path) -> None:
        begun = time.time()
        with Requests(f"http://127.0.0.1:{server.server_port}/", tmp_path / "load") as load:
            while load.count() < 200:
                time.sleep(0.05)
        answers, ended = load.answers(), time.time()
        assert 0 <= len(server.asked) - len(answers) <= 2 * CONNECTIONS  # under way when it ended
        assert set(server.asked) == {"", "close"}
        assert {one.version for one in answers} == {"7"}
        assert all(begun <= one.at <= ended and 0 <= one.seconds < ended - begun for one in answers)
        assert failures(answers, load.failures) == {"status 503": 1}
