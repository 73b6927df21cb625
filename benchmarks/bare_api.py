"""`python -m benchmarks.bare_api PORT DATABASE_URL`: what an authenticated read is compared with.

One FastAPI route that reads one row, over a pool as large as the control plane's, with nothing around it.
"""

from __future__ import annotations

import sys

import sqlalchemy as sa
import uvicorn
from fastapi import FastAPI
from sqlalchemy.ext.asyncio import create_async_engine

from platform_api.database.migrate import sqlalchemy_url
from platform_api.database.transactions import POOL

_ONE = sa.text("SELECT id::text, slug, name, version, created_at::text FROM projects WHERE slug = :slug")


def main(port: int, database_url: str) -> None:
    engine = create_async_engine(sqlalchemy_url(database_url), pool_size=POOL, max_overflow=0)
    app = FastAPI()

    @app.get("/projects/{slug}")
    async def read(slug: str) -> dict[str, object]:
        async with engine.connect() as connection:
            return dict((await connection.execute(_ONE, {"slug": slug})).mappings().one())

    uvicorn.run(app, host="127.0.0.1", port=port, log_config=None)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
