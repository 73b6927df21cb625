"""Who organisations are in Stripe, and what its meters are called: made where they are missing."""

from __future__ import annotations

import asyncio
import uuid

from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, select

from cygni.billing.meters import METERS
from platform_api.clock import Clock
from platform_api.database.transactions import Database, Scope
from platform_api.organizations.models import Organization
from platform_api.stripe.gateway import Customers, UsageSink
from platform_api.stripe.meter_events import event_name
from platform_api.stripe.models import StripeCustomerRow

_NAMES = {meter.key: meter.name for meter in METERS}


class CustomerAccounts:
    """In `database`, on behalf of each organisation; the first that is written down is the one."""

    def __init__(self, database: Database, clock: Clock, customers: Customers) -> None:
        self._database = database
        self._clock = clock
        self._customers = customers
        self._known: dict[uuid.UUID, str] = {}
        self._making = asyncio.Lock()

    async def known(self, organization: uuid.UUID) -> StripeCustomerRow | None:
        async with self._database.transaction(Scope(organization=organization)) as session:
            return await session.get(StripeCustomerRow, organization)

    async def of(self, organization: uuid.UUID) -> str:
        """The id of its customer. Raises NotDone, Refused and NoAnswer where one has to be made."""
        async with self._making:
            if organization not in self._known:
                self._known[organization] = await self._found(organization)
        return self._known[organization]

    async def _found(self, organization: uuid.UUID) -> str:
        row = await self.known(organization)
        if row is not None:
            return row.customer
        async with self._database.transaction(Scope(organization=organization)) as session:
            name = (
                await session.scalars(select(Organization.name).where(col(Organization.id) == organization))
            ).one()
        made = await self._customers.find_customer(organization)
        if made is None:
            made = await self._customers.create_customer(organization, name)
        new = insert(StripeCustomerRow).values(
            organization_id=organization, customer=made, created_at=self._clock.now()
        )
        async with self._database.transaction(Scope(organization=organization)) as session:
            await session.execute(new.on_conflict_do_nothing(index_elements=["organization_id"]))
            found = await session.get(StripeCustomerRow, organization)
            assert found is not None
            return found.customer


class MeterIds:
    """Of Stripe's meters, which are those of all organisations."""

    def __init__(self, sink: UsageSink) -> None:
        self._sink = sink
        self._known: dict[str, str] = {}
        self._making = asyncio.Lock()

    async def id_of(self, meter: str) -> str:
        """Raises NotDone, Refused and NoAnswer."""
        name = event_name(meter)
        async with self._making:
            if name not in self._known:
                self._known.update(await self._sink.meters())
            if name not in self._known:
                self._known[name] = await self._sink.create_meter(name, _NAMES.get(meter, meter))
            return self._known[name]
