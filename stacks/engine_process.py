"""Run a program with a deadline, in a process group of its own, and leave nothing of it behind."""

from __future__ import annotations

import os
import re
import selectors
import signal
import subprocess
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

_KEPT_LINES = 200
_TICK_SECONDS = 0.5
_LINE_BYTES = 64 * 1024
_CREDENTIALS = re.compile(r"://[^/@\s\"']+@")


@dataclass(frozen=True, slots=True)
class Finished:
    """How a program ended; `output` holds the last lines of stdout and stderr together, without credentials."""

    code: int
    output: Sequence[str]
    timed_out: bool = False


def run(
    command: Sequence[str],
    *,
    env: Mapping[str, str],
    timeout: float,
    cwd: Path | None = None,
    on_line: Callable[[str], None] | None = None,
    on_tick: Callable[[], bool] | None = None,
) -> Finished:
    """Run `command` for at most `timeout` seconds.

    `on_tick` is called about twice a second and may return True to end the program early, which counts as a
    time-out. Whatever happens, also an exception or an interrupt here, the program's whole process group is
    ended before this returns. Raises OSError when the program cannot be started.
    """
    process = subprocess.Popen(
        list(command),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=dict(env),
        cwd=cwd,
        start_new_session=True,
    )
    lines: deque[str] = deque(maxlen=_KEPT_LINES)

    def keep(line: str) -> None:
        clean = _CREDENTIALS.sub("://[secret]@", line)
        lines.append(clean)
        if on_line is not None:
            on_line(clean)

    try:
        timed_out = _follow(process, time.monotonic() + timeout, keep, on_tick)
    finally:
        _end_group(process)
    return Finished(process.returncode, tuple(lines), timed_out)


def _follow(
    process: subprocess.Popen[bytes],
    deadline: float,
    keep: Callable[[str], None],
    on_tick: Callable[[], bool] | None,
) -> bool:
    """Read the program's lines until it ends; True when it was not given the time to."""
    assert process.stdout is not None
    rest = b""
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        while True:
            ready = selector.select(max(0.0, min(_TICK_SECONDS, deadline - time.monotonic())))
            if ready:
                chunk = os.read(process.stdout.fileno(), _LINE_BYTES)
                if not chunk:
                    break
                *whole, rest = (rest + chunk).split(b"\n")
                for line in whole:
                    keep(line.decode("utf-8", "replace").rstrip("\r"))
                if len(rest) > _LINE_BYTES:
                    rest = rest[-_LINE_BYTES:]
            elif process.poll() is not None:
                break  # a grandchild still holds the pipe; it ends with the group
            if time.monotonic() >= deadline or (on_tick is not None and on_tick()):
                return True
    if rest:
        keep(rest.decode("utf-8", "replace"))
    try:
        process.wait(max(0.1, deadline - time.monotonic()))
    except subprocess.TimeoutExpired:
        return True
    return False


def _end_group(process: subprocess.Popen[bytes]) -> None:
    # The group outlives its leader while any member does, so it is signalled even when the leader has ended.
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    if process.stdout is not None:
        process.stdout.close()
