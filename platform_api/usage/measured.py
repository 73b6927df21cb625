"""What was used in a time, by any aggregation."""

from __future__ import annotations

from fractions import Fraction

from cygni.billing.levels import time_weighted
from cygni.billing.meters import Aggregation, Meter
from cygni.billing.periods import Period
from cygni.billing.tallies import quantity
from platform_api.usage.store import EVERYWHERE, MeterStore, Place


async def measured(
    store: MeterStore, meter: Meter, span: Period, whole: Period, place: Place = EVERYWHERE
) -> Fraction:
    """The quantity of `meter` in `span`, which is a part of the period `whole`, or all of it."""
    match meter.aggregation:
        case Aggregation.TIME_WEIGHTED:
            return time_weighted(await store.levels(meter.key, span, place), span, whole)
        case Aggregation.UNIQUE_COUNT:
            return Fraction(await store.subjects(meter.key, span, place))
        case aggregation:
            return quantity(aggregation, await store.tally(meter.key, span, place), span.share_of(whole))
