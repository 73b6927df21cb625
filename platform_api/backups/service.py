"""Backing up and restoring the control plane of a folder."""

from __future__ import annotations

import tempfile
from pathlib import Path

import psycopg

from cygni import __version__
from cygni.errors import StateError, UsageError
from platform_api.backups import archive, postgres_tools
from platform_api.backups.archive import FORMAT, Manifest
from platform_api.clock import Clock
from platform_api.database import embedded
from platform_api.database.migrate import upgrade
from platform_api.database.roles import make_roles
from platform_api.keys import server_key
from platform_api.settings import ServerSettings


def back_up(settings: ServerSettings, to: Path, clock: Clock) -> Manifest:
    """While it serves, too: the dump is of one moment. Raises UsageError for a URL that names no database, StateError
    and ToolMissing."""
    key = server_key(settings)
    url = settings.database_url or embedded.start(settings.folder)
    name = _name_of(url)
    with tempfile.TemporaryDirectory(dir=_made(settings.folder)) as place:
        dumped = Path(place) / "dump"
        postgres_tools.dump(url, dumped)
        manifest = Manifest(
            format=FORMAT,
            created_at=clock.now().isoformat(),
            cygni=__version__,
            database=name,
            key=archive.fingerprint(key),
            digest=archive.digest_of(dumped),
        )
        archive.write(to, manifest, dumped)
    return manifest


def restore(settings: ServerSettings, path: Path) -> Manifest:
    """Into an empty database; then its tables are brought to the form that this version knows.

    Raises DocumentError for what is no backup, UsageError where the key or the database is another, StateError.
    """
    with archive.opened(path, _made(settings.folder)) as (manifest, dumped):
        key = server_key(settings)
        if archive.fingerprint(key) != manifest.key:
            raise UsageError(
                f"the key of this server is not that of the backup of {manifest.created_at}",
                hint=f"Put the key of the server that was backed up into {settings.folder / 'key'}, or name it in "
                "CYGNI_SERVER_KEY_FILE: without it nobody can read the secrets.",
            )
        url = settings.database_url or embedded.start(settings.folder)
        if _name_of(url) != manifest.database:
            raise UsageError(
                f"the database is called {_name_of(url)}, and that of the backup {manifest.database}",
                hint="Rights are given to roles that are called as it is: make a database of that name.",
            )
        _demand_empty(url)
        roles = make_roles(url, key)
        postgres_tools.restore(url, dumped)
        upgrade(url, roles)
        return manifest


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


def _name_of(url: str) -> str:
    name = postgres_tools.variables(url).get("PGDATABASE")
    if name is None:
        raise UsageError(
            "CYGNI_DATABASE_URL names no database", hint="It comes last, as in postgresql://db.example/cygni."
        )
    return name


def _demand_empty(url: str) -> None:
    try:
        with psycopg.connect(url) as connection:
            query = "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"
            [found] = connection.execute(query).fetchone() or [0]
    except psycopg.Error as error:
        raise StateError(f"the database cannot be asked: {error}") from error
    if found:
        raise UsageError(
            "there is a control plane in the database already, which a restore would mix with the backup",
            hint="Restore into an empty database: another CYGNI_DATA_DIR, or another CYGNI_DATABASE_URL.",
        )
