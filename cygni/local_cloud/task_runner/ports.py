"""Ports of this machine for containers to listen on."""

from __future__ import annotations

import random
import socket
from collections.abc import Collection

from cygni.errors import LocalCloudError

HOST = "127.0.0.1"
FIRST, LAST = 20_000, 32_000
"""Below what Linux (from 32768) and macOS (from 49152) give to outgoing connections, which would take a port between
the look at it and the container's own."""

_TRIES = 200


def free_port(taken: Collection[int] = ()) -> int:
    """A port that nobody listens on and that is not `taken`. Raises LocalCloudError when none is found."""
    for port in random.sample(range(FIRST, LAST), _TRIES):
        if port not in taken and _is_free(port):
            return port
    raise LocalCloudError(f"no port from {FIRST} to {LAST} is free", hint="End some of what listens there")


def _is_free(port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as tried:
        tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            tried.bind((HOST, port))
        except OSError:
            return False
    return True
