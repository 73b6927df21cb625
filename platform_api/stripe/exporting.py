"""Puts what was used into the outbox of meter events, hour by hour, once an hour is over.

A row is for what an hour has more than was put there before, so looking at an hour again changes nothing.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

import sqlalchemy as sa
import structlog
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from cygni.billing.meters import Aggregation
from platform_api.clock import Clock
from platform_api.database.transactions import Database, Scope
from platform_api.organizations.models import Organization
from platform_api.stripe.meter_events import HOUR, State, identifier, scale, to_send, whole
from platform_api.stripe.models import StripeExport, StripeMeterDebt, StripeMeterHour, StripeUsage
from platform_api.usage.meters import Meters

EVERY: Final = timedelta(minutes=5)
_LONGEST_TRANSACTION: Final = timedelta(minutes=5)
"""After which none is open that took a revision before: the database ends them sooner."""
_BACK: Final = timedelta(days=36)
"""Later than that no usage is told, and none is taken by Stripe."""

logger = structlog.get_logger()

_CHANGED: Final = sa.text(
    """
    SELECT meter, hour, sum(count) AS events, sum(total) AS total FROM usage_hours
    WHERE organization_id = :organization AND hour >= :oldest AND hour <= :newest
        AND (meter, hour) IN (
            SELECT meter, hour FROM usage_hours
            WHERE organization_id = :organization AND hour >= :oldest AND hour <= :newest
                AND (revision > :revision OR hour >= :read_hour))
    GROUP BY meter, hour ORDER BY meter, hour
    """
)


@dataclass(frozen=True, slots=True)
class UsedHour:
    """What a meter counted in an hour, in units of its scale."""

    meter: str
    hour: datetime
    units: int


class UsageExporter:
    """`database` is that of the workers' role; the hours of an organisation are read on its behalf."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._next: datetime | None = None

    async def make_due(self) -> int:
        """How many rows were added; nothing where it was done a moment ago."""
        now = self._clock.now()
        if self._next is not None and now < self._next:
            return 0
        self._next = now + EVERY
        return await self.export()

    async def export(self) -> int:
        """Of all organisations, each in a transaction of its own; how many rows were added. One whose usage cannot be
        told, such as more in an hour than fits into a number of the outbox, keeps no other from it."""
        async with self._database.transaction(Scope()) as session:
            found = (await session.scalars(select(Organization.id).order_by(col(Organization.id)))).all()
        added = 0
        for one in found:
            try:
                added += await self._export(one)
            except Exception:
                logger.exception("usage could not be exported", organization=str(one))
        return added

    async def _export(self, organization: uuid.UUID) -> int:
        now = self._clock.now()
        async with self._database.transaction(Scope(organization=organization)) as session:
            place = await _place(session, organization, now)
            read = int(await session.scalar(sa.text("SELECT last_value FROM usage_revisions")) or 0)
            used = await _used(session, organization, place, now)
            added = await _Ledger(session, organization, now).add(used)
            if now >= place.next_read_at + _LONGEST_TRANSACTION:
                place.revision, place.read_at = place.next_revision, place.next_read_at
                place.next_revision, place.next_read_at = read, now
            return added


async def _place(session: AsyncSession, organization: uuid.UUID, now: datetime) -> StripeExport:
    """Held until the transaction ends: workers export an organisation one after the other."""
    made = {"revision": 0, "read_at": now, "next_revision": 0, "next_read_at": now}
    new = insert(StripeExport).values(organization_id=organization, **made)
    await session.execute(new.on_conflict_do_nothing())
    found = await session.get(StripeExport, organization, with_for_update=True)
    assert found is not None
    return found


async def _used(
    session: AsyncSession, organization: uuid.UUID, place: StripeExport, now: datetime
) -> Sequence[UsedHour]:
    """Of the hours that may have changed. Those that were not over when the revisions were read are among them."""
    asked = {
        "organization": organization,
        "oldest": now - _BACK,
        "newest": now - HOUR,
        "revision": place.revision,
        "read_hour": place.read_at.replace(minute=0, second=0, microsecond=0),
    }
    aggregations = {one.key: one.aggregation for one in await Meters(session, organization).all()}
    rows = await session.execute(_CHANGED, asked)
    return list(in_units(((row.meter, row.hour, row.events, row.total) for row in rows), aggregations))


def in_units(
    rows: Iterable[tuple[str, datetime, int, Decimal]], aggregations: Mapping[str, Aggregation]
) -> Iterable[UsedHour]:
    """Without the meters that Stripe cannot add up."""
    for meter, hour, count, total in rows:
        aggregation = aggregations.get(meter)
        times = None if aggregation is None else scale(aggregation)
        if times is not None:
            counted = Decimal(count) if aggregation is Aggregation.COUNT else total
            yield UsedHour(meter, hour, whole(counted, times))


class _Ledger:
    """What went into the outbox of an organisation; its caller holds `stripe_exports`, so nobody else adds to it."""

    def __init__(self, session: AsyncSession, organization: uuid.UUID, now: datetime) -> None:
        self._session = session
        self._organization = organization
        self._now = now

    async def add(self, used: Sequence[UsedHour]) -> int:
        known, debts = await self._hours(used), await self._debts()
        added = 0
        for one in used:
            row = known.get((one.meter, one.hour))
            if row is None:
                row = StripeMeterHour(
                    organization_id=self._organization, meter=one.meter, hour=one.hour, counted=0, seq=0
                )
            if one.units != row.counted:
                added += self._send(row, one.units - row.counted, debts)
                row.counted = one.units
                self._session.add(row)
        return added

    def _send(self, row: StripeMeterHour, delta: int, debts: dict[str, StripeMeterDebt]) -> int:
        debt = debts.setdefault(
            row.meter, StripeMeterDebt(organization_id=self._organization, meter=row.meter, owed=0)
        )
        values, debt.owed = to_send(delta, debt.owed)
        self._session.add(debt)
        for value in values:
            row.seq += 1
            self._session.add(usage_row(row, value, self._now))
        return len(values)

    async def _hours(self, used: Sequence[UsedHour]) -> dict[tuple[str, datetime], StripeMeterHour]:
        if not used:
            return {}
        mine = col(StripeMeterHour.organization_id) == self._organization
        first = min(one.hour for one in used)
        rows = await self._session.scalars(
            select(StripeMeterHour).where(mine, col(StripeMeterHour.hour) >= first)
        )
        return {(row.meter, row.hour): row for row in rows}

    async def _debts(self) -> dict[str, StripeMeterDebt]:
        mine = col(StripeMeterDebt.organization_id) == self._organization
        return {row.meter: row for row in await self._session.scalars(select(StripeMeterDebt).where(mine))}


def usage_row(hour: StripeMeterHour, value: int, now: datetime) -> StripeUsage:
    """The row with the hour's newest number."""
    named = identifier(hour.organization_id, hour.meter, hour.hour, hour.seq)
    return StripeUsage(
        organization_id=hour.organization_id, meter=hour.meter, hour=hour.hour, seq=hour.seq, identifier=named,
        value=value, state=State.WAITING.value, created_at=now, due_at=now,
    )  # fmt: skip
