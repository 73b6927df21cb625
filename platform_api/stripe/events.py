"""Acts on what Stripe has told, by asking it what is true now: events that come late or twice change nothing then."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

import sqlalchemy as sa
from sqlmodel import col, select

from platform_api.clock import Clock
from platform_api.database.transactions import Database, Scope
from platform_api.stripe.collecting import InvoiceCollection
from platform_api.stripe.gateway import Gateway, NoAnswer, NotDone, Refused
from platform_api.stripe.models import StripeCustomerRow, StripeEvent
from platform_api.stripe.settling import Settling
from platform_api.stripe.told import METER_ERRORS, pause_after

BATCH: Final = 20
CLAIM: Final = timedelta(minutes=10)


class StripeEvents:
    """`database` is that of the workers' role, which knows the customers of all tenants."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        gateway: Gateway,
        settling: Settling,
        invoices: InvoiceCollection,
    ) -> None:
        self._database = database
        self._clock = clock
        self._gateway = gateway
        self._settling = settling
        self._invoices = invoices

    async def make_due(self) -> int:
        """Acts on some of those that are due; on how many."""
        taken = await self._claimed()
        for event in taken:
            await self._act(event)
        return len(taken)

    async def _claimed(self) -> Sequence[StripeEvent]:
        now = self._clock.now()
        free = sa.or_(col(StripeEvent.claimed_until).is_(None), col(StripeEvent.claimed_until) <= now)
        due = (
            select(StripeEvent).where(col(StripeEvent.due_at) <= now, free).order_by(col(StripeEvent.due_at))
        )
        async with self._database.transaction(Scope()) as session:
            found = (await session.scalars(due.limit(BATCH).with_for_update(skip_locked=True))).all()
            for event in found:
                event.claimed_until = now + CLAIM
            return found

    async def _act(self, event: StripeEvent) -> None:
        error, due = None, None
        try:
            await self._look(event)
        except Refused as refused:  # what it is about is gone
            error = str(refused)
        except (NotDone, NoAnswer) as later:
            error, pause = str(later), pause_after(event.attempts + 1)
            due = None if pause is None else self._clock.now() + pause
        mine = sa.update(StripeEvent).where(
            col(StripeEvent.id) == event.id, col(StripeEvent.claimed_until) == event.claimed_until
        )
        made = mine.values(attempts=event.attempts + 1, due_at=due, claimed_until=None, last_error=error)
        async with self._database.transaction(Scope()) as session:
            await session.execute(made)

    async def _look(self, event: StripeEvent) -> None:
        family = event.type.partition(".")[0]
        if event.type == METER_ERRORS:
            await self._settling.recheck(event.object, event.received_at)
        elif family == "checkout":
            await self._use_what_was_set_up(event.object)
        elif family in {"customer", "payment_method"}:
            await self._note_customer(event.object)
        elif family == "invoice":
            await self._invoices.changed_there(event.object)

    async def _use_what_was_set_up(self, id: str) -> None:
        """The method of the newest checkout is the one that is used, in whatever order they are told."""
        session = await self._gateway.checkout_session(id)
        row = None if session.customer is None else await self._row(session.customer)
        if row is None or session.payment_method is None:
            return
        if row.checked_out_at is None or row.checked_out_at < session.created:
            await self._gateway.use_payment_method(row.customer, session.payment_method)
            await self._change(row.customer, checked_out_at=session.created)
        await self._note_customer(row.customer)

    async def _note_customer(self, id: str) -> None:
        row = await self._row(id)
        if row is None:  # it is nobody's of this control plane
            return
        found = await self._gateway.customer(id)
        await self._change(id, payment_method=found.payment_method)
        if found.payment_method not in (None, row.payment_method):
            await self._invoices.look_again(row.organization_id)

    async def _row(self, customer: str) -> StripeCustomerRow | None:
        mine = select(StripeCustomerRow).where(col(StripeCustomerRow.customer) == customer)
        async with self._database.transaction(Scope()) as session:
            return (await session.scalars(mine)).one_or_none()

    async def _change(self, customer: str, **values: object) -> None:
        change = sa.update(StripeCustomerRow).where(col(StripeCustomerRow.customer) == customer)
        async with self._database.transaction(Scope()) as session:
            await session.execute(change.values(**values))
