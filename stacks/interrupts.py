"""Ctrl-C while an operation runs: counted and looked at when it suits, instead of breaking in anywhere.

An exception in the middle of a message would leave half of it in the pipe, and what is read next would make no
sense.
"""

from __future__ import annotations

import contextlib
import os
import signal
import threading
from collections.abc import Iterator
from types import FrameType, TracebackType
from typing import Any

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


def ignore_interrupts() -> None:
    """This process goes on at a SIGINT. What it starts does not inherit that, as it would what is ignored."""
    signal.signal(signal.SIGINT, lambda number, frame: None)


@contextlib.contextmanager
def held_back() -> Iterator[None]:
    """A program that is started in the block gets no SIGINT before it listens, then the one that came before.

    The signal mask outlives `exec`, and so does a signal that waits behind it; Go lifts it with `signal.Notify`
    (and lowers it with `signal.Stop`), so that nothing else the engine does, such as writing its state, is broken off.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


class Interrupts:
    """While this is entered, SIGINT and SIGTERM are counted; `fileno` becomes readable with each one.

    Outside of the main thread, which alone receives signals, it counts nothing.
    """

    def __init__(self) -> None:
        self._read, self._write = os.pipe()
        os.set_blocking(self._read, False)
        os.set_blocking(self._write, False)
        self._before: dict[signal.Signals, Any] = {}

    def __enter__(self) -> Interrupts:
        if threading.current_thread() is threading.main_thread():
            for number in _SIGNALS:
                self._before[number] = signal.signal(number, self._count)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)
        os.close(self._read)
        os.close(self._write)

    def fileno(self) -> int:
        return self._read

    def taken(self) -> int:
        """How many came since this was last asked."""
        try:
            return len(os.read(self._read, 1024))
        except BlockingIOError:
            return 0

    def _count(self, number: int, frame: FrameType | None) -> None:
        with contextlib.suppress(BlockingIOError):
            os.write(self._write, b"!")
