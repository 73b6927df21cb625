"""What an invoice has seen of a period, in few letters, so that the next one knows whether to look again.

A number that grows with each change of usage would not do: a transaction takes its number before it commits, so one
with a lower number than those that were billed may come to light later. Therefore the numbers that are there are
compared themselves: each change of an hour gives it one that no hour ever had, whoever commits first.
"""

from __future__ import annotations

import hashlib
import json
import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from cygni.billing.meters import Aggregation, Meter
from cygni.billing.periods import Period
from cygni.billing.subscriptions import Segment, Subscription

# An hour that a period begins or ends in, as in time zones of half hours, is of both.
_HOURS = sa.text(
    """
    SELECT period.number, hours.meter, count(*) AS hours, sum(hashint8extended(hours.revision, 0)) AS revisions
    FROM unnest(CAST(:numbers AS integer[]), CAST(:starts AS timestamptz[]), CAST(:ends AS timestamptz[]))
        AS period (number, since, until)
    JOIN usage_hours AS hours ON hours.organization_id = :organization AND hours.meter = ANY(CAST(:meters AS text[]))
        AND hours.hour > period.since - interval '1 hour' AND hours.hour < period.until
    GROUP BY period.number, hours.meter
    """
)
Sums = Mapping[str, tuple[int, str]]
"""Of the hours of each meter: how many there are, and what their revisions sum up to."""


async def seen(
    session: AsyncSession,
    organization: uuid.UUID,
    subscription: Subscription,
    numbers: Sequence[int],
    meters: Mapping[str, Meter],
) -> dict[int, str]:
    """Of each of the periods, which are in order. Levels are those of all time before too: they hold into it."""
    sums = await _sums(session, organization, subscription, numbers, meters)
    levels = {key for key, one in meters.items() if one.aggregation is Aggregation.TIME_WEIGHTED}
    return {
        number: _told(subscription.segments(subscription.cycle.period(number)), _of(number, sums, levels))
        for number in numbers
    }


async def _sums(
    session: AsyncSession,
    organization: uuid.UUID,
    subscription: Subscription,
    numbers: Sequence[int],
    meters: Iterable[str],
) -> dict[int, Sums]:
    """By number of the period; all that was before the first of them is under the number before it."""
    cycle = subscription.cycle
    ranges = [("-infinity", cycle.period(numbers[0]).start), *(_range(cycle.period(one)) for one in numbers)]
    asked = {
        "organization": organization, "meters": list(meters), "numbers": [numbers[0] - 1, *numbers],
        "starts": [str(since) for since, _ in ranges], "ends": [str(until) for _, until in ranges],
    }  # fmt: skip
    found: dict[int, dict[str, tuple[int, str]]] = defaultdict(dict)
    for row in await session.execute(_HOURS, asked):
        found[row.number][row.meter] = (row.hours, str(row.revisions))
    return dict(found)


def _range(period: Period) -> tuple[Any, Any]:
    return period.start, period.end


def _of(number: int, sums: Mapping[int, Sums], levels: set[str]) -> list[tuple[int, str, int, str]]:
    return sorted(
        (period, meter, *of_hours)
        for period, by_meter in sums.items()
        for meter, of_hours in by_meter.items()
        if period == number or (period < number and meter in levels)
    )


def _told(segments: Sequence[Segment], usage: list[tuple[int, str, int, str]]) -> str:
    held = [
        (str(one.span.start), str(one.span.end), one.plan.key, one.plan.version, one.on_trial)
        for one in segments
    ]
    return hashlib.sha256(json.dumps([held, usage]).encode()).hexdigest()
