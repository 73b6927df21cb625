"""A control plane in a process of its own, that a test may end as it likes."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path

import httpx2

from cygni.control_plane.files import SETUP_TOKEN
from tests.platform_api.people import PASSWORD
from tests.postgres_server import free_port


@dataclass
class ServerProcess:
    """One without a worker, on the database of `database_url`. What it logs is added to `folder`/log."""

    folder: Path
    database_url: str
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> str:
        return (self.folder / "log").read_text("utf-8")

    def start(self) -> None:
        """Until it is ready."""
        environment = {
            **os.environ, "CYGNI_DATABASE_URL": self.database_url, "CYGNI_SERVER_PORT": str(self.port),
            "CYGNI_SERVER_WORKER": "off",
        }  # fmt: skip
        command = [sys.executable, "-m", "platform_api", "--folder", str(self.folder)]
        self.folder.mkdir(exist_ok=True)
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(command, env=environment, stderr=log)
        until = time.monotonic() + 60
        while not self.ready():
            assert time.monotonic() < until, "the server does not start"
            time.sleep(0.1)

    def ready(self) -> bool:
        try:
            # httpx reads all certificates each time.
            with urllib.request.urlopen(f"{self.url}/ready", timeout=5):
                return True
        except OSError:
            return False

    def kill(self) -> None:
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def set_up(self) -> dict[str, str]:
        """Headers of Ada, who owns the organisation `acme`."""
        token = (self.folder / SETUP_TOKEN).read_text("utf-8").strip()
        account = {"token": token, "email": "ada@example.com", "name": "Ada", "password": PASSWORD}
        organization = {"slug": "acme", "name": "Acme"}
        answer = httpx2.post(
            f"{self.url}/v1/setup", json={**account, "organization": organization}, timeout=30
        )
        return {"Authorization": f"Bearer {answer.json()['access_token']}"}
