"""How often is asked, around every request: addresses that guess are put off, and callers told what they have left."""

from __future__ import annotations

from http import HTTPStatus
from typing import Final

from fastapi import Request
from starlette.datastructures import MutableHeaders
from starlette.types import Message, Receive, Scope, Send

from platform_api import problems
from platform_api.access.rate_limits import RateLimited, whose
from platform_api.edge.http_middleware import HttpMiddleware
from platform_api.wiring import wiring

TRIED_WITHOUT_A_CALLER: Final = frozenset(
    {
        "/v1/sessions",
        "/v1/sessions/refresh",
        "/v1/browser-sessions",
        "/v1/browser-sessions/refresh",
        "/v1/user/password",
        "/v1/setup",
        "/v1/invitations/accept",
    }
)
"""Where a password or a token comes in the body, or a refresh token in a cookie."""


class RateLimits(HttpMiddleware):
    """Puts off an address that guesses: where credentials come in the body before they are looked at, else where one
    has turned out to be none, so that people who share the address go on. In the body each counts as a failure until it
    is none; of one whose sender hangs up it is not known."""

    async def serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope)
        parts = wiring(request)
        address, now = whose(request.client.host if request.client else ""), parts.clock.now()
        put_off: RateLimited | None = None
        counted = request.method == "POST" and scope["path"] in TRIED_WITHOUT_A_CALLER

        async def told(message: Message) -> None:
            nonlocal put_off
            if message["type"] == "http.response.start":
                failed = message["status"] == HTTPStatus.UNAUTHORIZED
                try:
                    if failed and not counted:
                        parts.limits.failure_of(address, now)
                except RateLimited as error:
                    put_off = error
                if counted and not failed:
                    parts.limits.none_failed(address, parts.clock.now())
                _tell_what_is_left(scope, message)
            if put_off is None:
                await send(message)

        try:
            if counted:
                parts.limits.failure_of(address, now)
            await self._app(scope, receive, told)
        except RateLimited as error:
            put_off = error
        if put_off is not None:
            await (await problems.limited(request, put_off))(scope, receive, send)


def _tell_what_is_left(scope: Scope, message: Message) -> None:
    rate = scope.get("state", {}).get("rate")
    if rate is not None:
        MutableHeaders(scope=message).update(rate.headers)
