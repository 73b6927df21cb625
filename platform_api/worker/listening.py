"""Hearing at once that there is something to do. Nothing depends on it: who hears nothing looks now and then."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import psycopg
from psycopg import sql

from platform_api.deployments.events import CHANNEL

_AGAIN_SECONDS = 1.0
"""Where the database did not answer."""


@asynccontextmanager
async def listening(url: str, hear: Callable[[], None]) -> AsyncIterator[None]:
    """Calls `hear` while the block runs, when deployments want to be looked at."""
    task = asyncio.create_task(_listen(url, hear))
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def _listen(url: str, hear: Callable[[], None]) -> None:
    while True:
        with contextlib.suppress(psycopg.OperationalError):
            async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
                await connection.execute(sql.SQL("LISTEN {}").format(sql.Identifier(CHANNEL)))
                hear()  # of what came before
                async for _ in connection.notifies():
                    hear()
        await asyncio.sleep(_AGAIN_SECONDS)
