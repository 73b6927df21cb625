"""What became of meter events that nobody knows of: read from what Stripe has counted, an hour at a time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select
from sqlmodel.sql.expression import SelectOfScalar

from platform_api.clock import Clock
from platform_api.database.transactions import Database, Scope
from platform_api.stripe.accounts import CustomerAccounts, MeterIds
from platform_api.stripe.exporting import usage_row
from platform_api.stripe.gateway import NoAnswer, NotDone, Refused, UsageSink
from platform_api.stripe.meter_events import HOUR, Answer, State, Step, after_counting, event_name, missing
from platform_api.stripe.models import StripeMeterHour, StripeUsage

_NOT_COUNTED = "Stripe had not counted it a day later; another event stands for it"
_TAKEN_AND_LOST = "Stripe took it and could not count it; its report of meter errors says why"
_LATELY = timedelta(days=2)
_FITS_NEITHER = "what Stripe has counted for the hour is neither with it nor without it"


class Settling:
    def __init__(
        self,
        database: Database,
        clock: Clock,
        sink: UsageSink,
        accounts: CustomerAccounts,
        meters: MeterIds,
    ) -> None:
        self._database = database
        self._clock = clock
        self._sink = sink
        self._accounts = accounts
        self._meters = meters

    async def settle(self, rows: Sequence[StripeUsage]) -> Answer:
        """Of one meter of one organisation, one of an hour at most; whether Stripe answered. Rows stay as they are, and
        are looked at again when nobody has them any more, where it did not."""
        organization, meter = rows[0].organization_id, rows[0].meter
        first, last = min(row.hour for row in rows), max(row.hour for row in rows) + HOUR
        try:
            customer = await self._accounts.of(organization)
            counted = await self._sink.usage_by_hour(await self._meters.id_of(meter), customer, first, last)
        except (NotDone, NoAnswer, Refused) as error:
            await self._put_off(rows, str(error))
            return Answer.NONE
        async with self._database.transaction(Scope(organization=organization)) as session:
            sent = await _sent(session, rows)
            for row in rows:
                step = self._step(row, sent.get(row.hour, 0), counted.get(row.hour, 0))
                await self._take(session, row, step)
        return Answer.TAKEN

    async def recheck(self, stripe_meter: str, before: datetime) -> None:
        """Stripe says that it could not count events of a meter that it had taken. Which ones is seen by what it has.
        Raises NotDone, Refused and NoAnswer."""
        name = next((name for name, id in (await self._sink.meters()).items() if id == stripe_meter), None)
        async with self._database.transaction(Scope()) as session:
            rows = (await session.scalars(_taken_lately(before))).all()
        mine = [row for row in rows if event_name(row.meter) == name]
        for organization in sorted({row.organization_id for row in mine}):
            await self._recheck(stripe_meter, [row for row in mine if row.organization_id == organization])

    async def _recheck(self, stripe_meter: str, rows: Sequence[StripeUsage]) -> None:
        organization, hours = rows[0].organization_id, sorted({row.hour for row in rows})
        customer = await self._accounts.of(organization)
        counted = await self._sink.usage_by_hour(stripe_meter, customer, hours[0], hours[-1] + HOUR)
        async with self._database.transaction(Scope(organization=organization)) as session:
            of_hours = await session.scalars(_of_hours(rows, hours))
            sent = [row for row in of_hours if row.state == State.SENT]
            for hour in hours:
                found = [row for row in sent if row.hour == hour]
                places = missing([row.value for row in found], counted.get(hour, 0))
                for place, row in enumerate(found):
                    if places is None or place in places:
                        state = State.DISPUTED if places is None else State.REFUSED
                        row.state, row.last_error = state.value, _TAKEN_AND_LOST

    def _step(self, row: StripeUsage, sent: int, counted: int) -> Step:
        assert row.first_sent_at is not None
        return after_counting(row.value, sent, counted, row.first_sent_at, self._clock.now())

    async def _take(self, session: AsyncSession, row: StripeUsage, step: Step) -> None:
        errors = {State.REPLACED: _NOT_COUNTED, State.DISPUTED: _FITS_NEITHER, State.UNKNOWN: _FITS_NEITHER}
        changed = await session.execute(
            mine(row)
            .values(
                state=step.state.value,
                due_at=step.due,
                claimed_until=None,
                last_error=errors.get(step.state),
            )
            .returning(col(StripeUsage.seq))
        )
        if step.state is State.REPLACED and changed.first() is not None:
            await stand_in_for(session, row, self._clock.now())

    async def _put_off(self, rows: Sequence[StripeUsage], error: str) -> None:
        due = self._clock.now() + HOUR
        async with self._database.transaction(Scope()) as session:
            for row in rows:
                await session.execute(mine(row).values(due_at=due, claimed_until=None, last_error=error))


def mine(row: StripeUsage) -> sa.Update:
    """A change of a row, as long as nobody else has taken it since."""
    return sa.update(StripeUsage).where(
        col(StripeUsage.identifier) == row.identifier, col(StripeUsage.claimed_until) == row.claimed_until
    )


async def stand_in_for(session: AsyncSession, row: StripeUsage, now: datetime) -> None:
    """Another row for what one was about, with the hour's next number."""
    key = (row.organization_id, row.meter, row.hour)
    hour = await session.get(StripeMeterHour, key, with_for_update=True)
    assert hour is not None
    hour.seq += 1
    session.add(usage_row(hour, row.value, now))


def _taken_lately(before: datetime) -> SelectOfScalar[StripeUsage]:
    return select(StripeUsage).where(
        col(StripeUsage.state) == State.SENT.value,
        col(StripeUsage.first_sent_at) > before - _LATELY,
        col(StripeUsage.first_sent_at) <= before,
    )


def _of_hours(rows: Sequence[StripeUsage], hours: Sequence[datetime]) -> SelectOfScalar[StripeUsage]:
    """All events of those hours, also older ones."""
    return (
        select(StripeUsage)
        .where(
            col(StripeUsage.organization_id) == rows[0].organization_id,
            col(StripeUsage.meter) == rows[0].meter,
            col(StripeUsage.hour).in_(hours),
        )
        .order_by(col(StripeUsage.hour), col(StripeUsage.seq))
        .with_for_update()
    )


async def _sent(session: AsyncSession, rows: Sequence[StripeUsage]) -> dict[datetime, int]:
    """What Stripe has surely taken, by hour."""
    total = sa.func.sum(StripeUsage.value)
    found = await session.execute(
        select(StripeUsage.hour, total)
        .where(
            col(StripeUsage.organization_id) == rows[0].organization_id,
            col(StripeUsage.meter) == rows[0].meter,
            col(StripeUsage.hour).in_([row.hour for row in rows]),
            col(StripeUsage.state) == State.SENT.value,
        )
        .group_by(col(StripeUsage.hour))
    )
    return {hour: int(sum) for hour, sum in found}
