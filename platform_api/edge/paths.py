"""Paths that name nothing, whatever the route: PostgreSQL keeps no NUL, and no name here holds a control character."""

from __future__ import annotations

from http import HTTPStatus

from starlette.types import Receive, Scope, Send

from platform_api.edge.http_middleware import HttpMiddleware
from platform_api.problems import problem


class NamedPaths(HttpMiddleware):
    """Answers 404 where the path, decoded, has a character that no name has."""

    async def serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        if any(ord(one) < 32 or ord(one) == 127 for one in scope["path"]):
            answer = problem(HTTPStatus.NOT_FOUND, "not_found", "nothing has a name with control characters")
            await answer(scope, receive, send)
        else:
            await self._app(scope, receive, send)
