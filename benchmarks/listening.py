"""Servers that a benchmark starts, and waits for."""

from __future__ import annotations

import os
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager

import psutil

from benchmarks.measuring import CommandFailed

_END_SECONDS = 60.0


@contextmanager
def started(
    command: Sequence[str], port: int, environment: Mapping[str, str] = os.environ
) -> Iterator[psutil.Process]:
    """A server in the foreground, once it listens; it is told to end afterwards, and waited for."""
    with subprocess.Popen(
        command, env=dict(environment), stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as server:
        try:
            wait_for(lambda: listens(port), command[0])
            yield psutil.Process(server.pid)
        finally:
            server.terminate()
            server.wait(_END_SECONDS)


def wait_for(holds: Callable[[], bool], what: str, seconds: float = 60) -> None:
    """Raises CommandFailed where it does not hold in time."""
    until = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > until:
            raise CommandFailed(f"{what}: not ready after {seconds:.0f} s")
        time.sleep(0.05)


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])
