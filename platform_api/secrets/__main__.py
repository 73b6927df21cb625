"""`python -m platform_api.secrets`, behind `cx server rotate-key`: rotates the key-encryption keys of a server, which
may serve meanwhile. Answers with one JSON object on stdout."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path

from sqlalchemy.exc import DBAPIError

from cygni.errors import CygniError, StateError
from platform_api.clock import SystemClock
from platform_api.database import embedded
from platform_api.database.roles import roles_of, url_as
from platform_api.database.transactions import Database
from platform_api.keys import server_key
from platform_api.secrets.key_ring import KeyRing
from platform_api.secrets.roots import roots_of
from platform_api.secrets.rotation import Rotated, Rotation
from platform_api.settings import ServerSettings
from platform_api.told import told_error


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m platform_api.secrets")
    parser.add_argument("--folder", type=Path, required=True)
    options = parser.parse_args(arguments)
    try:
        found = rotated(replace(ServerSettings.from_environment(), folder=options.folder))
    except CygniError as error:
        sys.stdout.write(json.dumps(told_error(error)) + "\n")
        return 1
    sys.stdout.write(json.dumps(asdict(found)) + "\n")
    return 0


def rotated(settings: ServerSettings) -> Rotated:
    """Rotates the keys of the server with these settings. Raises StateError."""
    key = server_key(settings)
    ring = KeyRing(roots_of(settings, key), SystemClock())
    url = settings.database_url or embedded.start(settings.folder)

    async def rotate() -> Rotated:
        database = Database(url_as(url, roles_of(url).worker, key))
        try:
            return await Rotation(database, ring).rotate()
        except DBAPIError as error:
            raise StateError(
                f"the database did not let keys be rotated: {str(error.orig).strip().splitlines()[0]}",
                hint="Nothing is lost: run it again, and it goes on. The server has to have been started once.",
            ) from error
        finally:
            await database.close()

    return asyncio.run(rotate())


if __name__ == "__main__":
    sys.exit(main())
