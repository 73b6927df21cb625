"""`python -m platform_api.accounts`, behind `cx server user` and `cx server operator`. Answers with one JSON object on
stdout; a new password comes on stdin, where no other process sees it."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from sqlalchemy.exc import DBAPIError

from cygni.errors import CygniError, StateError
from platform_api.access.passwords import Passwords
from platform_api.accounts.administration import Administration
from platform_api.clock import SystemClock
from platform_api.database import embedded
from platform_api.database.roles import roles_of, url_as
from platform_api.database.transactions import Database, Scope
from platform_api.identifiers import new_id
from platform_api.keys import server_key
from platform_api.operators.auditing import ServerAuditing
from platform_api.settings import ServerSettings
from platform_api.told import told_error

LIST, OPERATOR, PASSWORD, DISABLE, ENABLE = ACTIONS = ("list", "operator", "password", "disable", "enable")
_COMMANDS: Final = {
    OPERATOR: "cx server operator add",
    PASSWORD: "cx server user reset-password",
    DISABLE: "cx server user disable",
    ENABLE: "cx server user enable",
}


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m platform_api.accounts")
    parser.add_argument("action", choices=ACTIONS)
    parser.add_argument("email", nargs="?", default="")
    parser.add_argument("--folder", type=Path, required=True)
    options = parser.parse_args(arguments)
    password = sys.stdin.buffer.read().decode() if options.action == PASSWORD else ""
    try:
        settings = replace(ServerSettings.from_environment(), folder=options.folder)
        found = asyncio.run(carried_out(settings, options.action, options.email, password))
    except CygniError as error:
        sys.stdout.write(json.dumps(told_error(error)) + "\n")
        return 1
    sys.stdout.write(json.dumps(found) + "\n")
    return 0


async def carried_out(settings: ServerSettings, action: str, email: str, password: str) -> dict[str, Any]:
    """What became of it. Raises what `Administration` does, UsageError for a weak password, StateError."""
    password_hash = await Passwords().hashed(password) if action == PASSWORD else ""
    key = server_key(settings)
    url = settings.database_url or embedded.start(settings.folder)
    database = Database(url_as(url, roles_of(url).application, key))
    now = SystemClock().now()
    actor = {"kind": "server", "id": _COMMANDS.get(action, "")}
    try:
        async with database.transaction(Scope()) as session:
            accounts = Administration(session, ServerAuditing(session, actor, str(new_id()), now), now)
            if action == LIST:
                return {"items": await accounts.all()}
            if action == PASSWORD:
                return await accounts.reset_password(email, password_hash)
            change = {OPERATOR: accounts.make_operator, DISABLE: accounts.disable, ENABLE: accounts.enable}
            return await change[action](email)
    except DBAPIError as error:
        raise StateError(
            f"the database did not let it be done: {str(error.orig).strip().splitlines()[0]}",
            hint="The server has to have been started once.",
        ) from error
    finally:
        await database.close()


if __name__ == "__main__":
    sys.exit(main())
