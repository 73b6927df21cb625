"""`/metrics`."""

from __future__ import annotations

import hmac
import ipaddress

from fastapi import APIRouter, Request, Response
from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4

from cygni.errors import PermissionDenied, Unauthenticated
from platform_api.metrics.figures import figures, written
from platform_api.wiring import Wiring, wiring

router = APIRouter(tags=["health"])


@router.get(
    "/metrics",
    response_class=Response,
    responses={
        200: {"content": {"text/plain": {"schema": {"type": "string"}}}},
        401: {"description": "the token is wrong"},
        403: {"description": "asked from elsewhere, without a token being set"},
        429: {"description": "too many tokens were wrong"},
    },
)
async def read_metrics(request: Request) -> Response:
    """Requests, deployments, queues and connections, for Prometheus."""
    parts = wiring(request)
    _require_right(parts, request)
    text = written(parts.registry, await figures(parts.workers_database), parts.database.pool_use)
    return Response(text, media_type=CONTENT_TYPE_PLAIN_0_0_4)


def _require_right(parts: Wiring, request: Request) -> None:
    """Raises Unauthenticated for a wrong token, PermissionDenied for another machine where there is none. What a proxy
    passes on is from elsewhere, whatever its own address is."""
    wanted = parts.edge.metrics_token
    if wanted is not None:
        given = request.headers.get("authorization", "").removeprefix("Bearer ")
        if not hmac.compare_digest(given.encode(), wanted.encode()):
            raise Unauthenticated("the token for metrics is wrong", hint="It is CYGNI_METRICS_TOKEN.")
    elif not _local(request):
        raise PermissionDenied(
            "metrics are for this machine alone",
            hint="Set CYGNI_METRICS_TOKEN where the server runs, and send it as Bearer.",
        )


def _local(request: Request) -> bool:
    if request.client is None or {"x-forwarded-for", "forwarded"} & set(request.headers):
        return False
    try:
        return ipaddress.ip_address(request.client.host).is_loopback
    except ValueError:
        return False
