"""A real PostgreSQL server for a test: from a wheel, in a folder of its own, on a socket that only it has."""

from __future__ import annotations

import shutil
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from platform_api.database.embedded import running_server

PASSWORD = "canary-of-the-database"


@dataclass(frozen=True)
class PostgresServer:
    """`folder` has its data and its socket."""

    folder: Path
    server: Any

    def new_database(self) -> str:
        """The URL of a database that nobody else has. The server asks for no password; the URL has one."""
        name = f"states_{uuid.uuid4().hex[:12]}"
        self.run(f"CREATE DATABASE {name}")
        return f"postgres://postgres:{PASSWORD}@/{name}?host={self.folder}&sslmode=disable"

    def run(self, statement: str) -> None:
        self.server.psql(statement)


@contextmanager
def postgres_server() -> Iterator[PostgresServer]:
    """While the block runs, the server does. The folder is short, as paths of sockets must be."""
    folder = Path(tempfile.mkdtemp(prefix="cx-pg-", dir="/tmp"))
    server = running_server(folder / "data")
    try:
        yield PostgresServer(folder / "data", server)
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)
