"""Asks a running Envoy, through its admin interface on a socket that only its user can reach."""

from __future__ import annotations

import http.client
import json
import os
import socket
from pathlib import Path
from typing import Any
from urllib.parse import quote

from cygni.errors import LocalCloudError
from cygni.local_cloud.load_balancer.configuration import ADMIN_SOCKET

_SECONDS = 5.0
_PATH_LIMIT = 100  # of a socket's address, in bytes; the system's is a little more


class Admin:
    """Raises LocalCloudError when Envoy does not answer."""

    def __init__(self, folder: Path):
        self._folder = folder

    def is_ready(self) -> bool:
        """Whether it serves; False also while it does not answer."""
        try:
            return self._ask("/ready").strip() == b"LIVE"
        except LocalCloudError:
            return False

    def listeners(self) -> frozenset[str]:
        """The names of the listeners that are open."""
        told = json.loads(self._ask("/listeners?format=json"))
        return frozenset(one["name"] for one in told.get("listener_statuses", ()))

    def cluster_updates(self) -> int:
        """How often the file of the clusters was read, well or badly."""
        return self._sum(r"^cluster_manager\.cds\.update_(success|rejected)$")

    def refusals(self) -> int:
        """How often clusters or routes were not understood. Listeners are told by `listeners`."""
        return self._sum(r"\.(cds|rds\.[^.]+)\.update_rejected$")

    def statistics(self, prefix: str) -> list[dict[str, Any]]:
        """Counters ({name, value}) and one entry with all histograms, in every detail they have."""
        return self._statistics(f"^{prefix}\\.", "&usedonly&histogram_buckets=detailed")

    def _sum(self, pattern: str) -> int:
        return sum(int(one["value"]) for one in self._statistics(pattern) if "value" in one)

    def _statistics(self, pattern: str, more: str = "") -> list[dict[str, Any]]:
        told: list[dict[str, Any]] = json.loads(
            self._ask(f"/stats?format=json&filter={quote(pattern)}{more}")
        )["stats"]
        return told

    def _ask(self, path: str) -> bytes:
        connection = _SocketConnection(self._folder / ADMIN_SOCKET)
        try:
            connection.request("GET", path)
            response = connection.getresponse()
            content = response.read()
        except (OSError, http.client.HTTPException) as error:
            raise LocalCloudError(f"Envoy does not answer: {error}") from error
        finally:
            connection.close()
        if response.status not in (200, 503):  # 503 is the answer of one that is not ready yet
            raise LocalCloudError(f"Envoy answered {response.status} to {path}")
        return content


class _SocketConnection(http.client.HTTPConnection):
    def __init__(self, path: Path):
        super().__init__("localhost", timeout=_SECONDS)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(_SECONDS)
        if len(os.fsencode(self._path)) <= _PATH_LIMIT:
            self.sock.connect(str(self._path))
            return
        folder = os.open(self._path.parent, os.O_RDONLY)  # Linux has a shorter name for it
        try:
            self.sock.connect(f"/proc/self/fd/{folder}/{self._path.name}")
        finally:
            os.close(folder)
