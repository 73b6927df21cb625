"""Has Stripe collect invoices that are final, and learns what came of it. Each step is found again from what both sides
have, so it does not matter where the one before was broken off."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa
from sqlmodel import col, select

from cygni.billing.invoices import InvoiceState
from cygni.errors import CygniError
from platform_api.accounts.models import MOMENT
from platform_api.clock import Clock
from platform_api.database.transactions import Database, Scope
from platform_api.invoices import changes
from platform_api.invoices.announcing import announce_invoice
from platform_api.invoices.models import CreditNote, InvoiceRow
from platform_api.invoices.repository import Invoices, known
from platform_api.stripe.accounts import CustomerAccounts
from platform_api.stripe.gateway import Gateway, NoAnswer, NotDone, Refused, StripeInvoice
from platform_api.stripe.invoice_lines import (
    Step,
    credit_lines,
    credited,
    days_until_due,
    lines,
    next_step,
    units,
)
from platform_api.stripe.models import StripeInvoiceRow
from platform_api.stripe.told import pause_after

EVERY: Final = timedelta(minutes=1)
BATCH: Final = 10
CLAIM: Final = timedelta(minutes=15)
REFUSED_AGAIN: Final = timedelta(hours=25)
"""Until a step is tried again that Stripe refused: somebody may have mended there what was wrong. Stripe gives the
answer to an idempotency key again for a day."""
_TAKE_CREDIT: Final = frozenset({"open", "paid"})

_NEW: Final = sa.text(
    """
    INSERT INTO stripe_invoices (organization_id, invoice_id, attempts, due_at)
    SELECT organization_id, id, 0, :now FROM invoices
    WHERE state IN ('final', 'overdue') AND total > 0
        AND NOT EXISTS (SELECT FROM stripe_invoices WHERE invoice_id = invoices.id)
    ON CONFLICT DO NOTHING
    """
)
_CHANGED_HERE: Final = sa.text(
    """
    UPDATE stripe_invoices SET due_at = :now FROM invoices
    WHERE id = invoice_id AND stripe_invoices.due_at IS NULL AND status IN ('open', 'paid')
        AND invoices.version IS DISTINCT FROM stripe_invoices.version
    """
)


class InvoiceCollection:
    """`database` is that of the workers' role."""

    def __init__(
        self, database: Database, clock: Clock, gateway: Gateway, accounts: CustomerAccounts
    ) -> None:
        self._database = database
        self._clock = clock
        self._gateway = gateway
        self._accounts = accounts
        self._next: datetime | None = None

    async def make_due(self) -> int:
        """Takes some of those on that are due; how many."""
        now = self._clock.now()
        if self._next is None or now >= self._next:
            self._next = now + EVERY
            await self._look_here(now)
        taken = await self._claimed(now)
        for row in taken:
            await self._take_on(row)
        return len(taken)

    async def look_again(self, organization: uuid.UUID) -> None:
        """How the organisation pays has changed, so what went wrong with its invoices may go well now."""
        failed = sa.update(StripeInvoiceRow).where(
            col(StripeInvoiceRow.organization_id) == organization,
            col(StripeInvoiceRow.last_error).is_not(None),
        )
        async with self._database.transaction(Scope()) as session:
            await session.execute(failed.values(due_at=self._clock.now()))

    async def changed_there(self, stripe_invoice: str) -> None:
        """Stripe says that it did: what it has is asked for when its turn comes."""
        mine = sa.update(StripeInvoiceRow).where(col(StripeInvoiceRow.stripe_invoice) == stripe_invoice)
        async with self._database.transaction(Scope()) as session:
            await session.execute(mine.values(due_at=self._clock.now()))

    async def _look_here(self, now: datetime) -> None:
        async with self._database.transaction(Scope()) as session:
            await session.execute(_NEW, {"now": now})
            await session.execute(_CHANGED_HERE, {"now": now})

    async def _claimed(self, now: datetime) -> Sequence[StripeInvoiceRow]:
        claimed = col(StripeInvoiceRow.claimed_until)
        due = select(StripeInvoiceRow).where(
            col(StripeInvoiceRow.due_at) <= now, sa.or_(claimed.is_(None), claimed <= now)
        )
        async with self._database.transaction(Scope()) as session:
            ordered = due.order_by(col(StripeInvoiceRow.due_at)).limit(BATCH)
            found = (await session.scalars(ordered.with_for_update(skip_locked=True))).all()
            for row in found:
                row.claimed_until = now + CLAIM
            return found

    async def _take_on(self, row: StripeInvoiceRow) -> None:
        ours, theirs, error, due, attempts = None, None, None, None, 0
        try:
            ours, notes = await self._ours(row)
            theirs = await self._step(row, ours, notes)
        except Refused as refused:
            error, due = str(refused), self._clock.now() + REFUSED_AGAIN
        except (ValueError, CygniError) as wrong:
            error = str(wrong)
        except (NotDone, NoAnswer) as later:
            attempts, error = row.attempts + 1, str(later)
            pause = pause_after(attempts)
            due = self._clock.now() + (pause or timedelta(days=1))
        same = col(StripeInvoiceRow.due_at) == row.due_at  # else Stripe has told something meanwhile
        after = sa.case((same, sa.literal(due, MOMENT)), else_=col(StripeInvoiceRow.due_at))
        values: dict[str, object] = {
            "claimed_until": None, "due_at": after, "last_error": error, "attempts": attempts
        }  # fmt: skip
        if ours is not None:
            values["version"] = ours.version
        if theirs is not None:
            values |= {"stripe_invoice": theirs.id, "status": theirs.status}
        mine = sa.update(StripeInvoiceRow).where(
            col(StripeInvoiceRow.invoice_id) == row.invoice_id,
            col(StripeInvoiceRow.claimed_until) == row.claimed_until,
        )
        async with self._database.transaction(Scope()) as session:
            await session.execute(mine.values(**values))

    async def _step(
        self, row: StripeInvoiceRow, ours: InvoiceRow, notes: Sequence[CreditNote]
    ) -> StripeInvoice | None:
        """Raises NotDone, Refused and NoAnswer, and ValueError for amounts that do not come to the same."""
        customer = await self._accounts.of(row.organization_id)
        if row.stripe_invoice is None:
            theirs = await self._gateway.find_invoice(customer, row.invoice_id)
        else:
            theirs = await self._gateway.invoice(row.stripe_invoice)
        if notes and theirs is not None and theirs.status in _TAKE_CREDIT:
            theirs = await self._credit(theirs, notes)
        step = next_step(InvoiceState(ours.state), None if theirs is None else theirs.status)
        if step is Step.PUSH:
            return await self._push(ours, notes, customer, theirs)
        if theirs is None:
            return None
        if step is Step.PAY_THERE:
            return await self._gateway.paid_elsewhere(theirs.id)
        if step is Step.VOID_THERE:
            return await self._gateway.void(theirs.id)
        await self._change_here(row, step, failed=theirs.failed)
        return theirs

    async def _credit(self, theirs: StripeInvoice, notes: Sequence[CreditNote]) -> StripeInvoice:
        """Tells Stripe of those that it does not have, neither as a line nor by themselves."""
        there = {*await self._gateway.lines(theirs.id), *await self._gateway.credited(theirs.id)}
        for note in notes:
            if note.number not in there:
                await self._gateway.credit(theirs.id, credited(note, theirs.status))
        return await self._gateway.invoice(theirs.id)

    async def _push(
        self, ours: InvoiceRow, notes: Sequence[CreditNote], customer: str, draft: StripeInvoice | None
    ) -> StripeInvoice:
        assert ours.document is not None
        assert ours.due_at is not None
        wanted = lines(ours.document)
        total = units(known(ours.total), ours.currency)
        if sum(line.amount for line in wanted) != total:
            raise ValueError("the lines of the invoice do not add up to its total")
        less = credit_lines(notes, ours.currency, ours.document["period"])
        wanted, total = [*wanted, *less], total + sum(line.amount for line in less)
        if draft is None:
            method = (await self._gateway.customer(customer)).payment_method
            days = None if method else days_until_due(ours.due_at, self._clock.now())
            draft = await self._gateway.create_invoice(customer, ours.id, ours.currency, days)
        there = set(await self._gateway.lines(draft.id))
        for line in wanted:
            if line.key not in there:
                await self._gateway.add_line(customer, draft, line)
        made = await self._gateway.invoice(draft.id)
        if made.total != total:
            raise ValueError(
                f"Stripe makes it {made.total} in place of {total}, and is not told to collect it"
            )
        return await self._gateway.finalize(draft.id)

    async def _change_here(self, row: StripeInvoiceRow, step: Step, *, failed: bool) -> None:
        now = self._clock.now()
        async with self._database.transaction(Scope(organization=row.organization_id)) as session:
            invoices = Invoices(session, row.organization_id)
            ours = await invoices.existing(row.invoice_id, for_update=True)
            if next_step(InvoiceState(ours.state), "paid") is not Step.PAY_HERE:
                return  # somebody has paid or voided it here since
            if step is Step.PAY_HERE:
                await changes.pay(session, ours, now)
            elif step is Step.VOID_HERE:
                await changes.void(session, ours, await invoices.notes([ours.id]), now)
            elif failed and row.failed_at is None:
                kept = await session.get_one(StripeInvoiceRow, row.invoice_id)
                kept.failed_at = now
                await announce_invoice(session, ours, "payment_failed", now)

    async def _ours(self, row: StripeInvoiceRow) -> tuple[InvoiceRow, Sequence[CreditNote]]:
        async with self._database.transaction(Scope(organization=row.organization_id)) as session:
            invoices = Invoices(session, row.organization_id)
            return await invoices.existing(row.invoice_id), await invoices.notes([row.invoice_id])
