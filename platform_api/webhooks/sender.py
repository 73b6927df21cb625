"""Makes the deliveries that are due. Any number of workers do so at once; a delivery that one of them had when it was
killed is made again by another."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
import structlog
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select, update

from platform_api.clock import Clock
from platform_api.database.transactions import Database, Scope
from platform_api.keys import ServerKey
from platform_api.webhooks.destinations import Allowed, Resolve
from platform_api.webhooks.models import Webhook, WebhookDelivery
from platform_api.webhooks.posting import GONE, WHOLE_SECONDS, Posted, post
from platform_api.webhooks.schedule import pause_after
from platform_api.webhooks.signing import headers, secret

BATCH = 32
PER_WEBHOOK = 4
"""Of a batch, so that one slow receiver keeps no others waiting."""
CLAIM = timedelta(seconds=4 * WHOLE_SECONDS)
IDLE_SECONDS = 1.0

logger = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Due:
    """A delivery that this worker has claimed, and its webhook."""

    delivery: WebhookDelivery
    webhook: Webhook


class Sender:
    """`database` is that of the workers' role, which sees the deliveries of all tenants."""

    def __init__(
        self,
        database: Database,
        key: ServerKey,
        clock: Clock,
        allowed: Allowed,
        resolve: Resolve | None = None,
    ) -> None:
        self._database = database
        self._key = key
        self._clock = clock
        self._allowed = allowed
        self._resolve = resolve

    async def run(self, stop: asyncio.Event) -> None:
        """Until `stop` is set; what is under way then is finished."""
        while not stop.is_set():
            made = 0
            try:
                made = await self.make_due()
            except Exception as error:  # noqa: BLE001  # the database is away: later
                logger.warning("webhooks could not be sent", error=type(error).__name__)
            if made == 0:
                with_timeout = asyncio.wait_for(stop.wait(), IDLE_SECONDS)
                await asyncio.gather(with_timeout, return_exceptions=True)

    async def make_due(self) -> int:
        """Makes one batch of what is due; how many that were."""
        due = await self._claimed()
        await asyncio.gather(*(self._make(one) for one in due))
        return len(due)

    async def _claimed(self) -> Sequence[Due]:
        now = self._clock.now()
        async with self._database.transaction(Scope()) as session:
            chosen = [row.id for row in await session.execute(_DUE, {"now": now, **_LIMITS})]
            if not chosen:
                return []
            mine = col(WebhookDelivery.id).in_(chosen)
            await session.execute(update(WebhookDelivery).where(mine).values(claimed_until=now + CLAIM))
            rows = await session.execute(
                select(WebhookDelivery, Webhook)
                .join(Webhook, col(Webhook.id) == col(WebhookDelivery.webhook_id))
                .where(mine)
            )
            return [Due(delivery, webhook) for delivery, webhook in rows]

    async def _make(self, due: Due) -> None:
        now = self._clock.now()
        body = json.dumps(due.delivery.payload, separators=(",", ":")).encode()
        signed = headers(due.delivery.id, now, body, self._secrets(due.webhook, now))
        sent = {"Content-Type": "application/json", "User-Agent": "cygni-webhooks/1", **signed}
        posted = await asyncio.to_thread(post, due.webhook.url, body, sent, self._allowed, self._resolve)
        async with self._database.transaction(Scope()) as session:
            await self._note(session, due, posted)

    def _secrets(self, webhook: Webhook, now: datetime) -> list[bytes]:
        """The newest first."""
        found = [secret(self._key, webhook.id, webhook.generation)]
        if webhook.previous_until is not None and now < webhook.previous_until:
            found.append(secret(self._key, webhook.id, webhook.generation - 1))
        return found

    async def _note(self, session: AsyncSession, due: Due, posted: Posted) -> None:
        """Writes down how it went, if it is this worker's still."""
        now = self._clock.now()
        delivery = due.delivery
        attempts = delivery.attempts + 1
        pause = pause_after(attempts, delivery.id, posted.retry_after)
        gone = posted.status == GONE
        again = None if posted.taken or gone or pause is None else now + pause
        await session.execute(
            update(WebhookDelivery)
            .where(col(WebhookDelivery.id) == delivery.id, col(WebhookDelivery.attempts) == delivery.attempts)
            .values(
                attempts=attempts,
                due_at=again,
                claimed_until=None,
                delivered_at=now if posted.taken else None,
                last_status=posted.status,
                last_error=posted.error,
            )
        )
        if gone:
            await session.execute(
                update(Webhook)
                .where(col(Webhook.id) == due.webhook.id, col(Webhook.disabled_at).is_(None))
                .values(disabled_at=now, disabled_because="its receiver answered 410: it is gone")
            )


_LIMITS = {"batch": BATCH, "each": PER_WEBHOOK}
_DUE = sa.text("""
    SELECT delivery.id FROM webhook_deliveries AS delivery JOIN (
        SELECT due.id, row_number() OVER (PARTITION BY due.webhook_id ORDER BY due.due_at) AS place
        FROM webhook_deliveries AS due JOIN webhooks ON webhooks.id = due.webhook_id
        WHERE due.due_at <= :now AND (due.claimed_until IS NULL OR due.claimed_until <= :now)
            AND webhooks.disabled_at IS NULL
    ) AS ranked USING (id)
    WHERE ranked.place <= :each AND delivery.due_at <= :now
        AND (delivery.claimed_until IS NULL OR delivery.claimed_until <= :now)
    ORDER BY delivery.due_at LIMIT :batch FOR UPDATE OF delivery SKIP LOCKED
""").columns(id=sa.Uuid)
"""What is due, a few of each webhook; those that other workers are taking are left to them."""
