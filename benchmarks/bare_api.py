"""`python -m benchmarks.bare_api PORT DATABASE_URL FOLDER`: what an authenticated read is compared with.

`/projects/SLUG` is one FastAPI route that reads one row, over a pool as large as the control plane's, with nothing
around it. `/secured/SLUG` has the duties of the control plane's route besides, in as few lines as they take: the key
of the request is looked up and its secret compared, and row-level security sees to the tenant.
"""

from __future__ import annotations

import hmac
import sys
from pathlib import Path
from typing import Annotated

import sqlalchemy as sa
import uvicorn
from fastapi import FastAPI, Header, HTTPException
from sqlalchemy.ext.asyncio import create_async_engine

from platform_api.access import credentials
from platform_api.database.migrate import sqlalchemy_url
from platform_api.database.roles import roles_of, url_as
from platform_api.database.transactions import POOL
from platform_api.keys import server_key
from platform_api.settings import ServerSettings

_ONE = sa.text("SELECT id::text, slug, name, version, created_at::text FROM projects WHERE slug = :slug")
_SET = sa.text("SELECT set_config(:name, :value, true)")
_KEY = sa.text("SELECT organization_id, secret_hash, revoked_at FROM api_keys WHERE public_id = :public_id")


def main(port: int, database_url: str, folder: Path) -> None:
    key = server_key(ServerSettings(folder))
    pepper, role = key.derived("credentials"), roles_of(database_url).application
    engine = create_async_engine(sqlalchemy_url(database_url), pool_size=POOL, max_overflow=0)
    secured = create_async_engine(
        sqlalchemy_url(url_as(database_url, role, key)), pool_size=POOL, max_overflow=0
    )
    app = FastAPI()

    @app.get("/projects/{slug}")
    async def read(slug: str) -> dict[str, object]:
        async with engine.connect() as connection:
            return dict((await connection.execute(_ONE, {"slug": slug})).mappings().one())

    @app.get("/secured/{slug}")
    async def read_secured(slug: str, authorization: Annotated[str, Header()]) -> dict[str, object]:
        given = credentials.parse(authorization.removeprefix("Bearer "), credentials.API_KEY)
        if given is None:
            raise HTTPException(401)
        async with secured.begin() as connection:
            await connection.execute(_SET, {"name": "cygni.credential", "value": given.public_id})
            found = (await connection.execute(_KEY, {"public_id": given.public_id})).one()
            known = hmac.compare_digest(found.secret_hash, credentials.hashed(pepper, given))
            if not known or found.revoked_at is not None:
                raise HTTPException(401)
            await connection.execute(
                _SET, {"name": "cygni.organization", "value": str(found.organization_id)}
            )
            return dict((await connection.execute(_ONE, {"slug": slug})).mappings().one())

    uvicorn.run(app, host="127.0.0.1", port=port, log_config=None)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2], Path(sys.argv[3]))
