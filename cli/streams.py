"""stdin, stdout and stderr as they may be: missing, closed at the other end, or in an encoding that lacks signs."""

from __future__ import annotations

import errno
import io
import os
import select
import sys
from pathlib import Path
from typing import BinaryIO, NoReturn, TextIO


def open_missing_streams() -> None:
    """A daemon may start us without stdin, stdout or stderr: then Python has None in their place.

    What is only for people is dropped; see `NoStdout` for the rest. Programs that we start get them too.
    """
    if sys.stdin is None:
        sys.stdin = io.TextIOWrapper(_nowhere(), encoding="utf-8")
    if sys.stdout is None:
        sys.stdout = NoStdout(_nowhere(), encoding="utf-8")
    if sys.stderr is None:
        sys.stderr = io.TextIOWrapper(_nowhere(), encoding="utf-8", write_through=True)


def _nowhere() -> BinaryIO:
    opened = Path(os.devnull).open("r+b", buffering=0)  # noqa: SIM115  # until we end
    os.set_inheritable(opened.fileno(), True)
    return opened


def demand_stdout() -> None:
    """Raises OSError where there is no stdout, before anything is done whose answer could not be given."""
    if isinstance(sys.stdout, NoStdout):
        sys.stdout.write("")


class NoStdout(io.TextIOWrapper):
    """Stands where there is no stdout, and in its descriptor, so that nothing else that is opened gets it."""

    def write(self, text: str) -> NoReturn:
        raise OSError(errno.EBADF, "stdout is closed, and the answer goes there")


def nobody_reads() -> bool:
    """Whether stdout or stderr leads nowhere any more; what is left in it is dropped, or Python would complain
    when it ends."""
    broken = [stream for stream in (sys.stdout, sys.stderr) if _is_broken(stream)]
    for stream in broken:
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
    return bool(broken)


def _is_broken(stream: TextIO) -> bool:
    try:
        stream.flush()
        asked = select.poll()
        asked.register(stream.fileno(), 0)
        return any(event & (select.POLLERR | select.POLLHUP) for _, event in asked.poll(0))
    except BrokenPipeError:
        return True
    except (OSError, ValueError):  # it is no file
        return False
