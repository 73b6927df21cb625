"""Streams through a load balancer, server-sent events and WebSockets: each is read until it ends as it should."""

from __future__ import annotations

import socket
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from io import BufferedRWPair
from urllib.parse import urlsplit

_REQUEST = "GET {path} HTTP/1.1\r\nHost: {host}\r\n{headers}\r\n"
_UPGRADE = (
    "Connection: Upgrade\r\nUpgrade: websocket\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
)
_SILENCE_SECONDS = 15.0
_CLOSE = 0x88


Stream = BufferedRWPair
Kind = Callable[[Stream, str], Iterator[int]]


class Broken(Exception):
    """A stream that did not end as its protocol says, or left something out."""


class Streams:
    """While entered, `each` clients listen to `/events` and as many to `/socket`; whose stream ends in order listens to
    the next."""

    def __init__(self, url: str, each: int = 4) -> None:
        parts = urlsplit(url)
        assert parts.hostname is not None
        self._address = (parts.hostname, parts.port or 80)
        self._stop = threading.Event()
        self.events = 0
        self.ended = 0
        self.failures: Counter[str] = Counter()
        self._counting = threading.Lock()
        self._threads = [
            threading.Thread(target=self._listen, args=(kind,))
            for kind in ("events", "socket")
            for _ in range(each)
        ]

    def __enter__(self) -> Streams:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _listen(self, kind: str) -> None:
        while not self._stop.is_set():
            try:
                self._follow(_KINDS[kind])
            except (OSError, ValueError, Broken) as error:
                with self._counting:
                    self.failures[f"{kind}: {str(error) or type(error).__name__}"] += 1

    def _follow(self, kind: Kind) -> None:
        with (
            closing(socket.create_connection(self._address, timeout=_SILENCE_SECONDS)) as connection,
            connection.makefile("rwb") as stream,
        ):
            for expected, number in enumerate(kind(stream, f"{self._address[0]}:{self._address[1]}"), 1):
                if number != expected:
                    raise Broken(f"number {number} came instead of {expected}")
                with self._counting:
                    self.events += 1
                if self._stop.is_set():
                    return
        with self._counting:
            self.ended += 1


def _head(stream: Stream, request: str, status: bytes) -> None:
    stream.write(request.encode())
    stream.flush()
    first = stream.readline()
    if status not in first:
        raise Broken(f"answered with {first.decode('latin-1').strip() or 'nothing'}")
    while stream.readline().strip():
        continue


def _server_sent(stream: Stream, host: str) -> Iterator[int]:
    """The numbers of the events, until the last chunk."""
    _head(stream, _REQUEST.format(path="/events", host=host, headers=""), b" 200 ")
    read = b""
    while size := int(_line(stream), 16):
        read += _exactly(stream, size)
        _line(stream)
        *whole, read = read.split(b"\n\n")
        for event in whole:
            yield int(event.removeprefix(b"data: "))


def _websocket(stream: Stream, host: str) -> Iterator[int]:
    """The numbers of the messages, until the other side closes with a word."""
    _head(stream, _REQUEST.format(path="/socket", host=host, headers=_UPGRADE), b" 101 ")
    while True:
        kind, size = _exactly(stream, 2)
        content = _exactly(stream, size)
        if kind == _CLOSE:
            stream.write(b"\x88\x82\0\0\0\0" + content)  # said back, as the protocol wants it
            return
        yield int(content)


def _line(stream: Stream) -> bytes:
    line = stream.readline()
    if not line.endswith(b"\n"):
        raise Broken("ended without a word")
    return line


def _exactly(stream: Stream, size: int) -> bytes:
    content = stream.read(size)
    if len(content) < size:
        raise Broken("ended without a word")
    return content


_KINDS: dict[str, Kind] = {"events": _server_sent, "socket": _websocket}
