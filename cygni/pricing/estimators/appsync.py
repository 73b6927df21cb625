"""AppSync: queries, updates to clients, and caches."""

from __future__ import annotations

from typing import Final

from cygni.pricing.charges import by_usage, fixed
from cygni.pricing.parts import Part, priced
from cygni.pricing.readings import text

_SERVICE: Final = "AWSAppSync"

ESTIMATORS: Final = (
    priced(
        "aws:appsync/graphQLApi:GraphQLApi",
        parts=(
            by_usage("queries and changes", _SERVICE, "operations", "operation", "api_requests"),
            by_usage("real-time updates", _SERVICE, "real-time-updates", "update", "api_updates"),
            by_usage(
                "connection minutes", _SERVICE, "connection-minutes", "minute", "api_connection_minutes"
            ),
        ),
    ),
    priced(
        "aws:appsync/api:Api",
        parts=(
            by_usage("event operations", _SERVICE, "event-operations", "operation", "api_requests"),
            by_usage(
                "connection minutes", _SERVICE, "event-connection-minutes", "minute", "api_connection_minutes"
            ),
        ),
    ),
    priced(
        "aws:appsync/apiCache:ApiCache",
        parts=(Part(fixed("cache {type}", _SERVICE, "cache", "hour"), by={"type": text("type")}),),
    ),
)
