"""`python -m platform_api`: serves until it is told to end. Makes the database ready first."""

from __future__ import annotations

import sys

import uvicorn

from cygni.errors import CygniError
from platform_api.application import create_app
from platform_api.database import embedded
from platform_api.database.migrate import upgrade
from platform_api.database.roles import make_roles
from platform_api.keys import server_key
from platform_api.settings import ServerSettings
from platform_api.setup.service import setup_token


def main() -> int:
    try:
        settings = ServerSettings.from_environment()
        key = server_key(settings)
        url = settings.database_url or embedded.start(settings.folder)
        upgrade(url, make_roles(url, key))
    except CygniError as error:
        sys.stderr.write(f"error: {error.message}\n" + (f"hint:  {error.hint}\n" if error.hint else ""))
        return 1
    sys.stderr.write(f"Cygni serves at {settings.public_url}; to set it up: {setup_token(key).text}\n")
    uvicorn.run(create_app(url, key), host=settings.host, port=settings.port, log_config=None)
    return 0


if __name__ == "__main__":
    sys.exit(main())
