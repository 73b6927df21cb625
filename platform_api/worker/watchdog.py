"""`python -m platform_api.worker.watchdog TIMES -- COMMAND`: runs a program no longer than its worker has the lease.

The worker may freeze, be killed or lose the database; the program it started must not go on then, beside that of the
worker that takes over. So a process of its own stands between the two. On its stdin the worker writes `r` each time
the lease is renewed and `s` when the program is to end; the end of the file says that the worker is gone.
"""

from __future__ import annotations

import argparse
import contextlib
import ctypes
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto

RENEWED, END = b"r", b"s"
_LOOK_SECONDS = 0.1
_PR_SET_PDEATHSIG = 1


class Wanted(Enum):
    NOTHING = auto()
    TERMINATE = auto()
    KILL = auto()


@dataclass
class Watch:
    """What is known of the worker; times are seconds of a monotonic clock, lengths those of `Timing`."""

    stop: float
    kill: float
    grace: float
    renewed: float
    asked: float | None = None
    gone: bool = False

    def hear(self, said: bytes, now: float) -> None:
        """`said` is what came on stdin, nothing at its end."""
        self.gone |= not said
        if RENEWED in said:
            self.renewed = now
        if END in said and self.asked is None:
            self.asked = now

    def wanted(self, now: float) -> Wanted:
        """What is to be done with the program."""
        silence = now - self.renewed
        patience = self.grace if self.asked is not None else float("inf")
        if silence >= self.kill or (self.asked is not None and now - self.asked >= patience):
            return Wanted.KILL
        if self.gone or self.asked is not None or silence >= self.stop:
            return Wanted.TERMINATE
        return Wanted.NOTHING


def run(command: Sequence[str], watch: Watch) -> int:
    """Runs the command to its end; its exit code, or 128 and the number of the signal that ended it."""
    program = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        process_group=0,
        preexec_fn=_end_with_parent if sys.platform == "linux" else None,  # noqa: PLW1509  # there is one thread
    )
    told = Wanted.NOTHING
    while program.poll() is None:
        heard, _, _ = select.select([] if watch.gone else [sys.stdin], [], [], _LOOK_SECONDS)
        if heard:
            watch.hear(os.read(sys.stdin.fileno(), 1024), time.monotonic())
        elif watch.gone:
            time.sleep(_LOOK_SECONDS)
        wanted = watch.wanted(time.monotonic())
        if (
            wanted is Wanted.TERMINATE and told is Wanted.NOTHING
        ):  # once: a second one makes the engine give up
            program.terminate()
        elif wanted is Wanted.KILL:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(program.pid, signal.SIGKILL)
        told = wanted if wanted is not Wanted.NOTHING else told
    return program.returncode if program.returncode >= 0 else 128 - program.returncode


def _end_with_parent() -> None:
    """Linux ends the program when the watchdog itself is killed."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def main(given: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m platform_api.worker.watchdog")
    for name in ("stop", "kill", "grace"):
        parser.add_argument(name, type=float)
    parser.add_argument("command", nargs=argparse.REMAINDER)
    asked = parser.parse_args(given)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: None)  # it ends when the program has
    command = asked.command[1:] if asked.command[:1] == ["--"] else asked.command
    return run(command, Watch(asked.stop, asked.kill, asked.grace, time.monotonic()))


if __name__ == "__main__":
    sys.exit(main())
