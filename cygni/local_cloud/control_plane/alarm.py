"""Calls something at a moment, in a thread of its own."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

_SOON = 0.001

log = logging.getLogger(__name__)


class Alarm:
    """Calls `ring` at the earliest moment it was set to; it is set again for the next. The thread begins with the
    first: a server with nothing to wait for has none."""

    def __init__(self, ring: Callable[[], None]):
        self._ring = ring
        self._changed = threading.Condition()
        self._moment: float | None = None
        self._thread: threading.Thread | None = None

    def set(self, moment: float) -> None:
        """`moment` in seconds since the epoch; one that is past rings at once."""
        with self._changed:
            if self._moment is None or moment < self._moment:
                self._moment = moment
                self._changed.notify()
            if self._thread is None:
                self._thread = threading.Thread(target=self._wait, name="alarm", daemon=True)
                self._thread.start()

    def soon(self) -> None:
        self.set(time.time())

    def _wait(self) -> None:
        while True:
            with self._changed:
                while self._moment is None or (left := self._moment - time.time()) > 0:
                    self._changed.wait(None if self._moment is None else left + _SOON)
                self._moment = None
            try:
                self._ring()
            except Exception:
                log.exception("what was due failed")
