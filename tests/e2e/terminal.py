"""`cx` at a real terminal: a pseudo-terminal of its own, whose Ctrl-C reaches the whole process group."""

from __future__ import annotations

import fcntl
import os
import re
import select
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

_ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\r(?!\n)")
# A session leader without a terminal takes one; then it becomes the program.
_TAKE_TERMINAL = (
    "import fcntl, os, sys, termios; os.setsid(); fcntl.ioctl(0, termios.TIOCSCTTY, 0); "
    "os.execv(sys.argv[1], sys.argv[1:])"
)


class Terminal:
    """A program that runs at a terminal of 200 columns. `shown` is all it wrote, without colours."""

    def __init__(self, command: Sequence[str], cwd: Path, env: Mapping[str, str]) -> None:
        self._master, slave = os.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 60, 200, 0, 0))
        self.process = subprocess.Popen(
            [sys.executable, "-I", "-c", _TAKE_TERMINAL, *command],
            stdin=slave,
            stdout=slave,
            stderr=slave,
            cwd=cwd,
            env=dict(env),
        )
        os.close(slave)
        self._read = ""
        self._closed = False

    @property
    def shown(self) -> str:
        return _ESCAPES.sub("", self._read).replace("\r\n", "\n")

    def wait_for(self, text: str, seconds: float = 120.0) -> None:
        """Reads until `text` was shown."""
        until = time.monotonic() + seconds
        while text not in self.shown:
            if not self._read_some(until):
                raise AssertionError(f"{text!r} did not come; shown was:\n{self.shown}")

    def type(self, text: str) -> None:
        os.write(self._master, text.encode())

    def ctrl_c(self) -> None:
        self.type("\x03")

    def end(self, seconds: float = 120.0) -> int:
        """Reads to the end and returns the exit code, negative for a signal."""
        until = time.monotonic() + seconds
        while self._read_some(until):
            pass
        return self.process.wait(max(0.1, until - time.monotonic()))

    def close(self) -> None:
        """Ends the program if it still runs, and the terminal; nothing happens the second time."""
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        if not self._closed:
            self._closed = True
            os.close(self._master)

    def _read_some(self, until: float) -> bool:
        left = until - time.monotonic()
        if left <= 0 or not select.select([self._master], [], [], left)[0]:
            return False
        try:
            chunk = os.read(self._master, 65536)
        except OSError:  # Linux' word for the end, once nobody has the other side open
            return False
        self._read += chunk.decode("utf-8", "replace")
        return bool(chunk)
