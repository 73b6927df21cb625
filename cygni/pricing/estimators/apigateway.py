"""API Gateway: REST, HTTP and WebSocket APIs by use, and the caches of stages."""

from __future__ import annotations

from typing import Final

from cygni.pricing.charges import by_usage, fixed
from cygni.pricing.parts import Part, priced
from cygni.pricing.readings import flag, is_one_of, text

_SERVICE: Final = "AmazonApiGateway"
_KIND: Final = text("protocolType")
REST: Final = by_usage("REST requests", _SERVICE, "rest-requests", "request", "api_requests", tiered=True)
_HTTP: Final = by_usage("HTTP requests", _SERVICE, "http-requests", "request", "api_requests", tiered=True)
_MESSAGES: Final = by_usage(
    "WebSocket messages", _SERVICE, "websocket-messages", "message", "api_requests", tiered=True
)
_MINUTES: Final = by_usage(
    "connection minutes", _SERVICE, "websocket-connection-minutes", "minute", "api_connection_minutes"
)
_CACHE: Final = fixed("cache of {size_gb} GB", _SERVICE, "cache", "hour")

ESTIMATORS: Final = (
    priced(
        "aws:apigateway/restApi:RestApi",
        parts=(REST,),
        notes=("The cache of a stage is billed with the stage.",),
    ),
    priced(
        "aws:apigateway/stage:Stage",
        parts=(
            Part(_CACHE, by={"size_gb": text("cacheClusterSize", "0.5")}, when=flag("cacheClusterEnabled")),
        ),
        otherwise="a stage costs nothing without a cache",
    ),
    priced(
        "aws:apigatewayv2/api:Api",
        parts=(
            Part(_HTTP, when=is_one_of(_KIND, "HTTP")),
            Part(_MESSAGES, when=is_one_of(_KIND, "WEBSOCKET")),
            Part(_MINUTES, when=is_one_of(_KIND, "WEBSOCKET")),
        ),
        notes=("A request of more than 512 KB, or a message of more than 32 KB, counts as several.",),
    ),
)
