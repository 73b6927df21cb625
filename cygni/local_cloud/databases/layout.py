"""Where one database keeps things, and the commands that make, start and stop its server (pure but for looking)."""

from __future__ import annotations

import hashlib
import os
import pwd
import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cygni.errors import LocalCloudError

ADMIN: Final = "rdsadmin"
"""The superuser, which RDS keeps to itself under this name."""

_LONGEST_SOCKET: Final = 100
"""Bytes of the path of a socket: 108 on Linux and 104 on macOS, with the zero at its end (sockaddr_un)."""

_SHORT: Final = Path("/tmp")  # noqa: S108  # the same for all of our processes, whatever TMPDIR; ours is looked at

SETTINGS: Final = {
    "listen_addresses": "",
    "max_connections": "100",
    "shared_buffers": "16MB",
    # What is lost with the local cloud anyway need not survive a failing machine.
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "log_min_messages": "error",
    "log_min_error_statement": "panic",  # statements have what people keep to themselves
}


SOCKET: Final = ".s.PGSQL.5432"


def sockets_of(folder: Path) -> Path:
    """The folder of the socket of the database in `folder`: a short one where its own has too long a name."""
    own = folder / "s"
    if len(os.fsencode(own / SOCKET)) <= _LONGEST_SOCKET:
        return own
    return _SHORT / f"cygni-{hashlib.sha256(os.fsencode(own)).hexdigest()[:16]}"


@dataclass(frozen=True, slots=True)
class Layout:
    """`folder` is the database's own, `programs` that of PostgreSQL's."""

    folder: Path
    programs: Path

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def made(self) -> Path:
        """There once the data folder is whole."""
        return self.folder / "made"

    @property
    def password(self) -> Path:
        """Holds the superuser's password."""
        return self.folder / "password"

    @property
    def certificate(self) -> Path:
        return self.folder / "certificate.pem"

    @property
    def key(self) -> Path:
        return self.folder / "key.pem"

    @property
    def log(self) -> Path:
        return self.folder / "log"

    @property
    def sockets(self) -> Path:
        return sockets_of(self.folder)

    def initdb(self) -> list[str]:
        words = [str(self.programs / "initdb"), "--pgdata", str(self.data), "--username", ADMIN]
        words += [
            "--pwfile",
            str(self.password),
            "--auth",
            "scram-sha-256",
            "--encoding",
            "UTF8",
            "--no-locale",
        ]
        return [*words, "--no-sync", "--no-instructions"]

    def postgres(self) -> list[str]:
        settings = {**SETTINGS, "unix_socket_directories": str(self.sockets)}
        given = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        return [str(self.programs / "postgres"), "-D", str(self.data), *given]

    def stop(self) -> list[str]:
        """Ends a server that an earlier process left behind."""
        return [str(self.programs / "pg_ctl"), "stop", "--pgdata", str(self.data), "--mode", "immediate"]


@dataclass(frozen=True, slots=True)
class User:
    """Who PostgreSQL runs as: `prefix` stands before its commands, `owner` (uid and gid) owns its folders; None is
    whoever we are."""

    prefix: Sequence[str] = ()
    owner: tuple[int, int] | None = None


def user() -> User:
    """PostgreSQL refuses to run as root: there it is `nobody`, who is let through folders that are closed to others
    (CAP_DAC_OVERRIDE). Raises LocalCloudError where that cannot be."""
    if os.geteuid() != 0:
        return User()
    setpriv = shutil.which("setpriv") if sys.platform == "linux" else None
    try:
        nobody = pwd.getpwnam("nobody")
    except KeyError:
        nobody = None
    if setpriv is None or nobody is None:
        raise LocalCloudError(
            "PostgreSQL does not run as root",
            hint="Run cx as another user, or install setpriv (util-linux).",
        )
    words = [setpriv, f"--reuid={nobody.pw_uid}", f"--regid={nobody.pw_gid}", "--clear-groups"]
    words += ["--inh-caps=+dac_override", "--ambient-caps=+dac_override", "--"]
    return User(words, (nobody.pw_uid, nobody.pw_gid))
