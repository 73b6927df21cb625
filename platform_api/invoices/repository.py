"""Queries for the invoices of one organisation."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import TypeVar

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select
from sqlmodel.sql.expression import SelectOfScalar

from cygni.billing.invoices import InvoiceState
from cygni.errors import NotFound
from platform_api.invoices.models import BilledAmount, BilledPeriod, CreditNote, CreditUsed, InvoiceRow
from platform_api.invoices.steps import carried_over
from platform_api.subscriptions.models import SubscriptionRow

Part = TypeVar("Part", BilledPeriod, BilledAmount)

OPEN = (InvoiceState.DRAFT, InvoiceState.GRACE)
"""States in which nothing is billed yet."""


@dataclass(frozen=True, slots=True)
class Billed:
    """What was billed so far: for each period, by number, the sums by key of charge. `seen` is what the last invoice
    that looked at it has seen; a period that an invoice was about which is void by now has none. `carried` is what the
    next invoice begins with, `names` those of charges."""

    amounts: dict[int, dict[str, Decimal]] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    seen: dict[int, str | None] = field(default_factory=dict)
    carried: Decimal = Decimal(0)


class Invoices:
    def __init__(self, session: AsyncSession, organization: uuid.UUID) -> None:
        self._session = session
        self._organization = organization

    async def before(self, id: uuid.UUID | None, limit: int) -> Sequence[InvoiceRow]:
        """The newest first, of those before `id`."""
        asked = self._mine().where(~_waiting()).order_by(col(InvoiceRow.id).desc()).limit(limit)
        if id is not None:
            asked = asked.where(col(InvoiceRow.id) < id)
        return (await self._session.scalars(asked)).all()

    async def upcoming(self, now: datetime) -> InvoiceRow | None:
        """That of the period that goes on at `now`."""
        asked = self._mine().where(
            col(InvoiceRow.state).in_(OPEN), col(InvoiceRow.period_end) > now, ~_waiting()
        )
        return (await self._session.scalars(asked.order_by(col(InvoiceRow.period_number)).limit(1))).first()

    async def existing(self, id: uuid.UUID, *, for_update: bool = False) -> InvoiceRow:
        """`for_update` locked until the transaction ends. Raises NotFound."""
        asked = self._mine().where(col(InvoiceRow.id) == id)
        found = await self._session.scalar(asked.with_for_update() if for_update else asked)
        if found is None:
            raise NotFound("there is no such invoice", hint="See which there are: cx invoices list")
        return found

    async def open(self, subscription: uuid.UUID) -> Sequence[InvoiceRow]:
        """Those of the subscription in which nothing is billed yet, the earliest first."""
        asked = self._mine().where(
            col(InvoiceRow.subscription_id) == subscription, col(InvoiceRow.state).in_(OPEN)
        )
        return (await self._session.scalars(asked.order_by(col(InvoiceRow.period_number)))).all()

    async def billed(self, subscription: uuid.UUID) -> Billed:
        """By all invoices of the subscription that are not void."""
        asked = self._mine().where(
            col(InvoiceRow.subscription_id) == subscription, col(InvoiceRow.number).is_not(None)
        )
        rows = await self._session.scalars(asked.order_by(col(InvoiceRow.period_number), col(InvoiceRow.id)))
        invoices = {row.id: row for row in rows}
        void = {id for id, row in invoices.items() if row.state == InvoiceState.VOID}
        kept = [row for id, row in invoices.items() if id not in void]
        billed = Billed(carried=carried_over((known(row.subtotal), known(row.carried)) for row in kept))
        looked_at: dict[uuid.UUID, list[BilledPeriod]] = defaultdict(list)
        for period in await self._of(BilledPeriod, invoices):
            looked_at[period.invoice_id].append(period)
        taken_back: set[int] = set()
        for id in invoices:
            for period in looked_at[id]:
                billed.amounts.setdefault(period.period_number, {})
                billed.seen[period.period_number] = period.seen
                taken_back |= {period.period_number} if id in void else set()
        billed.seen.update(dict.fromkeys(taken_back))
        for one in await self._of(BilledAmount, invoices):
            billed.names[one.key] = one.name
            if one.invoice_id not in void:
                sums = billed.amounts[one.period_number]
                sums[one.key] = sums.get(one.key, Decimal(0)) + one.amount
        return billed

    async def credit_used(self) -> dict[uuid.UUID, Decimal]:
        """Of each grant, what was used of it."""
        asked = (
            sa.select(col(CreditUsed.grant_id), sa.func.sum(CreditUsed.amount))
            .join(InvoiceRow, col(InvoiceRow.id) == col(CreditUsed.invoice_id))
            .where(
                col(CreditUsed.organization_id) == self._organization,
                col(InvoiceRow.state) != InvoiceState.VOID,
            )
            .group_by(col(CreditUsed.grant_id))
        )
        rows = await self._session.execute(asked)
        return {row[0]: row[1] for row in rows}

    async def notes(self, invoices: Sequence[uuid.UUID]) -> Sequence[CreditNote]:
        """The credit notes of those invoices, the oldest first."""
        asked = select(CreditNote).where(
            col(CreditNote.organization_id) == self._organization, col(CreditNote.invoice_id).in_(invoices)
        )
        return (await self._session.scalars(asked.order_by(col(CreditNote.id)))).all()

    async def _of(self, table: type[Part], invoices: Collection[uuid.UUID]) -> Sequence[Part]:
        mine = select(table).where(
            col(table.organization_id) == self._organization, col(table.invoice_id).in_(list(invoices))
        )
        return (await self._session.scalars(mine)).all()

    def _mine(self) -> SelectOfScalar[InvoiceRow]:
        return select(InvoiceRow).where(col(InvoiceRow.organization_id) == self._organization)


def _waiting() -> sa.ColumnElement[bool]:
    """Whether it is the draft of an ended subscription, which is only there for what may come late."""
    ended = sa.and_(
        col(SubscriptionRow.id) == col(InvoiceRow.subscription_id),
        col(SubscriptionRow.end_at) <= col(InvoiceRow.period_start),
    )
    return sa.and_(col(InvoiceRow.state) == InvoiceState.DRAFT, sa.exists().where(ended))


def known(value: Decimal | None) -> Decimal:
    """A figure of an invoice that is final: it has them all."""
    assert value is not None
    return value
