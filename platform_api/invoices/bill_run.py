"""Takes invoices on as their time comes: makes drafts, waits for late usage, bills, and tells who is late to pay.

Any number of workers run it. One step of one invoice is one transaction, of which there is one at a time: it has the
table of numbers, which have no gaps. A worker that is killed leaves the step to be done, and nothing of it.
"""

from __future__ import annotations

import asyncio
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
import structlog
from psycopg.errors import LockNotAvailable
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from cygni.billing.invoices import InvoiceState, canonical_bytes, digest
from cygni.billing.periods import Period
from cygni.errors import CygniError
from platform_api.clock import Clock
from platform_api.database.transactions import Database, Scope, enter
from platform_api.invoices.announcing import announce_invoice, tell_of_invoice
from platform_api.invoices.composing import Composed, Composing
from platform_api.invoices.documents import Heading, invoice_document
from platform_api.invoices.drafts import subscribed_to
from platform_api.invoices.models import BilledAmount, BilledPeriod, CreditUsed, InvoiceRow
from platform_api.invoices.numbers import INVOICES, next_number
from platform_api.invoices.repository import Invoices
from platform_api.invoices.steps import DUE_AFTER, first_period, grace_of, state_after_final
from platform_api.organizations.models import Organization
from platform_api.repeating import repeat
from platform_api.subscriptions.models import SubscriptionRow
from platform_api.subscriptions.repository import Subscribed

AGAIN_AFTER = timedelta(minutes=5)
"""An invoice that could not be taken on holds up no others."""

# Taken before the transaction sees anything: whoever had it before has committed then. Requests that number credit
# notes wait for it.
_ALONE = sa.text("LOCK TABLE invoice_numbers IN SHARE ROW EXCLUSIVE MODE NOWAIT")
_OF_ONE_STATE = "REPEATABLE READ"

logger = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Taken:
    """What a bill run works on."""

    organization: uuid.UUID
    invoice: uuid.UUID


class BillRun:
    """`database` is that of the workers' role."""

    def __init__(self, database: Database, clock: Clock, due_after: timedelta = DUE_AFTER) -> None:
        self._database = database
        self._clock = clock
        self._due_after = due_after

    async def run(self, stop: asyncio.Event) -> None:
        """Until `stop` is set."""
        await repeat(self.make_due, stop, "invoices")

    async def make_due(self) -> int:
        """Takes on the invoice that is due first, or makes the first one of a subscription; how many it took on."""
        async with self._database.transaction(Scope()) as session:
            if await _new_subscription(session) is None and await _due(session, self._clock.now()) is None:
                return 0
        taken: list[Taken] = []
        try:
            async with self._database.transaction(Scope(), isolation=_OF_ONE_STATE) as session:
                await session.execute(_ALONE)
                await self._step(session, taken)
        except DBAPIError as error:
            if isinstance(error.orig, LockNotAvailable):
                return 0
            raise
        except (CygniError, ArithmeticError, LookupError, ValueError):
            if not taken:
                raise
            logger.exception("an invoice could not be taken on", invoice=str(taken[0].invoice))
            await self._put_off(taken[0])
        return 1

    async def _step(self, session: AsyncSession, taken: list[Taken]) -> None:
        now = self._clock.now()
        new = await _new_subscription(session)
        if new is not None:
            await enter(session, Scope(organization=new.organization_id))
            subscribed = await subscribed_to(session, new.organization_id, new.id)
            _add_draft(session, new.organization_id, subscribed, first_period(subscribed.subscription), now)
            return
        due = await _due(session, now)
        if due is None:
            return
        taken.append(Taken(due.organization_id, due.id))
        await enter(session, Scope(organization=due.organization_id))
        row = await Invoices(session, due.organization_id).existing(due.id, for_update=True)
        match InvoiceState(row.state):
            case InvoiceState.DRAFT:
                await self._to_grace(session, row, now)
            case InvoiceState.GRACE:
                await self._to_its_end(session, row, now)
            case InvoiceState.FINAL:
                _change(row, InvoiceState.OVERDUE, None)
                await announce_invoice(session, row, "overdue", now)
            case state:
                raise AssertionError(f"nothing comes after {state} by itself")

    async def _to_grace(self, session: AsyncSession, row: InvoiceRow, now: datetime) -> None:
        """The next one begins. After the end of a subscription there is one as soon as something came late."""
        subscribed = await subscribed_to(session, row.organization_id, row.subscription_id)
        subscription, number = subscribed.subscription, row.period_number
        if not subscription.segments(row.period):
            composed = await Composing(session, row.organization_id, subscribed).compose(number)
            if composed.is_empty:
                _move(row, number + 1, subscription.cycle.period(number + 1))
                return
        _change(row, InvoiceState.GRACE, row.period_end + grace_of(subscription, row.period))
        _add_draft(session, row.organization_id, subscribed, number + 1, now)

    async def _to_its_end(self, session: AsyncSession, row: InvoiceRow, now: datetime) -> None:
        subscribed = await subscribed_to(session, row.organization_id, row.subscription_id)
        first, *_ = await Invoices(session, row.organization_id).open(row.subscription_id)
        if first.id != row.id:  # an earlier one waits for late usage still
            _change(row, InvoiceState.GRACE, max(now, first.step_at or now) + timedelta(seconds=1))
            return
        composed = await Composing(session, row.organization_id, subscribed).compose(row.period_number)
        await self._bill(session, row, composed, now)

    async def _bill(self, session: AsyncSession, row: InvoiceRow, composed: Composed, now: datetime) -> None:
        made = composed.invoice
        organization = await session.get_one(Organization, row.organization_id)
        due = now + self._due_after
        await _keep(session, row, composed)
        row.number = await next_number(session, INVOICES, now)
        whose = organization.slug, organization.name
        heading = Heading(row.id, row.subscription_id, *whose, row.number, now, due)
        document = invoice_document(heading, made)
        row.document, row.content, row.digest = document, canonical_bytes(document), digest(document)
        row.subtotal, row.carried, row.total = made.subtotal, made.carried, made.total
        row.finalized_at, row.due_at = now, due
        state = state_after_final(made.total)
        row.paid_at = now if state is InvoiceState.PAID else None
        _change(row, state, None if state is InvoiceState.PAID else due)
        await announce_invoice(session, row, "finalized", now)
        await tell_of_invoice(session, row, now)
        if state is InvoiceState.PAID:
            await announce_invoice(session, row, "paid", now)

    async def _put_off(self, taken: Taken) -> None:
        async with self._database.transaction(Scope(organization=taken.organization)) as session:
            row = await Invoices(session, taken.organization).existing(taken.invoice, for_update=True)
            row.step_at = self._clock.now() + AGAIN_AFTER


async def _new_subscription(session: AsyncSession) -> SubscriptionRow | None:
    """One that has no invoice yet, not even a draft."""
    has_one = sa.exists().where(col(InvoiceRow.subscription_id) == col(SubscriptionRow.id))
    asked = select(SubscriptionRow).where(~has_one)
    return (await session.scalars(asked.order_by(col(SubscriptionRow.id)).limit(1))).first()


async def _due(session: AsyncSession, now: datetime) -> InvoiceRow | None:
    asked = select(InvoiceRow).where(col(InvoiceRow.step_at) <= now)
    in_order = asked.order_by(col(InvoiceRow.step_at), col(InvoiceRow.id))
    return (await session.scalars(in_order.limit(1))).first()


def _add_draft(
    session: AsyncSession, organization: uuid.UUID, subscribed: Subscribed, number: int, now: datetime
) -> None:
    period = subscribed.subscription.cycle.period(number)
    session.add(
        InvoiceRow(
            organization_id=organization,
            subscription_id=subscribed.id,
            period_number=number,
            period_start=period.start,
            period_end=period.end,
            currency=subscribed.subscription.currency,
            step_at=period.end,
            created_at=now,
        )
    )


def _move(row: InvoiceRow, number: int, period: Period) -> None:
    row.period_number, row.period_start, row.period_end = number, period.start, period.end
    _change(row, InvoiceState.DRAFT, period.end)


def _change(row: InvoiceRow, state: InvoiceState, step_at: datetime | None) -> None:
    row.state, row.step_at = state.value, step_at
    row.version += 1


async def _keep(session: AsyncSession, row: InvoiceRow, composed: Composed) -> None:
    """What was billed for which period, and which credits paid for it."""
    of = {"organization_id": row.organization_id, "invoice_id": row.id}
    session.add_all(BilledPeriod(**of, period_number=one, seen=seen) for one, seen in composed.seen.items())
    await session.flush()
    session.add_all(
        BilledAmount(**of, period_number=one.period, key=one.key, name=one.name, amount=one.amount)
        for one in composed.amounts
    )
    session.add_all(
        CreditUsed(**of, grant_id=uuid.UUID(one.grant), amount=one.amount) for one in composed.invoice.credits
    )
