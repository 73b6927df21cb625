"""How much a request may send: counted while it comes, so that nobody fills the memory."""

from __future__ import annotations

import re
from typing import Final

from starlette.datastructures import Headers
from starlette.types import Message, Receive, Scope, Send

from platform_api.edge.http_middleware import HttpMiddleware
from platform_api.problems import ContentTooLarge, content_too_large

LARGEST_JSON: Final = 1024**2
"""Bytes. The largest value of a secret, with each of its characters escaped, is a third of it."""
LARGEST_SOURCE: Final = 32 * 1024**2
LARGEST_BY_NOBODY: Final = 16 * 1024
"""Of those whom nobody knows yet: what they send is looked at in full before anything is known of them."""
_SOURCES = re.compile(r"/v1/organizations/[^/]+/projects/[^/]+/sources")
_BY_NOBODY = frozenset(
    {
        "/v1/setup",
        "/v1/sessions",
        "/v1/sessions/refresh",
        "/v1/browser-sessions",
        "/v1/user/password",
        "/v1/invitations/accept",
    }
)


def limit_of(method: str, path: str) -> int:
    """Bytes that a request may send: more than `LARGEST_JSON` only where a source is sent."""
    if path in _BY_NOBODY:
        return LARGEST_BY_NOBODY
    return LARGEST_SOURCE if method == "POST" and _SOURCES.fullmatch(path) else LARGEST_JSON


class BodyLimits(HttpMiddleware):
    """Answers 413: before anything is read where the length is told, else as soon as it is too much."""

    async def serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        most, received = limit_of(scope["method"], scope["path"]), 0
        told = Headers(scope=scope).get("content-length", "")
        if told.isdigit() and int(told) > most:
            await content_too_large(most)(scope, receive, send)
            return

        async def counted() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > most:
                raise ContentTooLarge(most)
            return message

        await self._app(scope, counted, send)
