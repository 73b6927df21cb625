"""Answers are compressed, but for those that hold secrets: how far a secret is compressed beside text that somebody
else chose tells what it is (BREACH)."""

from __future__ import annotations

from typing import Final

from starlette.datastructures import Headers
from starlette.middleware.gzip import GZipResponder
from starlette.types import Message, Receive, Scope, Send

from platform_api.edge.http_middleware import HttpMiddleware

SMALLEST: Final = 1000
"""Bytes; less is not worth it."""
_LEVEL: Final = 5


class Compression(HttpMiddleware):
    """By gzip, for those who accept it: what is read, unless it says `Cache-Control: no-store`. What is changed may be
    answered with a token that is shown once, and is small; streams of events are not held up."""

    async def serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        reads = scope["method"] == "GET"
        if reads and "gzip" in Headers(scope=scope).get("accept-encoding", ""):
            await _Responder(self._app, SMALLEST, compresslevel=_LEVEL)(scope, receive, send)
        else:
            await self._app(scope, receive, send)


class _Responder(GZipResponder):
    _as_it_is = False

    async def send_with_compression(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._as_it_is = "no-store" in Headers(raw=message["headers"]).get("cache-control", "")
        await (self.send(message) if self._as_it_is else super().send_with_compression(message))
