"""A year of a company, simulated by a clock: every invoice of every month against one worked out from raw events.

`CYGNI_LOAD=1` simulates 50 tenants; without, some.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from cygni.billing.plans import UsageCharge
from cygni.billing.prices import Graduated, Package, PerUnit, Volume
from platform_api.database.roles import url_as
from platform_api.database.transactions import Database, Scope
from platform_api.invoices.bill_run import BillRun
from platform_api.usage.corrections import Corrections
from platform_api.usage.store import PostgresMeterStore
from tests.cygni.billing.histories import ACTIVE_USERS
from tests.platform_api.invoices.billed import SOURCE, Billing, amounts, reported, sequence
from tests.platform_api.invoices.company import DAY, MONTHS, Heard, Tenant, company
from tests.platform_api.invoices.expected import Ledger
from tests.platform_api.server_key import KEY

TENANTS, EVENTS = (50, 30) if os.environ.get("CYGNI_LOAD") else (5, 12)
SEED = 2027
LATER = 5
"""Months after a year, in which what came late is billed."""


@dataclass
class Simulation:
    """The company in a database. `first` has the bytes of each invoice as they were when it was made."""

    billing: Billing
    tenants: list[Tenant]
    application: Database
    run: BillRun
    first: dict[str, bytes] = field(default_factory=dict)

    def begin(self) -> None:
        for tenant in self.tenants:
            tenant.organization = self.billing.organization(tenant.slug)
            self.billing.meter(tenant.organization, ACTIVE_USERS)
            tenant.id = self.billing.subscribe(
                tenant.organization, tenant.subscription, f"{tenant.tax_rate:f}"
            )
            for grant in tenant.grants:
                self.billing.credit(
                    tenant.organization, f"{grant.remaining:f}", grant.start, grant.end,
                    currency=tenant.subscription.currency, priority=grant.priority, prepaid=grant.prepaid,
                )  # fmt: skip

    async def live_through(self, until: datetime) -> None:
        """Day by day: what is heard of, then what is taken back, then what is due."""
        while self.billing.clock.now() < until:
            self.billing.clock.move(DAY)
            for tenant in self.tenants:
                await self._tell(tenant)
            if self.billing.is_due():
                while await self.run.make_due():
                    pass
                for row in self.billing.invoices():
                    self.first.setdefault(row["number"], row["content"])

    async def _tell(self, tenant: Tenant) -> None:
        now = self.billing.clock.now()
        told = [event for event in tenant.events if event.received <= now]
        due = [one for one in tenant.corrections if one.moment <= now]
        if not (told or due):
            return
        del tenant.events[: len(told)], tenant.corrections[: len(due)]
        async with self.application.transaction(Scope(organization=tenant.organization)) as session:
            store = PostgresMeterStore(session, tenant.organization)
            await store.record([reported(event) for event in told], now)
            tenant.heard += [Heard(event, now) for event in told]
            for one in due:
                _, stands = await Corrections(session, tenant.organization).take_back(
                    SOURCE, one.event.id, one.instead, now
                )
                next(heard for heard in tenant.heard if heard.event == one.event).until = now
                if one.instead is not None:
                    assert stands is not None
                    instead = replace(one.event, id=f"{one.event.id}-instead", quantity=one.instead)
                    tenant.heard.append(Heard(instead, now))


@asynccontextmanager
async def simulation(billing: Billing, tenants: list[Tenant]) -> AsyncIterator[Simulation]:
    workers = Database(billing.of_workers)
    application = Database(url_as(billing.url, billing.roles.application, KEY))
    try:
        yield Simulation(billing, tenants, application, BillRun(workers, billing.clock))
    finally:
        await workers.close()
        await application.close()


def simulated(billing: Billing, tenants: list[Tenant]) -> dict[str, bytes]:
    """Lives through a year and some months; the bytes of each invoice when it was made."""

    async def done() -> dict[str, bytes]:
        async with simulation(billing, tenants) as of:
            begin = min(tenant.subscription.cycle.period(0).start for tenant in tenants)
            end = max(tenant.subscription.cycle.period(MONTHS + LATER).start for tenant in tenants)
            billing.at(begin - 4 * DAY + timedelta(hours=7))
            of.begin()
            await of.live_through(end)
            return of.first

    return asyncio.run(done())


def said(document: dict[str, Any]) -> dict[str, Decimal]:
    """The sums of an invoice."""
    used = sum((Decimal(one["amount"]) for one in document["credits"]), Decimal(0))
    return {"credits": used} | {
        key: Decimal(document[key]) for key in ("carried", "subtotal", "tax", "total")
    }


def adjusted(document: dict[str, Any]) -> dict[tuple[datetime, str], Decimal]:
    return {
        (datetime.fromisoformat(one["period"]["start"]), one["key"]): Decimal(one["amount"])
        for one in document["adjustments"]
    }


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_every_invoice_of_a_year_is_what_raw_events_come_to(billing: Billing) -> None:
    tenants = company(SEED, TENANTS, EVENTS)
    models = {
        type(charge.price)
        for tenant in tenants
        for phase in tenant.subscription.phases
        for charge in phase.plan.charges
        if isinstance(charge, UsageCharge)
    }
    assert models == {PerUnit, Graduated, Volume, Package}
    first = simulated(billing, tenants)
    seen = {"adjustments": 0, "credits": 0, "carried": 0, "invoices": 0}
    for tenant in tenants:
        assert tenant.heard
        assert not tenant.events
        assert not tenant.corrections
        ledger = Ledger.of(tenant)
        for row in billing.invoices(tenant.id):
            document = row["document"]
            expected = ledger.invoice(row["period_start"], row["finalized_at"])
            where = (SEED, tenant.slug, row["number"])
            assert amounts(document) == expected.lines, where
            assert adjusted(document) == expected.adjustments, where
            assert said(document) == expected.sums, where
            seen["invoices"] += 1
            seen["adjustments"] += len(expected.adjustments)
            seen["credits"] += bool(expected.sums["credits"])
            seen["carried"] += bool(expected.sums["carried"])
        now = billing.clock.now()
        for start in ledger.starts[: MONTHS + 1]:
            billed = {key: amount for key, amount in ledger.billed.get(start, {}).items() if amount}
            assert billed == ledger.costs(start, now), (SEED, tenant.slug, start)
    made = billing.invoices()
    assert {row["number"]: row["content"] for row in made} == first
    assert all(row["digest"] == f"sha256:{hashlib.sha256(row['content']).hexdigest()}" for row in made)
    by_year: dict[str, list[str]] = {}
    for row in made:
        by_year.setdefault(row["number"][:4], []).append(row["number"])
    assert all(sequence(numbers) == list(range(1, len(numbers) + 1)) for numbers in by_year.values())
    print(f"seed {SEED}: {TENANTS} tenants, {seen}")  # noqa: T201  # for make load
    assert all(seen.values()), seen
