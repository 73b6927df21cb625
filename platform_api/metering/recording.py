"""Tells the store of usage what is known of hours, and no more than was not told before."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from cygni.billing.periods import Period
from cygni.metering.due import Due, Told, due
from cygni.metering.runs import Spot
from platform_api.metering.outcomes import SOURCE
from platform_api.usage.cloud_events import Reported
from platform_api.usage.models import UsageEvent
from platform_api.usage.store import PostgresMeterStore


@dataclass(frozen=True, slots=True)
class Measured:
    """An environment that is measured, by names: its events stay when it is gone. Of an organisation as a whole, both
    are empty."""

    organization: uuid.UUID
    project: str
    environment: str


async def tell(
    session: AsyncSession,
    place: Measured,
    known: Mapping[Spot, Fraction],
    window: Period,
    now: datetime,
) -> int:
    """Tells what is known of the hours of `window`, in a transaction on behalf of the organisation; how many events
    that took. Where another worker tells other things of an hour at the same moment, the next look settles it."""
    if not known:
        return 0
    left = due(known, await _told(session, place, {spot.meter for spot in known}, window))
    events = [_event(place, one) for one in left]
    await PostgresMeterStore(session, place.organization).record(events, now)
    return len(events)


@dataclass(frozen=True, slots=True)
class LevelNow:
    """Holds from `at` on; a `level` of None is not known, so that what was told last still holds."""

    level: Decimal | None
    at: datetime


async def tell_levels(
    session: AsyncSession, place: Measured, meter: str, levels: Mapping[str, LevelNow], now: datetime
) -> int:
    """Tells, by subject, levels that are others than were told last, and that those of subjects that are gone are zero
    from `now` on; how many events that took."""
    before = await _levels(session, place, meter)
    found = {subject: LevelNow(Decimal(0), now) for subject in before} | dict(levels)
    events = [
        Reported(
            SOURCE, f"{meter} {place.project}/{place.environment} {subject} {one.at.isoformat()}", meter, one.at,
            one.level, subject, place.project, place.environment,
        )
        for subject, one in sorted(found.items())
        if one.level is not None and one.level != before.get(subject, Decimal(0))
    ]  # fmt: skip
    await PostgresMeterStore(session, place.organization).record(events, now)
    return len(events)


def _event(place: Measured, one: Due) -> Reported:
    spot = one.spot
    where = f"{place.project}/{place.environment} {spot.subject} {spot.hour:%Y-%m-%dT%HZ}"
    return Reported(
        SOURCE, f"{spot.meter} {where} {one.number}", spot.meter, spot.hour, one.quantity, spot.subject,
        place.project, place.environment,
    )  # fmt: skip


async def _told(session: AsyncSession, place: Measured, meters: set[str], window: Period) -> dict[Spot, Told]:
    """Also what a person has taken back since: it is not told again."""
    spot = (col(UsageEvent.meter), col(UsageEvent.subject), col(UsageEvent.at))
    asked = sa.select(*spot, sa.func.count(), sa.func.sum(col(UsageEvent.quantity))).where(
        *_of(place),
        col(UsageEvent.meter).in_(meters),
        col(UsageEvent.at) >= window.start,
        col(UsageEvent.at) < window.end,
    )
    rows = await session.execute(asked.group_by(*spot))
    return {Spot(meter, subject, at): Told(count, total) for meter, subject, at, count, total in rows}


async def _levels(session: AsyncSession, place: Measured, meter: str) -> dict[str, Decimal]:
    """The last of each subject."""
    subject = col(UsageEvent.subject)
    asked = (
        sa.select(subject, col(UsageEvent.quantity))
        .ext(distinct_on(subject))
        .where(*_of(place), col(UsageEvent.meter) == meter)
        .order_by(subject, col(UsageEvent.at).desc(), col(UsageEvent.number).desc())
    )
    return {row[0]: row[1] for row in await session.execute(asked)}


def _of(place: Measured) -> list[sa.ColumnElement[bool]]:
    return [
        col(UsageEvent.organization_id) == place.organization,
        col(UsageEvent.source) == SOURCE,
        col(UsageEvent.project) == place.project,
        col(UsageEvent.environment) == place.environment,
    ]
