"""Against a server that streams what a test has written, and breaks off where it says so."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from cygni.control_plane import event_stream
from cygni.control_plane.api import Api, ConnectionLost
from cygni.control_plane.event_stream import EventStream, ServerEvent, parsed
from cygni.errors import ControlPlaneError, NotFound

OVER = "event: over\ndata: {}\n\n"
ENDS, BREAKS_OFF = 200, 0


def written(number: int) -> str:
    return f'id: {number}\nevent: said\ndata: {{"text": "{number}"}}\n\n'


Streams = Callable[..., EventStream]


@pytest.fixture
def asked() -> list[str]:
    """The `Last-Event-ID` of each request."""
    return []


@pytest.fixture
def pauses() -> list[float]:
    return []


@pytest.fixture
def streams(asked: list[str], pauses: list[float]) -> Iterator[Streams]:
    """`streams((ENDS, text), (BREAKS_OFF, text), ...)`: events from a server that sends these one after the other, the
    last for ever."""
    left: list[tuple[int, str]] = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            asked.append(self.headers["Last-Event-ID"])
            status, text = left.pop(0) if len(left) > 1 else left[0]
            content = text.encode()
            self.send_response(status or 200)
            self.send_header("Content-Length", str(len(content) + (100 if status == BREAKS_OFF else 0)))
            self.end_headers()
            self.wfile.write(content)
            self.close_connection = True

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()

    def stream(*given: tuple[int, str], on_loss: Callable[[str], None] = lambda why: None) -> EventStream:
        left[:] = given
        api = Api(f"http://127.0.0.1:{server.server_port}", sleep=pauses.append)
        return EventStream(api, ("/events",), on_loss)

    yield stream
    server.shutdown()
    thread.join()
    server.server_close()


def numbers(stream: EventStream, after: int = 0) -> list[int]:
    return [event.number for event in stream.after(after)]


class TestParsed:
    def test_leaves_out_comments_and_what_is_cut_off(self) -> None:
        lines = (written(1) + ":\n\n" + written(2)[:-2]).split("\n")
        assert list(parsed(lines)) == [ServerEvent(1, "said", {"text": "1"})]

    def test_ends_when_it_is_over(self) -> None:
        assert list(parsed((OVER + written(1)).split("\n"))) == [None]


class TestAfter:
    def test_goes_on_where_a_connection_broke_off_and_where_the_server_ended_it(
        self, streams: Streams, asked: list[str]
    ) -> None:
        told = streams(
            (BREAKS_OFF, written(1) + written(2)), (ENDS, written(3)), (503, ""), (ENDS, written(4) + OVER)
        )
        assert numbers(told) == [1, 2, 3, 4]
        assert asked == ["0", "2", "3", "3"]

    def test_tells_nothing_twice(self, streams: Streams) -> None:
        assert numbers(streams((ENDS, written(1) + written(2) + written(3) + OVER)), after=2) == [3]

    def test_says_once_that_the_server_is_away(self, streams: Streams) -> None:
        said: list[str] = []
        assert numbers(streams(*4 * [(503, "")], (ENDS, OVER), on_loss=said.append)) == []
        assert said == ["answers 503"]

    def test_gives_up_after_its_patience(
        self, streams: Streams, pauses: list[float], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        stream = streams((503, ""))
        moved = EventStream(stream.api, stream.path, clock=lambda: sum(pauses))
        monkeypatch.setattr(event_stream, "PATIENCE_SECONDS", 60.0)
        with pytest.raises(ControlPlaneError, match="answers 503"):
            numbers(moved)
        assert pauses[:5] == [0.5, 1.0, 2.0, 5.0, 5.0]

    def test_has_its_patience_again_after_each_answer(
        self, streams: Streams, pauses: list[float], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        broken = [(BREAKS_OFF, written(number)) for number in range(1, 6)]
        stream = streams(*broken, (503, ""), (ENDS, OVER))
        moved = EventStream(stream.api, stream.path, clock=lambda: 400 * len(pauses))
        assert numbers(moved) == [1, 2, 3, 4, 5]

    def test_waits_where_a_sign_in_cannot_be_renewed_while_the_server_is_away(self, streams: Streams) -> None:
        stream = streams((ENDS, written(1)), (ENDS, written(2) + OVER))
        away = [True, True, False, False]

        def bearer() -> str:
            if away and away.pop():
                raise stream.api.silent(ConnectionLost("does not answer"))
            return "token"

        said: list[str] = []
        api = replace(stream.api, bearer=bearer)
        assert numbers(EventStream(api, stream.path, said.append)) == [1, 2]
        assert said == ["does not answer"]

    def test_raises_what_the_server_says_no_with(self, streams: Streams) -> None:
        refused = '{"type": "about:blank", "status": 404, "code": "not_found", "detail": "no"}'
        with pytest.raises(NotFound):
            numbers(streams((404, refused)))
