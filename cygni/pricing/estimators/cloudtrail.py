"""CloudTrail: copies of management events, data events, insights, and event data stores."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any, Final

from cygni.pricing import inputs
from cygni.pricing.charges import Amount, Estimator, Gap, by_usage, one_of
from cygni.pricing.parts import Part, priced
from cygni.pricing.readings import text
from cygni.pricing.resource_set import ResourceSet
from cygni.pricing.usage import Usage
from cygni.resources import Resource

_TYPE: Final = "aws:cloudtrail/trail:Trail"
_SERVICE: Final = "AWSCloudTrail"
COPIES: Final = by_usage("management events", _SERVICE, "management-events", "event", "trail_events")
DATA_EVENTS: Final = by_usage("data events", _SERVICE, "data-events", "event", None)
INSIGHTS: Final = by_usage(
    "events looked at for insights", _SERVICE, "insights-events", "event", "trail_events"
)
_UNTOLD: Final = Gap("its event selectors are known only after the deploy")


def _trail(resource: Resource, resources: ResourceSet, usage: Usage) -> Iterator[Amount]:
    if _records(resource) is not False:
        yield _copies(resource, resources, usage)
    simple, advanced = _selectors(resource)
    if isinstance(simple, Gap) or isinstance(advanced, Gap):
        yield Amount(DATA_EVENTS, _UNTOLD)
    elif (advanced and _categories(advanced) != {"Management"}) or any(
        one.get("dataResources") for one in simple
    ):
        yield Amount(DATA_EVENTS, Gap("no number of data events is assumed"))
    if resource.inputs.get("insightSelectors") not in (None, [], ()):
        yield one_of(INSIGHTS, usage)


def _copies(resource: Resource, resources: ResourceSet, usage: Usage) -> Amount:
    """The first copy of management events in each region costs nothing: aws.amazon.com/cloudtrail/pricing."""
    records = _records(resource)
    if isinstance(records, Gap):
        return Amount(COPIES, records)
    overlapping = [one for one in resources.of_type(_TYPE) if _records(one) and _overlap(one, resource)]
    if overlapping[0].urn == resource.urn:
        return Amount(COPIES, Decimal(0), "the first trail of the account, whose copy is free")
    return Amount(COPIES, usage.amount("trail_events"), f"{usage.describe('trail_events')}; a further copy")


def _overlap(one: Resource, other: Resource) -> bool:
    """Whether two trails record the same events, or may."""
    every_region = any(inputs.flag(each.inputs, "isMultiRegionTrail") is not False for each in (one, other))
    return every_region or one.region == other.region


def _records(resource: Resource) -> bool | Gap:
    """Whether a trail records management events: unless its selectors leave them out."""
    simple, advanced = _selectors(resource)
    if isinstance(simple, Gap) or isinstance(advanced, Gap):
        return _UNTOLD
    if advanced:
        return "Management" in _categories(advanced)
    wanted = [inputs.flag(one, "includeManagementEvents", True) is not False for one in simple]
    return any(wanted) or not wanted


Selectors = Sequence[Any] | Gap


def _selectors(resource: Resource) -> tuple[Selectors, Selectors]:
    return (
        inputs.objects(resource.inputs, "eventSelectors"),
        inputs.objects(resource.inputs, "advancedEventSelectors"),
    )


def _categories(advanced: Sequence[Any]) -> set[str]:
    """The categories of events that advanced selectors ask for: `Management`, `Data`, `NetworkActivity`."""
    found: set[str] = set()
    for selector in advanced:
        fields = inputs.objects(selector, "fieldSelectors")
        for field in () if isinstance(fields, Gap) else fields:
            values = field.get("equals")
            if field.get("field") == "eventCategory" and isinstance(values, list | tuple):
                found.update(str(value) for value in values)
    return found


ESTIMATORS: Final = (
    Estimator(
        (_TYPE,),
        (COPIES, DATA_EVENTS, INSIGHTS),
        _trail,
        (
            "The first trail here is taken to be its account's first, whose copy of management events is free.",
            "What its bucket keeps is billed with the bucket.",
        ),
    ),
    priced(
        "aws:cloudtrail/eventDataStore:EventDataStore",
        parts=(
            Part(
                by_usage("events ingested", _SERVICE, "lake-ingestion", "GB", "trail_gb"),
                by={"billing_mode": text("billingMode", "EXTENDABLE_RETENTION_PRICING")},
            ),
        ),
        notes=("Kept for the time its billing mode includes.",),
        not_counted=("queries",),
    ),
)
