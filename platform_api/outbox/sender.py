"""Makes the deliveries of an outbox that are due. Any number of workers do so at once; a delivery that one of them had
when it was killed is made again by another."""

from __future__ import annotations

import asyncio
import traceback
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any, Generic, ParamSpec, TypeVar

import sqlalchemy as sa
import structlog
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select, update

from platform_api.clock import Clock
from platform_api.database.transactions import AWAY, Database, Scope
from platform_api.outbox.models import Delivery, Recipient
from platform_api.outbox.schedule import pause_after
from platform_api.repeating import IDLE_SECONDS, repeat

BATCH = 32
"""Under way at once, each in a thread of its own."""
PER_RECIPIENT, PER_ORGANIZATION = 4, 8
"""Of those, so that slow recipients keep no others waiting."""
ATTEMPT_SECONDS = 25.0
"""After which an attempt is broken off."""
CLAIM = timedelta(seconds=4 * ATTEMPT_SECONDS)
_BREATH = 0.05
"""Seconds, so that those that end together are followed by one look."""

logger = structlog.get_logger()
Given = ParamSpec("Given")
Result = TypeVar("Result")
DeliveryT = TypeVar("DeliveryT", bound=Delivery)
RecipientT = TypeVar("RecipientT", bound=Recipient)


@dataclass(frozen=True, slots=True)
class Attempt:
    """How one went. `status` is what was answered, `taken` whether that says yes, `error` for people. `over`: another
    attempt would go no better; `gone`: nor would that of any other delivery, for this reason."""

    status: int | None
    taken: bool
    error: str | None = None
    retry_after: timedelta | None = None
    over: bool = False
    gone: str | None = None


class OutboxSender(ABC, Generic[DeliveryT, RecipientT]):
    """`database` is that of the workers' role, which sees the deliveries of all tenants. `key` is the column of
    `deliveries` that names the recipient."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        deliveries: type[DeliveryT],
        recipients: type[RecipientT],
        key: str,
    ) -> None:
        self._database = database
        self._clock = clock
        self._deliveries = deliveries
        self._recipients = recipients
        self._key = col(getattr(deliveries, key))
        self._due = _due(str(deliveries.__tablename__), str(recipients.__tablename__), key)
        self._what = f"deliveries of {recipients.__tablename__}"
        self._making: set[asyncio.Task[None]] = set()
        # The loop's own threads are few, and whoever else needs one would wait for slow recipients.
        self._threads = ThreadPoolExecutor(BATCH, thread_name_prefix="outbox")

    @abstractmethod
    async def attempt(self, delivery: DeliveryT, recipient: RecipientT) -> Attempt:
        """Makes one, outside any transaction, in `ATTEMPT_SECONDS` at most."""

    async def in_thread(
        self, work: Callable[Given, Result], /, *args: Given.args, **kwargs: Given.kwargs
    ) -> Result:
        """What `work` gives, in a thread of this sender."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, partial(work, *args, **kwargs))

    async def run(self, stop: asyncio.Event) -> None:
        """Until `stop` is set; what is under way then is finished."""
        await repeat(self._go_on, stop, self._what)
        if self._making:
            await asyncio.wait(self._making)
        self._threads.shutdown(wait=False)

    async def make_due(self) -> int:
        """Makes what is due, as much as may be under way at once; how many that were."""
        begun = await self._begin_due()
        await asyncio.gather(*begun)
        return len(begun)

    async def _go_on(self) -> int:
        """Begins what is due as soon as there is room; 0 where there was nothing to do."""
        if len(self._making) < BATCH and (begun := await self._begin_due()):
            return len(begun)
        if not self._making:
            return 0
        await asyncio.wait(self._making, timeout=IDLE_SECONDS, return_when=asyncio.FIRST_COMPLETED)
        await asyncio.sleep(_BREATH)
        return 1

    async def _begin_due(self) -> Sequence[asyncio.Task[None]]:
        begun = [asyncio.create_task(self._make(*one)) for one in await self._claimed()]
        for task in begun:
            self._making.add(task)
            task.add_done_callback(self._ended)
        return begun

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._making.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            # The database is away: it is made again when nobody has a claim to it any more.
            logger.warning("work could not be done", work=self._what, error=type(error).__name__)

    async def _claimed(self) -> Sequence[tuple[DeliveryT, RecipientT]]:
        now = self._clock.now()
        limits = {
            "now": now,
            "room": BATCH - len(self._making),
            "each": PER_RECIPIENT,
            "of_one": PER_ORGANIZATION,
        }
        async with self._database.transaction(Scope()) as session:
            await session.execute(self._end_of_those_switched_off())
            chosen = [row.id for row in await session.execute(self._due, limits)]
            if not chosen:
                return []
            mine = col(self._deliveries.id).in_(chosen)
            await session.execute(update(self._deliveries).where(mine).values(claimed_until=now + CLAIM))
            asked: Any = select(self._deliveries, self._recipients)
            rows = await session.execute(
                asked.join(self._recipients, col(self._recipients.id) == self._key).where(mine)
            )
            return [(delivery, recipient) for delivery, recipient in rows]

    def _end_of_those_switched_off(self) -> sa.Update:
        """What waits for a recipient that is off: kept, it would all be sent when that is on again, however late."""
        off = select(self._recipients.id).where(col(self._recipients.disabled_at).is_not(None))
        waiting = update(self._deliveries).where(
            col(self._deliveries.due_at).is_not(None), self._key.in_(off)
        )
        ended = waiting.values(due_at=None, claimed_until=None, last_error="its recipient was switched off")
        return ended.execution_options(synchronize_session=False)

    async def _make(self, delivery: DeliveryT, recipient: RecipientT) -> None:
        try:
            made = await self.attempt(delivery, recipient)
        except AWAY:
            raise
        except Exception as error:  # noqa: BLE001  # it counts, or it would be made for ever
            # Nothing of its text is told: that may have a password in it.
            last = traceback.extract_tb(error.__traceback__)[-1]
            name, where = type(error).__name__, f"{last.filename}:{last.lineno}"
            logger.warning("a delivery failed", work=self._what, id=str(delivery.id), error=name, at=where)
            made = Attempt(
                None, taken=False, error=f"it could not be sent ({name}); the worker's log tells more"
            )
        async with self._database.transaction(Scope()) as session:
            await self._note(session, delivery, recipient, made)

    async def _note(
        self, session: AsyncSession, delivery: DeliveryT, recipient: RecipientT, made: Attempt
    ) -> None:
        """Writes down how it went, if it is this worker's still."""
        now = self._clock.now()
        attempts = delivery.attempts + 1
        pause = pause_after(attempts, delivery.id, made.retry_after)
        ended = made.taken or made.over or made.gone is not None or pause is None
        rows = self._deliveries
        await session.execute(
            update(rows)
            .where(col(rows.id) == delivery.id, col(rows.attempts) == delivery.attempts)
            .values(
                attempts=attempts,
                due_at=None if ended or pause is None else now + pause,
                claimed_until=None,
                delivered_at=now if made.taken else None,
                last_status=made.status,
                last_error=made.error,
            )
        )
        if made.gone is not None:
            await session.execute(
                update(self._recipients)
                .where(col(self._recipients.id) == recipient.id, col(self._recipients.disabled_at).is_(None))
                .values(disabled_at=now, disabled_because=made.gone)
            )


def _due(deliveries: str, recipients: str, key: str) -> Any:
    """What is due, a few of each recipient and organization with those that are under way, anywhere; those that other
    workers are taking are left to them. Organizations that have few under way come first."""
    query = f"""
        WITH due AS (
            SELECT delivery.id, delivery.organization_id, delivery.{key}, delivery.due_at,
                coalesce(delivery.claimed_until > :now, false) AS under_way
            FROM {deliveries} AS delivery JOIN {recipients} AS recipient ON recipient.id = delivery.{key}
            WHERE delivery.due_at <= :now AND recipient.disabled_at IS NULL
        ), placed AS (
            SELECT *, row_number() OVER (PARTITION BY {key} ORDER BY under_way DESC, due_at) AS place FROM due
        ), ranked AS (
            SELECT id, under_way,
                row_number() OVER (PARTITION BY organization_id ORDER BY under_way DESC, place, due_at) AS rank
            FROM placed WHERE place <= :each
        )
        SELECT delivery.id FROM {deliveries} AS delivery JOIN ranked USING (id)
        WHERE NOT ranked.under_way AND ranked.rank <= :of_one AND delivery.due_at <= :now
            AND (delivery.claimed_until IS NULL OR delivery.claimed_until <= :now)
        ORDER BY ranked.rank, delivery.due_at LIMIT :room FOR UPDATE OF delivery SKIP LOCKED
    """  # noqa: S608  # names of tables and of a column, none of them from outside
    return sa.text(query).columns(id=sa.Uuid)
