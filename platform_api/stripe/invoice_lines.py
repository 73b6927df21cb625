"""An invoice of Cygni as Stripe is to have it, and which of the two follows the other (pure)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum, auto
from typing import Any, Final

from cygni.billing.invoices import InvoiceState
from cygni.pricing.exchange import decimal_places
from platform_api.invoices.models import CreditNote
from platform_api.stripe.gateway import Credited, InvoiceLine

_LONGEST: Final = 500
_PLACES: Final = {"ISK": 2, "UGX": 2, "MGA": 0}
"""Where Stripe counts in another unit than ISO 4217 says (docs.stripe.com/currencies)."""
_TO_BE_PAID: Final = frozenset({InvoiceState.FINAL, InvoiceState.OVERDUE})


class Step(StrEnum):
    """What is to be done next about an invoice."""

    NOTHING = auto()
    PUSH = auto()
    PAY_HERE = auto()
    VOID_HERE = auto()
    PAY_THERE = auto()
    VOID_THERE = auto()


def next_step(ours: InvoiceState, theirs: str | None) -> Step:
    """`theirs` is the status of Stripe's invoice, None where there is none."""
    to_be_paid = ours in _TO_BE_PAID
    match theirs:
        case None | "draft":
            return Step.PUSH if to_be_paid else Step.NOTHING
        case "paid":
            return Step.PAY_HERE if to_be_paid else Step.NOTHING
        case "void":
            return Step.VOID_HERE if to_be_paid else Step.NOTHING
        case _:
            if ours is InvoiceState.PAID:
                return Step.PAY_THERE
            return Step.VOID_THERE if ours is InvoiceState.VOID else Step.NOTHING


def units(amount: Decimal, currency: str) -> int:
    """In what Stripe counts the currency in. Raises ValueError where it is no whole number of it."""
    found = amount.scaleb(_PLACES.get(currency.upper(), decimal_places(currency)))
    if found != found.to_integral_value():
        raise ValueError(f"{amount:f} {currency} is no amount that Stripe can have")
    return int(found)


def lines(document: Mapping[str, Any]) -> list[InvoiceLine]:
    """Those of an invoice's document, with what it carried over, its credits and its tax: they add up to its total."""
    currency = str(document["currency"])
    return [
        InvoiceLine(str(number), text[:_LONGEST], units(Decimal(amount), currency), *_span(period))
        for number, (text, amount, period) in enumerate(_parts(document))
    ]


def credit_lines(notes: Iterable[CreditNote], currency: str, period: Mapping[str, str]) -> list[InvoiceLine]:
    """What credit notes take off an invoice that Stripe does not have yet."""
    return [
        InvoiceLine(one.number, _words(one), -units(one.amount, currency), *_span(period)) for one in notes
    ]


def credited(note: CreditNote, theirs: str) -> Credited:
    """A credit note of an invoice that Stripe has finalised; `theirs` is its status."""
    return Credited(note.number, _words(note), units(note.amount, note.currency), theirs == "paid")


def days_until_due(due: datetime, now: datetime) -> int:
    """A day at least."""
    return max(1, -((now - due) // timedelta(days=1)))


def _words(note: CreditNote) -> str:
    return f"Credit note {note.number}: {note.reason}"[:_LONGEST]


def _parts(document: Mapping[str, Any]) -> Iterator[tuple[str, str, Mapping[str, str]]]:
    whole = document["period"]
    for line in document["lines"]:
        yield line["name"], line["amount"], line["period"]
    for one in document["adjustments"]:
        yield f"{one['name']}, of an earlier period", one["amount"], one["period"]
    if Decimal(document["carried"]):
        yield "Carried over", document["carried"], whole
    for one in document["credits"]:
        yield "Credit", f"-{one['amount']}", whole
    if Decimal(document["tax"]):
        yield f"Tax, {document['tax_rate']} %", document["tax"], whole


def _span(period: Mapping[str, str]) -> tuple[datetime, datetime]:
    return datetime.fromisoformat(period["start"]), datetime.fromisoformat(period["end"])
