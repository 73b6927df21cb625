"""EventBridge: events of your own, archives, pipes and schemas. Schedules have a file of their own."""

from __future__ import annotations

from typing import Final

from cygni.pricing.charges import by_usage
from cygni.pricing.parts import Part, priced
from cygni.pricing.readings import is_one_of, text

_SERVICE: Final = "AmazonEventBridge"

ESTIMATORS: Final = (
    priced(
        "aws:cloudwatch/eventBus:EventBus",
        parts=(by_usage("custom events", _SERVICE, "custom-events", "event", "events"),),
        notes=("An event is up to 64 KB. Events of AWS services on the default bus are free.",),
    ),
    priced(
        "aws:cloudwatch/eventArchive:EventArchive",
        parts=(
            by_usage("archived events", _SERVICE, "archive-processing", "GB", "archive_gb"),
            by_usage("archive storage", _SERVICE, "archive-storage", "GB-month", "archive_gb"),
        ),
    ),
    priced(
        "aws:pipes/pipe:Pipe",
        parts=(
            Part(
                by_usage("requests after filtering", _SERVICE, "pipe-requests", "request", "events"),
                when=is_one_of(text("desiredState", "RUNNING"), "RUNNING"),
            ),
        ),
        otherwise="a pipe that is stopped costs nothing",
    ),
    priced(
        "aws:schemas/discoverer:Discoverer",
        parts=(by_usage("events looked at", _SERVICE, "schema-discovery", "event", "events"),),
    ),
    priced(
        "aws:cloudwatch/eventApiDestination:EventApiDestination",
        parts=(by_usage("calls of the destination", _SERVICE, "api-destination", "invocation", "events"),),
    ),
)
