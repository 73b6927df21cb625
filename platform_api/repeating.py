"""Work of a worker that comes up again and again, beside its deployments."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import structlog

IDLE_SECONDS = 1.0

logger = structlog.get_logger()


async def repeat(work: Callable[[], Awaitable[int]], stop: asyncio.Event, what: str) -> None:
    """Does what is due until `stop` is set, and looks again after a moment where nothing was; `work` tells how much it
    did. What is under way when `stop` is set is finished."""
    while not stop.is_set():
        made = 0
        try:
            made = await work()
        except Exception as error:  # noqa: BLE001  # the database is away: later
            logger.warning("work could not be done", work=what, error=type(error).__name__)
        if made == 0:
            with_timeout = asyncio.wait_for(stop.wait(), IDLE_SECONDS)
            await asyncio.gather(with_timeout, return_exceptions=True)
