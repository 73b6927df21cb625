"""What Cygni asks of Stripe, as protocols: amounts are whole numbers of the smallest unit, times are in UTC."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol


class NotDone(Exception):
    """Stripe did nothing of it, and another attempt may go better: too many requests, or a key that is not allowed."""

    def __init__(self, message: str, retry_after: timedelta | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class Refused(Exception):
    """Stripe did nothing of it, nor will it: the request is wrong. `code` is Stripe's own."""

    def __init__(self, message: str, code: str | None = None) -> None:
        super().__init__(message)
        self.code = code


class KnownAlready(Refused):
    """What was asked for was done by a request before."""


class NoAnswer(Exception):
    """Nobody knows whether Stripe did it: no answer came, or one that only says that something went wrong."""


@dataclass(frozen=True, slots=True)
class StripeCustomer:
    """`payment_method` is the default one in words, such as `visa ending in 4242`."""

    id: str
    deleted: bool
    payment_method: str | None


@dataclass(frozen=True, slots=True)
class CheckoutSession:
    """`payment_method` is the id of what somebody has set up by it."""

    created: datetime
    customer: str | None
    payment_method: str | None


@dataclass(frozen=True, slots=True)
class MeterEvent:
    """`value` more of the meter that listens to `name`, for `customer`."""

    name: str
    customer: str
    value: int
    at: datetime
    identifier: str


@dataclass(frozen=True, slots=True)
class StripeInvoice:
    """`status` is draft, open, paid, uncollectible or void; `failed` whether collecting it was tried in vain, which is
    known days later of a direct debit; `cygni_invoice` is the id of ours that it stands for."""

    id: str
    status: str
    customer: str
    total: int
    currency: str
    failed: bool
    cygni_invoice: str | None


@dataclass(frozen=True, slots=True)
class InvoiceLine:
    """`key` is its place, from 0, or the number of the credit note that it stands for; `amount` may be below zero."""

    key: str
    description: str
    amount: int
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Credited:
    """`amount` of an invoice, by the credit note of ours with this `number`. `given_back` where it was paid before:
    Stripe is told of money that it does not move."""

    number: str
    reason: str
    amount: int
    given_back: bool


class Customers(Protocol):
    """Each method raises NotDone, Refused and NoAnswer."""

    async def create_customer(self, organization: uuid.UUID, name: str) -> str:
        """Its id; the same for the same organisation, within a day."""

    async def find_customer(self, organization: uuid.UUID) -> str | None:
        """One that was made for it before."""

    async def customer(self, id: str) -> StripeCustomer: ...

    async def use_payment_method(self, customer: str, payment_method: str) -> None:
        """Collects by it from now on."""

    async def open_checkout(self, customer: str, success_url: str, cancel_url: str) -> str:
        """The URL of a page on which somebody sets up a payment method."""

    async def checkout_session(self, id: str) -> CheckoutSession: ...

    async def open_portal(self, customer: str, return_url: str) -> str:
        """The URL of Stripe's page about this customer's payment methods and invoices."""


class UsageSink(Protocol):
    """Each method raises NotDone, Refused and NoAnswer."""

    async def meters(self) -> Mapping[str, str]:
        """The ids of those that are active, by the name of the events that they listen to."""

    async def create_meter(self, event_name: str, display_name: str) -> str:
        """Its id. It adds up the values of its events."""

    async def send_usage(self, event: MeterEvent) -> None:
        """Raises KnownAlready where the identifier was taken before."""

    async def usage_by_hour(
        self, meter: str, customer: str, start: datetime, end: datetime
    ) -> Mapping[datetime, int]:
        """What Stripe has counted in each hour that has any; `start` and `end` are full hours."""


class Invoicing(Protocol):
    """Each method raises NotDone, Refused and NoAnswer."""

    async def find_invoice(self, customer: str, cygni_invoice: uuid.UUID) -> StripeInvoice | None:
        """The one that stands for ours, unless it is void."""

    async def create_invoice(
        self, customer: str, cygni_invoice: uuid.UUID, currency: str, days_until_due: int | None
    ) -> StripeInvoice:
        """A draft that nothing is in; collected by the customer's payment method where no days are given."""

    async def lines(self, invoice: str) -> Sequence[str]:
        """The keys of those that are in it."""

    async def add_line(self, customer: str, invoice: StripeInvoice, line: InvoiceLine) -> None: ...

    async def finalize(self, invoice: str) -> StripeInvoice:
        """Stripe begins to collect it."""

    async def invoice(self, id: str) -> StripeInvoice: ...

    async def credited(self, invoice: str) -> Sequence[str]:
        """The numbers of our credit notes that it has credit notes for."""

    async def credit(self, invoice: str, note: Credited) -> None: ...

    async def void(self, invoice: str) -> StripeInvoice: ...

    async def paid_elsewhere(self, invoice: str) -> StripeInvoice:
        """Stripe collects it no more: it was paid in another way."""


class Gateway(Customers, UsageSink, Invoicing, Protocol):
    """All of it."""

    async def close(self) -> None: ...
