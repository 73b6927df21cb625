"""Numbers that are exact until a line of an invoice rounds them once (pure)."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Context, Decimal
from fractions import Fraction
from typing import Final

from cygni.pricing.exchange import decimal_places
from cygni.pricing.money import decimal_text

_WIDE: Final = Context(prec=60, rounding=ROUND_HALF_EVEN)
_SHOWN_PLACES: Final = 12


def rounded(amount: Fraction, currency: str) -> Decimal:
    """`amount` in the smallest unit of `currency` (ISO 4217), half to even."""
    places = decimal_places(currency)
    return _WIDE.scaleb(Decimal(round(amount * 10**places)), -places)


def fraction_text(value: Fraction) -> str:
    """A plain decimal string; what does not end is rounded to 12 places."""
    shown = _WIDE.scaleb(Decimal(round(value * 10**_SHOWN_PLACES)), -_SHOWN_PLACES)
    return decimal_text(shown) or "0"
