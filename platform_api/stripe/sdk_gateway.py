"""The gateway by Stripe's own SDK. It tries each request once: what is tried again, and under which name, is decided
here. Importing the SDK takes a second, so this module is imported where a key is set, and nowhere else."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Awaitable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, Final, TypeVar

import stripe

from platform_api.stripe.gateway import (
    CheckoutSession,
    Credited,
    InvoiceLine,
    KnownAlready,
    MeterEvent,
    NoAnswer,
    NotDone,
    Refused,
    StripeCustomer,
    StripeInvoice,
)
from platform_api.stripe.meter_events import HOUR
from platform_api.stripe.settings import StripeSettings

SECONDS: Final = 10.0
"""For one request."""
_PAGE: Final = 100
_CUSTOMER_KEY: Final = "stripe_customer_id"
_VALUE_KEY: Final = "value"
_ORGANIZATION: Final = "cygni_organization"
_INVOICE: Final = "cygni_invoice"
_LINE: Final = "cygni_line"
_NOTE: Final = "cygni_credit_note"
_PAYMENTS: Final = ["payments.data.payment.payment_intent"]

T = TypeVar("T")


class SdkGateway:
    """A `platform_api.stripe.gateway.Gateway`. It belongs to the event loop that it is first used in."""

    def __init__(self, settings: StripeSettings, seconds: float = SECONDS) -> None:
        self._http = stripe.HTTPXClient(timeout=seconds)
        client = stripe.StripeClient(
            settings.key, http_client=self._http, max_network_retries=0, base_addresses={"api": settings.api}
        )
        self._v1 = client.v1

    async def close(self) -> None:
        await self._http.close_async()  # type: ignore[no-untyped-call]

    async def create_customer(self, organization: uuid.UUID, name: str) -> str:
        made = await _answer(
            self._v1.customers.create_async(
                {"name": name, "metadata": {_ORGANIZATION: str(organization)}},
                {"idempotency_key": f"cygni-customer-{organization}"},
            )
        )
        return made.id

    async def find_customer(self, organization: uuid.UUID) -> str | None:
        query = f"metadata['{_ORGANIZATION}']:'{organization}'"
        found = await _answer(self._v1.customers.search_async({"query": query, "limit": _PAGE}))
        return min((one.id for one in found.data), default=None)

    async def customer(self, id: str) -> StripeCustomer:
        expand = ["invoice_settings.default_payment_method"]
        found = await _answer(self._v1.customers.retrieve_async(id, {"expand": expand}))
        if getattr(found, "deleted", False):
            return StripeCustomer(id, deleted=True, payment_method=None)
        settings = found.invoice_settings
        return StripeCustomer(
            id, deleted=False, payment_method=_in_words(settings and settings.default_payment_method)
        )

    async def use_payment_method(self, customer: str, payment_method: str) -> None:
        wanted: Any = {"invoice_settings": {"default_payment_method": payment_method}}
        await _answer(self._v1.customers.update_async(customer, wanted))

    async def open_checkout(self, customer: str, success_url: str, cancel_url: str) -> str:
        wanted: Any = {
            "mode": "setup",
            "customer": customer,
            "payment_method_types": ["card"],
            "success_url": success_url,
            "cancel_url": cancel_url,
        }
        made = await _answer(self._v1.checkout.sessions.create_async(wanted))
        return _url(made.url)

    async def checkout_session(self, id: str) -> CheckoutSession:
        found = await _answer(self._v1.checkout.sessions.retrieve_async(id, {"expand": ["setup_intent"]}))
        intent = found.setup_intent
        method = getattr(intent, "payment_method", None) if found.status == "complete" else None
        created = datetime.fromtimestamp(found.created, UTC)
        return CheckoutSession(created, _id(found.customer), _id(method))

    async def open_portal(self, customer: str, return_url: str) -> str:
        made = await _answer(
            self._v1.billing_portal.sessions.create_async({"customer": customer, "return_url": return_url})
        )
        return _url(made.url)

    async def meters(self) -> Mapping[str, str]:
        found: dict[str, str] = {}
        async with _answers():
            page = await self._v1.billing.meters.list_async({"status": "active", "limit": _PAGE})
            async for one in page.auto_paging_iter():
                found[one.event_name] = one.id
        return found

    async def create_meter(self, event_name: str, display_name: str) -> str:
        made = await _answer(
            self._v1.billing.meters.create_async(
                {
                    "display_name": display_name,
                    "event_name": event_name,
                    "default_aggregation": {"formula": "sum"},
                    "customer_mapping": {"type": "by_id", "event_payload_key": _CUSTOMER_KEY},
                    "value_settings": {"event_payload_key": _VALUE_KEY},
                }
            )
        )
        return made.id

    async def send_usage(self, event: MeterEvent) -> None:
        """Each attempt has an idempotency key of its own, which the SDK makes up: Stripe gives the first answer of a
        key again for a day, also one that only says that something went wrong. The identifier is what counts it once.
        """
        await _answer(
            self._v1.billing.meter_events.create_async(
                {
                    "event_name": event.name,
                    "identifier": event.identifier,
                    "timestamp": int(event.at.timestamp()),
                    "payload": {_CUSTOMER_KEY: event.customer, _VALUE_KEY: str(event.value)},
                }
            )
        )

    async def usage_by_hour(
        self, meter: str, customer: str, start: datetime, end: datetime
    ) -> Mapping[datetime, int]:
        found: dict[datetime, int] = {}
        async with _answers():
            page = await self._v1.billing.meters.event_summaries.list_async(
                meter,
                {
                    "customer": customer,
                    "start_time": int(start.timestamp()),
                    "end_time": int(end.timestamp()),
                    "value_grouping_window": "hour",
                    "limit": _PAGE,
                },
            )
            async for one in page.auto_paging_iter():
                assert one.end_time - one.start_time == HOUR.total_seconds()
                hour = datetime.fromtimestamp(one.start_time, UTC)
                found[hour] = found.get(hour, 0) + int(one.aggregated_value)
        return found

    async def find_invoice(self, customer: str, cygni_invoice: uuid.UUID) -> StripeInvoice | None:
        async with _answers():
            page = await self._v1.invoices.list_async({"customer": customer, "limit": _PAGE})
            async for one in page.auto_paging_iter():
                found = _invoice(one)
                if found.cygni_invoice == str(cygni_invoice) and found.status != "void":
                    return await self.invoice(found.id)  # a list tells nothing of its payments
        return None

    async def create_invoice(
        self, customer: str, cygni_invoice: uuid.UUID, currency: str, days_until_due: int | None
    ) -> StripeInvoice:
        wanted: Any = {
            "customer": customer,
            "currency": currency.lower(),
            "auto_advance": False,
            "pending_invoice_items_behavior": "exclude",
            "metadata": {_INVOICE: str(cygni_invoice)},
            "collection_method": "charge_automatically" if days_until_due is None else "send_invoice",
        }
        if days_until_due is not None:
            wanted["days_until_due"] = days_until_due
        key = f"cygni-invoice-{cygni_invoice}-{days_until_due}"
        return _invoice(await _answer(self._v1.invoices.create_async(wanted, {"idempotency_key": key})))

    async def lines(self, invoice: str) -> Sequence[str]:
        async with _answers():
            page = await self._v1.invoice_items.list_async({"invoice": invoice, "limit": _PAGE})
            return [_noted(one, _LINE) or "" async for one in page.auto_paging_iter()]

    async def add_line(self, customer: str, invoice: StripeInvoice, line: InvoiceLine) -> None:
        period = {"start": int(line.start.timestamp()), "end": int(line.end.timestamp())}
        wanted: Any = {
            "customer": customer,
            "invoice": invoice.id,
            "amount": line.amount,
            "currency": invoice.currency,
            "description": line.description,
            "period": period,
            "metadata": {_LINE: line.key},
        }
        key = f"cygni-line-{invoice.id}-{line.key}"
        await _answer(self._v1.invoice_items.create_async(wanted, {"idempotency_key": key}))

    async def finalize(self, invoice: str) -> StripeInvoice:
        return _invoice(
            await _answer(self._v1.invoices.finalize_invoice_async(invoice, {"auto_advance": True}))
        )

    async def invoice(self, id: str) -> StripeInvoice:
        return _invoice(await _answer(self._v1.invoices.retrieve_async(id, {"expand": _PAYMENTS})))

    async def credited(self, invoice: str) -> Sequence[str]:
        async with _answers():
            page = await self._v1.credit_notes.list_async({"invoice": invoice, "limit": _PAGE})
            return [_noted(one, _NOTE) or "" async for one in page.auto_paging_iter()]

    async def credit(self, invoice: str, note: Credited) -> None:
        wanted: Any = {
            "invoice": invoice,
            "amount": note.amount,
            "memo": note.reason,
            "metadata": {_NOTE: note.number},
        }
        if note.given_back:
            wanted["out_of_band_amount"] = note.amount
        key = f"cygni-credit-note-{invoice}-{note.number}-{note.given_back}"
        await _answer(self._v1.credit_notes.create_async(wanted, {"idempotency_key": key}))

    async def void(self, invoice: str) -> StripeInvoice:
        return _invoice(await _answer(self._v1.invoices.void_invoice_async(invoice)))

    async def paid_elsewhere(self, invoice: str) -> StripeInvoice:
        return _invoice(await _answer(self._v1.invoices.pay_async(invoice, {"paid_out_of_band": True})))


async def _answer(asked: Awaitable[T]) -> T:
    async with _answers():
        return await asked


@asynccontextmanager
async def _answers() -> AsyncIterator[None]:
    """The SDK's errors as those of the gateway."""
    try:
        yield
    except stripe.RateLimitError as error:
        raise NotDone("Stripe is asked too often", _retry_after(error)) from error
    except (stripe.AuthenticationError, stripe.PermissionError) as error:
        # Not its own words: they show a part of the key.
        raise NotDone(f"Stripe does not allow it to this key (status {error.http_status})") from error
    except stripe.InvalidRequestError as error:
        message = error.user_message or "no reason is given"
        # There is no code for it: https://docs.stripe.com/api/billing/meter-event says that identifiers are unique.
        known = message.startswith("An event already exists with identifier")
        raise (KnownAlready if known else Refused)(message, error.code) from error
    except (stripe.IdempotencyError, stripe.CardError) as error:
        raise Refused(error.user_message or "no reason is given", error.code) from error
    except stripe.StripeError as error:
        told = f"status {error.http_status}" if error.http_status else "no answer"
        raise NoAnswer(f"Stripe did not say what became of it ({told})") from error


def _retry_after(error: stripe.StripeError) -> timedelta | None:
    text = str((error.headers or {}).get("retry-after", ""))
    return timedelta(seconds=int(text)) if text.isascii() and text.isdigit() and len(text) < 6 else None


def _invoice(found: stripe.Invoice) -> StripeInvoice:
    return StripeInvoice(
        id=str(found.id),
        status=found.status or "draft",
        customer=_id(found.customer) or "",
        total=found.total,
        currency=found.currency,
        failed=found.status == "open" and bool(found.attempted) and not _is_under_way(found),
        cygni_invoice=_noted(found, _INVOICE),
    )


def _is_under_way(invoice: stripe.Invoice) -> bool:
    """Whether a payment waits for a bank: docs.stripe.com/payments/paymentintents/lifecycle. Without `_PAYMENTS` none
    does."""
    payments = getattr(invoice, "payments", None)
    made = [one.payment for one in payments.data] if payments else []
    intents = [getattr(one, "payment_intent", None) for one in made]  # others were made outside of Stripe
    return any(getattr(intent, "status", None) == "processing" for intent in intents)


def _noted(found: Any, name: str) -> str | None:
    """What its metadata have under a name."""
    metadata = found.metadata
    return None if metadata is None else metadata.to_dict().get(name)


def _id(found: Any) -> str | None:
    """Of what may be an id, or the object itself."""
    return found if found is None or isinstance(found, str) else str(found.id)


def _url(text: str | None) -> str:
    if text is None:
        raise NoAnswer("Stripe gave no URL")
    return text


def _in_words(method: Any) -> str | None:
    if method is None or isinstance(method, str):
        return method
    card = getattr(method, "card", None)
    return f"{card.brand} ending in {card.last4}" if card else str(method.type)
