"""Counts requests and how long they take, by the template of their route: paths would name tenants."""

from __future__ import annotations

import time
from http import HTTPStatus
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Histogram
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from platform_api.edge.http_middleware import HttpMiddleware

_BUCKETS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
NO_ROUTE: Final = "none"
_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class RequestMetrics(HttpMiddleware):
    """`registry` gets them; one for each application."""

    def __init__(self, app: ASGIApp, registry: CollectorRegistry) -> None:
        super().__init__(app)
        labels = ["method", "route"]
        self._count = Counter(
            "cygni_http_requests", "Requests that were answered.", [*labels, "status"], registry=registry
        )
        self._seconds = Histogram(
            "cygni_http_request_seconds",
            "Until the answer began.",
            labels,
            buckets=_BUCKETS,
            registry=registry,
        )

    async def serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        begin = time.perf_counter()

        def note(status: int) -> None:
            route = getattr(scope.get("route"), "path", NO_ROUTE)
            method = scope["method"] if scope["method"] in _METHODS else "other"
            self._count.labels(method, route, str(int(status))).inc()
            self._seconds.labels(method, route).observe(time.perf_counter() - begin)

        async def noted(message: Message) -> None:
            if message["type"] == "http.response.start":
                note(message["status"])
            await send(message)

        try:
            await self._app(scope, receive, noted)
        except Exception:  # it is answered further out
            note(HTTPStatus.INTERNAL_SERVER_ERROR)
            raise
