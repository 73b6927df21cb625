"""Makes the deliveries of an outbox that are due. Any number of workers do so at once; a delivery that one of them had
when it was killed is made again by another."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Generic, TypeVar

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select, update

from platform_api.clock import Clock
from platform_api.database.transactions import Database, Scope
from platform_api.outbox.models import Delivery, Recipient
from platform_api.outbox.schedule import pause_after
from platform_api.repeating import repeat

BATCH = 32
PER_RECIPIENT = 4
"""Of a batch, so that one slow recipient keeps no others waiting."""
ATTEMPT_SECONDS = 25.0
"""After which an attempt is broken off."""
CLAIM = timedelta(seconds=4 * ATTEMPT_SECONDS)

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

    @abstractmethod
    async def attempt(self, delivery: DeliveryT, recipient: RecipientT) -> Attempt:
        """Makes one, outside any transaction, in `ATTEMPT_SECONDS` at most."""

    async def run(self, stop: asyncio.Event) -> None:
        """Until `stop` is set; what is under way then is finished."""
        await repeat(self.make_due, stop, f"deliveries of {self._recipients.__tablename__}")

    async def make_due(self) -> int:
        """Makes one batch of what is due; how many that were."""
        due = await self._claimed()
        await asyncio.gather(*(self._make(delivery, recipient) for delivery, recipient in due))
        return len(due)

    async def _claimed(self) -> Sequence[tuple[DeliveryT, RecipientT]]:
        now = self._clock.now()
        limits = {"now": now, "batch": BATCH, "each": PER_RECIPIENT}
        async with self._database.transaction(Scope()) as session:
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

    async def _make(self, delivery: DeliveryT, recipient: RecipientT) -> None:
        made = await self.attempt(delivery, recipient)
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
    """What is due, a few of each recipient; those that other workers are taking are left to them."""
    query = f"""
        SELECT delivery.id FROM {deliveries} AS delivery JOIN (
            SELECT due.id, row_number() OVER (PARTITION BY due.{key} ORDER BY due.due_at) AS place
            FROM {deliveries} AS due JOIN {recipients} AS recipient ON recipient.id = due.{key}
            WHERE due.due_at <= :now AND (due.claimed_until IS NULL OR due.claimed_until <= :now)
                AND recipient.disabled_at IS NULL
        ) AS ranked USING (id)
        WHERE ranked.place <= :each AND delivery.due_at <= :now
            AND (delivery.claimed_until IS NULL OR delivery.claimed_until <= :now)
        ORDER BY delivery.due_at LIMIT :batch FOR UPDATE OF delivery SKIP LOCKED
    """  # noqa: S608  # names of tables and of a column, none of them from outside
    return sa.text(query).columns(id=sa.Uuid)
