"""A name for each request, in its answer, in the log and in the audit."""

from __future__ import annotations

import re
from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import Message, Receive, Scope, Send

from platform_api.edge.http_middleware import HttpMiddleware
from platform_api.identifiers import new_id

_GIVEN: Final = re.compile(r"[A-Za-z0-9._-]{8,64}\Z")


class RequestIds(HttpMiddleware):
    """One that the caller gives is kept, so that it finds its requests; it is `request.state.request_id`."""

    async def serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        given = Headers(scope=scope).get("x-request-id", "")
        found = given if _GIVEN.match(given) else str(new_id())
        scope.setdefault("state", {})["request_id"] = found

        async def named(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)["X-Request-ID"] = found
            await send(message)

        await self._app(scope, receive, named)
