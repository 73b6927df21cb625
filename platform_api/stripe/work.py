"""What a worker does for Stripe, beside its deployments."""

from __future__ import annotations

import asyncio

from platform_api.clock import Clock
from platform_api.database.transactions import Database
from platform_api.repeating import repeat
from platform_api.stripe.accounts import CustomerAccounts, MeterIds
from platform_api.stripe.collecting import InvoiceCollection
from platform_api.stripe.events import StripeEvents
from platform_api.stripe.exporting import UsageExporter
from platform_api.stripe.gateway import Gateway
from platform_api.stripe.sending import UsageSender
from platform_api.stripe.settings import StripeSettings
from platform_api.stripe.settling import Settling


class StripeWork:
    """`database` is that of the workers' role, which sees what is for Stripe of all tenants."""

    def __init__(self, database: Database, clock: Clock, settings: StripeSettings, gateway: Gateway) -> None:
        self._settings = settings
        self._gateway = gateway
        accounts, meters = CustomerAccounts(database, clock, gateway), MeterIds(gateway)
        settling = Settling(database, clock, gateway, accounts, meters)
        self.exporter = UsageExporter(database, clock)
        self.sender = UsageSender(database, clock, gateway, accounts, meters, settling)
        self.invoices = InvoiceCollection(database, clock, gateway, accounts)
        self.events = StripeEvents(database, clock, gateway, settling, self.invoices)

    async def run(self, stop: asyncio.Event) -> None:
        """Until `stop` is set; what is under way then is finished."""
        works = [
            repeat(self.sender.make_due, stop, "meter events"),
            repeat(self.events.make_due, stop, "events of Stripe"),
            repeat(self.invoices.make_due, stop, "collection of invoices"),
        ]
        if self._settings.usage:
            works.append(repeat(self.exporter.make_due, stop, "export of usage"))
        try:
            await asyncio.gather(*works)
        finally:
            await self._gateway.close()
