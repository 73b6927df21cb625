"""What an invoice comes to, by all that is known at one moment: of what was used, of plans, and of invoices before."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from sqlalchemy.ext.asyncio import AsyncSession

from cygni.billing.adjustments import Adjustment, adjustments
from cygni.billing.credits import Grant
from cygni.billing.invoices import Invoice, invoice
from cygni.billing.meters import Meter
from cygni.billing.periods import Period
from cygni.billing.rating import Line, rate
from cygni.billing.subscriptions import Segment
from platform_api.credits.repository import Credits
from platform_api.invoices.repository import Billed, Invoices
from platform_api.invoices.seen import seen
from platform_api.invoices.steps import first_period
from platform_api.subscriptions.repository import Subscribed
from platform_api.usage.measured import measured
from platform_api.usage.meters import Meters
from platform_api.usage.store import PostgresMeterStore


@dataclass(frozen=True, slots=True)
class Amount:
    """What is billed for the period of that number by the charge `key`."""

    period: int
    key: str
    name: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Composed:
    """An invoice, what it bills for each period, and what it has seen of those that it looked at."""

    invoice: Invoice
    amounts: tuple[Amount, ...]
    seen: dict[int, str]

    @property
    def is_empty(self) -> bool:
        """Whether it says nothing at all."""
        made = self.invoice
        return not (made.lines or made.adjustments or made.carried)


class Composing:
    """Invoices of one subscription. Reads in the transaction of `session`, which sees one state of all it asks for
    where that is to be billed, and changes nothing."""

    def __init__(self, session: AsyncSession, organization: uuid.UUID, subscribed: Subscribed) -> None:
        self._session = session
        self._organization = organization
        self._subscribed = subscribed
        self._subscription = subscribed.subscription
        self._store = PostgresMeterStore(session, organization)

    async def compose(self, number: int, without: Collection[int] = ()) -> Composed:
        """The invoice of the period `number`, with what earlier ones lack; those in `without` are still to come."""
        invoices = Invoices(self._session, self._organization)
        meters = await self.meters()
        periods = range(first_period(self._subscription), number + 1)
        there = await seen(self._session, self._organization, self._subscription, periods, meters)
        billed = await invoices.billed(self._subscribed.id)
        looked_at = {number: there[number]}
        late: list[Adjustment] = []
        for earlier in periods[:-1]:
            if earlier not in without and billed.seen.get(earlier) != there[earlier]:
                looked_at[earlier] = there[earlier]
                late += await self._late(earlier, billed, meters)
        period = self._subscription.cycle.period(number)
        made = invoice(
            self._subscription.currency,
            period,
            await self._lines(period, meters),
            adjustments=late,
            carried=billed.carried,
            grants=await self._grants(await invoices.credit_used()),
            tax_rate=self._subscribed.tax_rate,
            zone=self._subscription.cycle.zone,
        )
        return Composed(made, tuple(self._amounts(made)), looked_at)

    async def meters(self) -> dict[str, Meter]:
        """Those that its plans charge for, by key; one that is not there is not used."""
        wanted = {key for phase in self._subscription.phases for key in phase.plan.meters}
        all_of_them = await Meters(self._session, self._organization).all()
        return {meter.key: meter for meter in all_of_them if meter.key in wanted}

    async def usage(self, segment: Segment, meters: dict[str, Meter]) -> dict[str, Fraction]:
        """What was used in a part of a period, by meter."""
        return {
            key: await measured(self._store, meters[key], segment.span, segment.period)
            for key in sorted(segment.plan.meters & meters.keys())
        }

    def _amounts(self, made: Invoice) -> Iterator[Amount]:
        """Of a charge with lines in several parts of the period, all of them together."""
        cycle = self._subscription.cycle
        for key in dict.fromkeys(line.key for line in made.lines):
            own = [line for line in made.lines if line.key == key]
            total = sum((line.amount for line in own), Decimal(0))
            yield Amount(cycle.number_at(made.period.start), key, own[0].name, total)
        for one in made.adjustments:
            yield Amount(cycle.number_at(one.period.start), one.key, one.name, one.amount)

    async def _late(self, number: int, billed: Billed, meters: dict[str, Meter]) -> tuple[Adjustment, ...]:
        period = self._subscription.cycle.period(number)
        lines = await self._lines(period, meters)
        return adjustments(period, billed.amounts.get(number, {}), lines, billed.names)

    async def _lines(self, period: Period, meters: dict[str, Meter]) -> list[Line]:
        lines: list[Line] = []
        for segment in self._subscription.segments(period):
            lines += rate(segment, await self.usage(segment, meters))
        return lines

    async def _grants(self, used: dict[uuid.UUID, Decimal]) -> list[Grant]:
        """Those that may be used at all, and what is left of each."""
        return [
            Grant(
                str(row.id), row.amount - used.get(row.id, Decimal(0)), row.start_at, row.end_at,
                row.priority, row.prepaid,
            )
            for row in await Credits(self._session, self._organization).all()
            if row.voided_at is None and row.currency == self._subscription.currency
        ]  # fmt: skip
