"""Requests without a pause from several clients at once, until told to stop; every failure is kept."""

from __future__ import annotations

import http.client
import threading
import time
from collections import Counter
from types import TracebackType
from urllib.parse import urlsplit

PAUSE = 0.02
"""Seconds between two requests of a client: the machine has other work too."""


class Load:
    """While it is entered, clients ask for `url`: half of them over connections that they keep."""

    def __init__(self, url: str, clients: int = 4, pause: float = PAUSE) -> None:
        parts = urlsplit(url)
        assert parts.hostname is not None
        self._address = (parts.hostname, parts.port or 80)
        self._path = parts.path or "/"
        self._pause = pause
        self._stop = threading.Event()
        self.statuses: Counter[int] = Counter()
        self.bodies: Counter[str] = Counter()
        self.failures: list[str] = []
        self.longest_silence = 0.0
        """Seconds between two answers other than 5xx, whoever got them."""
        self._answered = time.monotonic()
        self._answering = threading.Lock()
        self._threads = [
            threading.Thread(target=self._ask, args=(number % 2 == 0,)) for number in range(clients)
        ]

    @property
    def requests(self) -> int:
        return sum(self.statuses.values()) + len(self.failures)

    def __enter__(self) -> Load:
        self._answered = time.monotonic()
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()
        self._note_silence()

    def _note_silence(self) -> None:
        """It ends now, or is as long as this at least."""
        with self._answering:
            now = time.monotonic()
            self.longest_silence = max(self.longest_silence, now - self._answered)
            self._answered = now

    def _ask(self, keep: bool) -> None:
        connection = http.client.HTTPConnection(*self._address, timeout=30)
        while not self._stop.is_set():
            try:
                connection.request("GET", self._path)
                answer = connection.getresponse()
                body = answer.read().decode()
                self.statuses[answer.status] += 1
                self.bodies[body] += 1
                if answer.status < 500:
                    self._note_silence()
            except (OSError, http.client.HTTPException) as error:
                self.failures.append(f"{type(error).__name__}: {error}")
                connection.close()
            if not keep:
                connection.close()
            time.sleep(self._pause)
        connection.close()
