"""How long a request may take until its answer begins."""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from platform_api.edge.body_limits import LARGEST_SOURCE, limit_of
from platform_api.edge.http_middleware import HttpMiddleware
from platform_api.problems import problem

SECONDS: Final = 30.0
UPLOAD_SECONDS: Final = 600.0
"""For sending a source: 32 MiB at half a megabit a second."""


class TimeLimits(HttpMiddleware):
    """Answers 504, and what the request had begun is rolled back. An answer that has begun goes on: streams do."""

    def __init__(self, app: ASGIApp, seconds: float = SECONDS) -> None:
        super().__init__(app)
        self._seconds = seconds

    async def serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        large = limit_of(scope["method"], scope["path"]) == LARGEST_SOURCE
        seconds = UPLOAD_SECONDS if large else self._seconds

        async def begun(message: Message) -> None:
            if not limit.expired():
                limit.reschedule(None)
            await send(message)

        try:
            async with asyncio.timeout(seconds) as limit:
                await self._app(scope, receive, begun)
        except TimeoutError:
            if not limit.expired():
                raise
            late = problem(
                HTTPStatus.GATEWAY_TIMEOUT,
                "timeout",
                f"the server did not get it done in {seconds:g} s",
                hint="Nothing was changed. Ask again, or for less at a time.",
            )
            await late(scope, receive, send)
