"""Ports of this machine for containers to listen on."""

from __future__ import annotations

import random
from collections.abc import Collection

from cygni.errors import LocalCloudError
from cygni.local_cloud.control_plane.ports import is_free

FIRST, LAST = 20_000, 32_000
"""Below what Linux (from 32768) and macOS (from 49152) give to outgoing connections, which would take a port between
the look at it and the container's own."""

_TRIES = 200


def free_port(taken: Collection[int] = ()) -> int:
    """A port that nobody listens on and that is not `taken`. Raises LocalCloudError when none is found."""
    for port in random.sample(range(FIRST, LAST), _TRIES):
        if port not in taken and is_free(port):
            return port
    raise LocalCloudError(f"no port from {FIRST} to {LAST} is free", hint="End some of what listens there")
