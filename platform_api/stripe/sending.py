"""Sends the outbox of meter events. Any number of workers do so at once: a row that one of them had when it was killed
is sent again under the same identifier, or looked up where that is too late."""

from __future__ import annotations

import asyncio
import itertools
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa
import structlog
from sqlmodel import col, select

from platform_api.clock import Clock
from platform_api.database.transactions import Database, Scope
from platform_api.stripe.accounts import CustomerAccounts, MeterIds
from platform_api.stripe.gateway import KnownAlready, MeterEvent, NoAnswer, NotDone, Refused, UsageSink
from platform_api.stripe.meter_events import (
    Answer,
    State,
    Step,
    after_attempt,
    event_name,
    is_looked_up,
    may_send,
    moment,
    unsent,
)
from platform_api.stripe.models import StripeUsage
from platform_api.stripe.settling import Settling, mine

BATCH: Final = 200
AT_ONCE: Final = 8
"""Streams of one meter of one customer: Stripe takes one event of each at a time."""
CLAIM: Final = timedelta(minutes=15)
GIVEN_UP_AFTER: Final = 16
"""Attempts one after the other without an answer: the rest of the batch waits."""
_PAUSES: Final = tuple(timedelta(minutes=one) for one in (1, 2, 5, 15, 30, 60))

logger = structlog.get_logger()

# One of an hour after the other: what Stripe has counted for it tells then of at most one whether it is in it.
_DUE: Final = sa.text(
    """
    SELECT organization_id, meter, hour, seq FROM stripe_usage AS row
    WHERE due_at <= :now AND (claimed_until IS NULL OR claimed_until <= :now)
        AND NOT EXISTS (
            SELECT FROM stripe_usage AS before
            WHERE before.organization_id = row.organization_id AND before.meter = row.meter
                AND before.hour = row.hour AND before.seq < row.seq AND before.state IN ('waiting', 'unknown'))
    ORDER BY due_at, organization_id, meter, hour, seq LIMIT :batch FOR UPDATE OF row SKIP LOCKED
    """
)


@dataclass(frozen=True, slots=True)
class Taken:
    """A row that this worker has; `before` is the state it had. It is sent, or looked up."""

    row: StripeUsage
    before: State
    is_looked_up: bool

    @classmethod
    def of(cls, row: StripeUsage, now: datetime) -> Taken:
        before = State(row.state)
        return cls(row, before, is_looked_up(before, row.first_sent_at, now))


class UsageSender:
    """`database` is that of the workers' role, which sees the outbox of all tenants."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        sink: UsageSink,
        accounts: CustomerAccounts,
        meters: MeterIds,
        settling: Settling,
    ) -> None:
        self._database = database
        self._clock = clock
        self._sink = sink
        self._accounts = accounts
        self._meters = meters
        self._settling = settling
        self._silent = 0
        self._resume: datetime | None = None

    async def make_due(self) -> int:
        """Sends, or looks up, one batch of what is due; how many rows that were. None while Stripe is silent."""
        now = self._clock.now()
        if self._resume is not None and now < self._resume:
            return 0
        taken = await self._claimed(now)
        round = _Round()
        streams = _streams([one for one in taken if not one.is_looked_up])
        room = asyncio.Semaphore(AT_ONCE)
        await asyncio.gather(*(self._stream(stream, round, room) for stream in streams))
        for group in _streams([one for one in taken if one.is_looked_up]):
            round.note(await self._settling.settle([one.row for one in group]))
        self._note_silence(round, now)
        return len(taken)

    async def _claimed(self, now: datetime) -> Sequence[Taken]:
        """From here on each may be counted, whatever becomes of this process: that is written down first."""
        async with self._database.transaction(Scope()) as session:
            keys = [tuple(row) for row in await session.execute(_DUE, {"now": now, "batch": BATCH})]
            if not keys:
                return []
            key = sa.tuple_(
                col(StripeUsage.organization_id),
                col(StripeUsage.meter),
                col(StripeUsage.hour),
                col(StripeUsage.seq),
            )
            rows = (await session.scalars(select(StripeUsage).where(key.in_(keys)))).all()
            taken = [Taken.of(row, now) for row in rows]
            for one in taken:
                one.row.claimed_until = now + CLAIM
                if not one.is_looked_up:
                    one.row.state = State.UNKNOWN.value
                    one.row.first_sent_at = one.row.first_sent_at or now
            return taken

    async def _stream(self, stream: Sequence[Taken], round: _Round, room: asyncio.Semaphore) -> None:
        async with room:
            for one in stream:
                if round.given_up:
                    await self._put_back(one)
                else:
                    await self._send(one, round)

    async def _send(self, one: Taken, round: _Round) -> None:
        row = one.row
        assert row.first_sent_at is not None
        if not may_send(row.hour, row.first_sent_at, self._clock.now()):
            await self._write(one, unsent(one.before, row.first_sent_at), "it is too late to send it")
            return
        answer, error, asked = Answer.TAKEN, None, None
        try:
            await self._attempt(row)
        except KnownAlready:
            pass  # an attempt before, whose answer was lost
        except Refused as refused:
            answer, error = Answer.REFUSED, str(refused)
        except NotDone as not_done:
            answer, error, asked = Answer.NOT_DONE, str(not_done), not_done.retry_after
        except NoAnswer as silence:
            answer, error = Answer.NONE, str(silence)
        round.note(answer)
        row.attempts += 1
        step = after_attempt(one.before, answer, row.attempts, row.first_sent_at, self._clock.now(), asked)
        await self._write(one, step, error)

    async def _attempt(self, row: StripeUsage) -> None:
        try:
            customer = await self._accounts.of(row.organization_id)
            await self._meters.id_of(row.meter)
        except (NoAnswer, Refused) as error:  # of these: the event was not sent
            raise NotDone(str(error)) from error
        name = event_name(row.meter)
        event = MeterEvent(name, customer, row.value, moment(row.hour), row.identifier)
        await self._sink.send_usage(event)

    async def _put_back(self, one: Taken) -> None:
        """As it was: nothing was sent."""
        step = Step(one.before, self._clock.now() + timedelta(minutes=1))
        await self._write(one, step, one.row.last_error)

    async def _write(self, one: Taken, step: Step, error: str | None) -> None:
        row = one.row
        values: dict[str, object] = {
            "state": step.state.value, "due_at": step.due, "claimed_until": None, "attempts": row.attempts,
            "last_error": error,
        }  # fmt: skip
        if step.state is State.WAITING:
            values["first_sent_at"] = None
        async with self._database.transaction(Scope()) as session:
            await session.execute(mine(row).values(**values))

    def _note_silence(self, round: _Round, now: datetime) -> None:
        if round.heard:
            self._silent, self._resume = 0, None
        elif round.tried:
            self._resume = now + _PAUSES[min(self._silent, len(_PAUSES) - 1)]
            self._silent += 1
            logger.warning("stripe does not answer", again_at=self._resume.isoformat())


class _Round:
    """What was heard of Stripe while a batch was sent."""

    def __init__(self) -> None:
        self.heard = False
        self.tried = 0
        self._in_a_row = 0

    @property
    def given_up(self) -> bool:
        return self._in_a_row >= GIVEN_UP_AFTER

    def note(self, answer: Answer) -> None:
        self.tried += 1
        silent = answer in {Answer.NONE, Answer.NOT_DONE}
        self._in_a_row = self._in_a_row + 1 if silent else 0
        self.heard = self.heard or not silent


def _streams(taken: Sequence[Taken]) -> list[list[Taken]]:
    def stream(one: Taken) -> tuple[uuid.UUID, str]:
        return one.row.organization_id, one.row.meter

    ordered = sorted(taken, key=lambda one: (*stream(one), one.row.hour, one.row.seq))
    return [list(found) for _, found in itertools.groupby(ordered, stream)]
