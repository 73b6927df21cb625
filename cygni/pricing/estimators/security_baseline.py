"""GuardDuty and CloudTrail, which look at a whole account."""

from __future__ import annotations

from typing import Final

from cygni.pricing import inputs
from cygni.pricing.charges import Amount, Estimator, Free, Gap, Measured, by_usage
from cygni.pricing.parts import Part, priced
from cygni.pricing.readings import text
from cygni.pricing.resource_set import ResourceSet
from cygni.pricing.usage import Usage
from cygni.resources import Resource

LOGS: Final = by_usage(
    "flow and DNS logs", "AmazonGuardDuty", "vpc-flow-and-dns-logs", "GB", "guardduty_gb", tiered=True
)
DATA_EVENTS: Final = by_usage("data events", "AWSCloudTrail", "data-events", "event", None)


def _detector(resource: Resource, resources: ResourceSet, usage: Usage) -> Measured:
    if inputs.flag(resource.inputs, "enable", True) is False:
        return Free("a detector that is switched off costs nothing")
    return [Amount(LOGS, usage.amount("guardduty_gb"), usage.describe("guardduty_gb"))]


def _trail(resource: Resource, resources: ResourceSet, usage: Usage) -> Measured:
    simple = inputs.objects(resource.inputs, "eventSelectors")
    advanced = inputs.objects(resource.inputs, "advancedEventSelectors")
    if isinstance(simple, Gap) or isinstance(advanced, Gap):
        return [Amount(DATA_EVENTS, Gap("its event selectors are known only after the deploy"))]
    if advanced or any(selector.get("dataResources") for selector in simple):
        return [Amount(DATA_EVENTS, Gap("no number of data events is assumed"))]
    return Free("an account's first trail of management events costs nothing")


ESTIMATORS: Final = (
    Estimator(
        ("aws:guardduty/detector:Detector",),
        (LOGS,),
        _detector,
        (
            "CloudTrail events that it looks at are not counted, nor are protection plans, nor the free first 30 days.",
            "Beyond 500 GB a month there is no price.",
        ),
    ),
    Estimator(
        ("aws:cloudtrail/trail:Trail",),
        (DATA_EVENTS,),
        _trail,
        (
            (
                "It is taken to be the first trail of its account; each further copy of management events costs 2 USD "
                "per 100,000."
            ),
            "What its bucket keeps is billed with the bucket.",
        ),
    ),
    priced(
        "aws:cloudtrail/eventDataStore:EventDataStore",
        parts=(
            Part(
                by_usage("events ingested", "AWSCloudTrail", "lake-ingestion", "GB", "trail_gb"),
                by={"billing_mode": text("billingMode", "EXTENDABLE_RETENTION_PRICING")},
            ),
        ),
        notes=("Kept for the time its billing mode includes; queries are not counted.",),
    ),
)
