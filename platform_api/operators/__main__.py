"""`python -m platform_api.operators`, behind `cx server operator add`: makes somebody with an account an operator,
where nobody is left who could. Answers with one JSON object on stdout."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from sqlalchemy.exc import DBAPIError

from cygni.errors import CygniError, StateError
from platform_api.clock import SystemClock
from platform_api.database import embedded
from platform_api.database.roles import roles_of, url_as
from platform_api.database.transactions import Database, Scope
from platform_api.identifiers import new_id
from platform_api.keys import server_key
from platform_api.operators.access import ServerAuditing
from platform_api.operators.repository import Operators
from platform_api.settings import ServerSettings
from platform_api.told import told_error

_ACTOR = {"kind": "server", "id": "cx server operator add"}


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m platform_api.operators")
    parser.add_argument("email")
    parser.add_argument("--folder", type=Path, required=True)
    options = parser.parse_args(arguments)
    try:
        settings = replace(ServerSettings.from_environment(), folder=options.folder)
        found = asyncio.run(added(settings, options.email))
    except CygniError as error:
        sys.stdout.write(json.dumps(told_error(error)) + "\n")
        return 1
    sys.stdout.write(json.dumps(found) + "\n")
    return 0


async def added(settings: ServerSettings, email: str) -> dict[str, Any]:
    """Who is an operator now, and whether they were none before. Raises NotFound without an account, StateError."""
    key = server_key(settings)
    url = settings.database_url or embedded.start(settings.folder)
    database = Database(url_as(url, roles_of(url).application, key))
    try:
        async with database.transaction(Scope()) as session:
            user = await Operators(session).existing(email)
            new, user.operator = not user.operator, True
            log = ServerAuditing(session, _ACTOR, str(new_id()), SystemClock().now())
            if new:
                await log.record("operator.add", user.email)
            return {"email": user.email, "name": user.name, "added": new}
    except DBAPIError as error:
        raise StateError(
            f"the database did not let it be done: {str(error.orig).strip().splitlines()[0]}",
            hint="The server has to have been started once.",
        ) from error
    finally:
        await database.close()


if __name__ == "__main__":
    sys.exit(main())
