"""Organisations that are billed: what they subscribed to, what they use, and the bill run that makes their invoices."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, TypeVar

import psycopg
from psycopg.rows import dict_row

from cygni.billing.meters import METERS, Meter
from cygni.billing.plans import PlanVersion
from cygni.billing.subscriptions import Subscription
from cygni.billing.terms import document_of, terms_of
from platform_api.database.roles import Roles, url_as
from platform_api.database.transactions import Database, Scope
from platform_api.identifiers import new_id
from platform_api.invoices.bill_run import BillRun
from platform_api.usage.cloud_events import Reported
from platform_api.usage.corrections import Corrections
from platform_api.usage.store import PostgresMeterStore
from tests.cygni.billing.oracle import Event
from tests.platform_api.moving_clock import MovingClock
from tests.platform_api.server_key import KEY

SOURCE = "/test"
T = TypeVar("T")


@dataclass
class Billing:
    """A database with the bill run of its workers. Times are those of `clock`."""

    url: str
    roles: Roles
    clock: MovingClock
    due_after: timedelta = timedelta(days=30)
    versions: dict[tuple[str, int], PlanVersion] = field(default_factory=dict)

    def at(self, moment: datetime) -> None:
        """The clock stands there, or where it was if that is later."""
        self.clock.move(max(moment - self.clock.now(), timedelta(0)))

    def run(self, workers: int = 1) -> int:
        """Does all that is due by now; how many steps that were."""

        async def work() -> int:
            database = Database(self.of_workers)
            try:
                runs = [BillRun(database, self.clock, self.due_after) for _ in range(workers)]
                return sum(await asyncio.gather(*(self._until_done(run) for run in runs)))
            finally:
                await database.close()

        return asyncio.run(work())

    async def _until_done(self, run: BillRun) -> int:
        """A worker that finds the others busy looks again, until nothing is due."""
        made = 0
        while True:
            now = await run.make_due()
            if not now and not self.is_due():
                return made
            made += now

    def is_due(self) -> bool:
        """Whether there is an invoice to be taken on."""
        with psycopg.connect(self.url) as owner:
            query = b"""
                SELECT (SELECT count(*) FROM invoices WHERE step_at <= %s) + (SELECT count(*) FROM subscriptions
                    WHERE NOT EXISTS (SELECT FROM invoices WHERE subscription_id = subscriptions.id))
                """
            return owner.execute(query, (self.clock.now(),)).fetchone() != (0,)

    @property
    def of_workers(self) -> str:
        return url_as(self.url, self.roles.worker, KEY)

    def organization(self, slug: str) -> uuid.UUID:
        id = new_id()
        self.insert(
            "organizations", id=id, slug=slug, name=slug.title(), version=1, created_at=self.clock.now()
        )
        return id

    def subscribe(
        self, organization: uuid.UUID, subscription: Subscription, tax_rate: str = "0", **more: Any
    ) -> uuid.UUID:
        """With the plans in it, where they are not there yet."""
        for phase in subscription.phases:
            self._plan(phase.plan)
        id = new_id()
        cycle = subscription.cycle
        self.insert(
            "subscriptions",
            organization_id=organization, id=id, currency=subscription.currency, anchor=cycle.anchor, zone=cycle.zone,
            months=cycle.months, trial_end=subscription.trial_end, end_at=subscription.end, tax_rate=Decimal(tax_rate),
            version=1, created_at=self.clock.now(), **more,
        )  # fmt: skip
        for phase in subscription.phases:
            self.insert(
                "subscription_phases",
                organization_id=organization, subscription_id=id, start_at=phase.start,
                plan_key=phase.plan.key, plan_version=phase.plan.version,
            )  # fmt: skip
        return id

    def _plan(self, plan: PlanVersion) -> None:
        known = {key for key, _ in self.versions}
        if (plan.key, plan.version) in self.versions:
            assert self.versions[plan.key, plan.version] == plan
            return
        now = self.clock.now()
        if plan.key not in known:
            self.insert("plans", key=plan.key, name=plan.key.title(), description="", created_at=now)
        self.versions[plan.key, plan.version] = plan
        terms = json.dumps(document_of(terms_of(plan)))
        self.insert(
            "plan_versions",
            plan_key=plan.key, version=plan.version, currency=plan.currency, terms=terms, created_at=now,
        )  # fmt: skip

    def meter(self, organization: uuid.UUID, meter: Meter) -> None:
        """One of its own."""
        if meter not in METERS:
            self.insert(
                "meters",
                organization_id=organization, key=meter.key, name=meter.name, unit=meter.unit,
                aggregation=meter.aggregation.value, created_at=self.clock.now(),
            )  # fmt: skip

    def credit(
        self, organization: uuid.UUID, amount: str, start: datetime, end: datetime | None = None, **more: Any
    ) -> uuid.UUID:
        id = new_id()
        values = {"currency": "USD", "priority": 50, "prepaid": False, "reason": "gift", **more}
        self.insert(
            "credit_grants",
            organization_id=organization, id=id, amount=Decimal(amount), start_at=start, end_at=end,
            created_at=self.clock.now(), **values,
        )  # fmt: skip
        return id

    def tell(self, organization: uuid.UUID, *events: Event) -> None:
        """Through the store, as requests do."""
        now = self.clock.now()
        self.as_application(
            organization, lambda store, _: store.record([reported(event) for event in events], now)
        )

    def take_back(self, organization: uuid.UUID, id: str, quantity: Decimal | None = None) -> None:
        now = self.clock.now()
        self.as_application(
            organization, lambda _, corrections: corrections.take_back(SOURCE, id, quantity, now)
        )

    def as_application(
        self,
        organization: uuid.UUID,
        work: Callable[[PostgresMeterStore, Corrections], Awaitable[T]],
    ) -> T:
        async def done() -> T:
            database = Database(url_as(self.url, self.roles.application, KEY), size=1)
            try:
                async with database.transaction(Scope(organization=organization)) as session:
                    store = PostgresMeterStore(session, organization)
                    return await work(store, Corrections(session, organization))
            finally:
                await database.close()

        return asyncio.run(done())

    def insert(self, table: str, **values: Any) -> None:
        names, places = ", ".join(values), ", ".join(["%s"] * len(values))
        with psycopg.connect(self.url) as owner:
            query = f"INSERT INTO {table} ({names}) VALUES ({places})"
            owner.execute(query.encode(), list(values.values()))

    def invoices(self, subscription: uuid.UUID | None = None, final: bool = True) -> list[dict[str, Any]]:
        """Rows in the order of their periods; those alone that are final."""
        query = b"""
            SELECT * FROM invoices WHERE (subscription_id = %(id)s OR %(id)s IS NULL)
                AND (number IS NOT NULL OR NOT %(final)s) ORDER BY period_number, id
            """
        return self.rows(query, id=subscription, final=final)

    def rows(self, query: bytes, **values: Any) -> list[dict[str, Any]]:
        with psycopg.connect(self.url, row_factory=dict_row) as owner:
            return list(owner.execute(query, values).fetchall())


def reported(event: Event) -> Reported:
    return Reported(SOURCE, event.id, event.meter, event.at, event.quantity, event.subject, "", "")


def amounts(document: dict[str, Any]) -> dict[str, Decimal]:
    """The sums of an invoice's lines by key of charge, of those that come to anything."""
    found: dict[str, Decimal] = {}
    for line in document["lines"]:
        found[line["key"]] = found.get(line["key"], Decimal(0)) + Decimal(line["amount"])
    return {key: amount for key, amount in found.items() if amount}


def late(document: dict[str, Any]) -> list[tuple[str, str, Decimal]]:
    """Adjustments: the charge, the begin of the period, and the amount."""
    return [
        (one["key"], one["period"]["start"][:10], Decimal(one["amount"])) for one in document["adjustments"]
    ]


def sequence(numbers: Sequence[str]) -> list[int]:
    """What counts in numbers of invoices."""
    return sorted(int(number.rpartition("-")[2]) for number in numbers)
