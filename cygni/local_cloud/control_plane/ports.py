"""Ports of this machine for load balancers and databases.

A port is reserved long before it is listened on, so two local clouds must not choose the same. Whoever reserves a TCP
port binds the UDP port of the same number: nobody uses that, only one can have it, and the system gives it back when
the process ends.
"""

from __future__ import annotations

import errno
import socket

from cygni.errors import LocalCloudError
from cygni.local_cloud.identity import HOST

HTTP_PORTS = range(8080, 8400)
HTTPS_PORTS = range(8443, 8700)
POSTGRES_PORTS = range(5432, 5600)
_TRIES = 10


class Ports:
    """The ports this process has reserved."""

    def __init__(self) -> None:
        self._held: dict[int, socket.socket] = {}

    def reserve(self, wanted: range) -> int:
        """The first free port of `wanted`, else any. Raises LocalCloudError when there is none."""
        for port in wanted:
            if port not in self._held and self._reserve(port):
                return port
        for _ in range(_TRIES):
            with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as any_port:
                any_port.bind((HOST, 0))
                port = int(any_port.getsockname()[1])
            if self._reserve(port):
                return port
        raise LocalCloudError(
            "there is no free port", hint="Remove load balancers or databases, or end other programs"
        )

    def release(self, port: int) -> None:
        held = self._held.pop(port, None)
        if held is not None:
            held.close()

    def release_all(self) -> None:
        for port in list(self._held):
            self.release(port)

    def _reserve(self, port: int) -> bool:
        mark = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        if not _bound(mark, port) or not is_free(port):
            mark.close()
            return False
        self._held[port] = mark
        return True


def is_free(port: int) -> bool:
    """True when no program listens on the port of 127.0.0.1 (or of all addresses)."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(
            socket.SOL_SOCKET, socket.SO_REUSEADDR, 1
        )  # connections of earlier days do not count
        return _bound(probe, port)


def _bound(taker: socket.socket, port: int) -> bool:
    try:
        taker.bind((HOST, port))
    except OSError as error:
        if error.errno in (errno.EADDRINUSE, errno.EACCES):
            return False
        raise
    return True


ports = Ports()
"""Those of this process."""
