"""Paths that name nothing, whatever the route: PostgreSQL keeps no NUL, and no name here holds a control character."""

from __future__ import annotations

from http import HTTPStatus

from starlette.types import ASGIApp, Receive, Scope, Send

from platform_api.problems import problem


class NamedPaths:
    """Answers 404 where the path, decoded, has a character that no name has."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and any(ord(one) < 32 or ord(one) == 127 for one in scope["path"]):
            answer = problem(HTTPStatus.NOT_FOUND, "not_found", "nothing has a name with control characters")
            await answer(scope, receive, send)
        else:
            await self._app(scope, receive, send)
