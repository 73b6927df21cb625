"""Ports of this machine for load balancers. A port is reserved long before it is listened on, so two local clouds must
not choose the same: each holds a lock on a file with the port's number while it has it.
"""

from __future__ import annotations

import errno
import os
import socket
import tempfile
from pathlib import Path

import filelock

from cygni.errors import LocalCloudError

HOST = "127.0.0.1"
HTTP_PORTS = range(8080, 8400)
HTTPS_PORTS = range(8443, 8700)


class Ports:
    """The ports this process has reserved. The system drops the locks of a process that ends."""

    def __init__(self, folder: Path | None = None):
        self._folder = folder or Path(tempfile.gettempdir()) / f"cygni-ports-{os.getuid()}"
        self._held: dict[int, filelock.FileLock] = {}

    def reserve(self, wanted: range) -> int:
        """The first free port of `wanted`. Raises LocalCloudError when there is none."""
        for port in wanted:
            if port not in self._held and self._reserve(port):
                return port
        raise LocalCloudError(
            f"none of the ports {wanted.start} to {wanted.stop - 1} is free for a load balancer",
            hint="End what listens on them, or remove load balancers",
        )

    def release(self, port: int) -> None:
        held = self._held.pop(port, None)
        if held is not None:
            held.release()

    def release_all(self) -> None:
        for port in list(self._held):
            self.release(port)

    def _reserve(self, port: int) -> bool:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = filelock.FileLock(self._folder / f"{port}.lock")
        try:
            lock.acquire(blocking=False)
        except filelock.Timeout:
            return False
        if not is_free(port):
            lock.release()
            return False
        self._held[port] = lock
        return True


def is_free(port: int) -> bool:
    """True when no program listens on the port of 127.0.0.1 (or of all addresses)."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            if error.errno in (errno.EADDRINUSE, errno.EACCES):
                return False
            raise
        return True


ports = Ports()
"""Those of this process."""
