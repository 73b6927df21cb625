"""Control planes that benchmarks start: each with its own embedded PostgreSQL, an organisation and API keys."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2

from benchmarks.listening import free_port, started, wait_for
from cygni.control_plane.files import SETUP_TOKEN
from platform_api.database import embedded

ACME = "/v1/organizations/acme"
CALLERS = 150
"""Each may 600 requests a minute."""
SCOPES = [
    "project:read",
    "project:create",
    "environment:read",
    "environment:manage",
    "deployment:read",
    "deployment:create",
    "audit:read",
    "usage:write",
]


@dataclass(frozen=True)
class Plane:
    """A control plane that serves at `url`, in the process `pid`; `keys` is a file with an API key a line, `folder` is
    that of the server."""

    url: str
    pid: int
    database_url: str
    keys: Path
    folder: Path

    @property
    def key(self) -> str:
        """The first of them."""
        return self.keys.read_text("utf-8").split()[0]


@contextmanager
def control_plane(folder: Path) -> Iterator[Plane]:
    """One without a worker, that somebody has set up."""
    port = free_port()
    server = folder / "server"
    environment = {**os.environ, "CYGNI_SERVER_PORT": str(port), "CYGNI_SERVER_WORKER": "off"}
    with started(
        [sys.executable, "-m", "platform_api", "--folder", str(server)], port, environment
    ) as process:
        url = f"http://127.0.0.1:{port}"
        wait_for(lambda: _serves(url), "the control plane")  # it listens before its tables are there
        keys = folder / "keys"
        keys.write_text("\n".join(_set_up(url, server)) + "\n", encoding="utf-8")
        yield Plane(url, process.pid, embedded.start(server), keys, server)


def _serves(url: str) -> bool:
    try:
        return httpx2.get(f"{url}/ready", timeout=60).is_success
    except httpx2.HTTPError:
        return False


def _set_up(url: str, server: Path) -> list[str]:
    """The first account, and API keys of its organisation."""
    with httpx2.Client(base_url=url) as client:
        account: dict[str, Any] = {
            "token": (server / SETUP_TOKEN).read_text("utf-8").strip(),
            "email": "ada@example.com", "name": "Ada", "password": "a benchmark of mine 7",
            "organization": {"slug": "acme", "name": "Acme"},
        }  # fmt: skip
        made = client.post("/v1/setup", json=account).raise_for_status().json()
        client.headers["Authorization"] = f"Bearer {made['access_token']}"
        wanted = {"name": "benchmark", "scopes": SCOPES}
        keys = f"{ACME}/api-keys"
        return [client.post(keys, json=wanted).raise_for_status().json()["key"] for _ in range(CALLERS)]
