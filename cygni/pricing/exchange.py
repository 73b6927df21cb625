"""What a US dollar is in another currency (pure).

AWS lists and bills in dollars, and so everything is kept and judged in them; amounts are converted where they are
shown, at a rate that somebody names with its day.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Context, Decimal
from typing import Any, Final

from cygni.pricing.money import decimal_text, settle

USD: Final = "USD"
CODE: Final = r"[A-Z]{3}"
"""How ISO 4217 writes currencies."""

LEAST: Final = Decimal("0.01")
MOST: Final = Decimal(10_000_000)
"""Of a currency for one dollar: no currency of ISO 4217 lies outside of that."""

_WIDE: Final = Context(prec=60)
# ISO 4217, list one.
_WITHOUT_MINOR_UNIT: Final = (
    "BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "VND", "VUV", "XAF", "XOF", "XPF",
)  # fmt: skip
CURRENCIES: Final = frozenset((
    "AED", "AFN", "ALL", "AMD", "AOA", "ARS", "AUD", "AWG", "AZN", "BAM", "BBD", "BDT", "BHD", "BIF",
    "BMD", "BND", "BOB", "BRL", "BSD", "BTN", "BWP", "BYN", "BZD", "CAD", "CDF", "CHF", "CLP", "CNY",
    "COP", "CRC", "CUP", "CVE", "CZK", "DJF", "DKK", "DOP", "DZD", "EGP", "ERN", "ETB", "EUR", "FJD",
    "FKP", "GBP", "GEL", "GHS", "GIP", "GMD", "GNF", "GTQ", "GYD", "HKD", "HNL", "HTG", "HUF", "IDR",
    "ILS", "INR", "IQD", "IRR", "ISK", "JMD", "JOD", "JPY", "KES", "KGS", "KHR", "KMF", "KPW", "KRW",
    "KWD", "KYD", "KZT", "LAK", "LBP", "LKR", "LRD", "LSL", "LYD", "MAD", "MDL", "MGA", "MKD", "MMK",
    "MNT", "MOP", "MRU", "MUR", "MVR", "MWK", "MXN", "MYR", "MZN", "NAD", "NGN", "NIO", "NOK", "NPR",
    "NZD", "OMR", "PAB", "PEN", "PGK", "PHP", "PKR", "PLN", "PYG", "QAR", "RON", "RSD", "RUB", "RWF",
    "SAR", "SBD", "SCR", "SDG", "SEK", "SGD", "SHP", "SLE", "SOS", "SRD", "SSP", "STN", "SVC", "SYP",
    "SZL", "THB", "TJS", "TMT", "TND", "TOP", "TRY", "TTD", "TWD", "TZS", "UAH", "UGX", "USD", "UYU",
    "UZS", "VED", "VES", "VND", "VUV", "WST", "XAF", "XCD", "XCG", "XOF", "XPF", "YER", "ZAR", "ZMW",
    "ZWG",
))  # fmt: skip
"""What people pay with: without the codes for metals, funds, tests and none (`XXX`)."""
_IN_THOUSANDTHS: Final = ("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND")


@dataclass(frozen=True, slots=True)
class Exchange:
    """One US dollar is `per_usd` of `currency`, on a day and as `source` says, where that is known."""

    currency: str
    per_usd: Decimal
    on: date | None = None
    source: str = ""

    def of_usd(self, usd: Decimal) -> Decimal:
        """An amount of dollars, rounded once, to 12 places as dollars are; dollars stay as they are."""
        return usd if self.currency == USD else settle(self.exactly(usd))

    def exactly(self, usd: Decimal) -> Decimal:
        """The same without rounding, for prices of single units."""
        return usd if self.currency == USD else _WIDE.multiply(usd, self.per_usd)

    def in_usd(self, amount: Decimal) -> Decimal:
        """The dollars for an amount, rounded to 12 places."""
        return amount if self.currency == USD else settle(_WIDE.divide(amount, self.per_usd))

    @property
    def text(self) -> str:
        """`1 USD = 0.92 EUR on 2026-11-20 (ECB)`; empty for dollars."""
        if self.currency == USD:
            return ""
        day = f" on {self.on}" if self.on is not None else ""
        source = f" ({self.source})" if self.source else ""
        return f"1 USD = {self.per_usd:f} {self.currency}{day}{source}"

    @property
    def document(self) -> dict[str, Any]:
        """What a document says of its amounts: `currency`, and `exchange` where they were converted."""
        if self.currency == USD:
            return {"currency": USD}
        rate = {
            "per_usd": decimal_text(self.per_usd),
            "date": self.on.isoformat() if self.on is not None else None,
            "source": self.source or None,
        }
        return {"currency": self.currency, "exchange": rate}


DOLLARS: Final = Exchange(USD, Decimal(1))


def decimal_places(currency: str) -> int:
    """How many a currency has, by ISO 4217."""
    return 0 if currency in _WITHOUT_MINOR_UNIT else 3 if currency in _IN_THOUSANDTHS else 2


def mark(currency: str) -> str:
    """What stands before an amount: `$`, or `EUR `, for several currencies share a sign."""
    return "$" if currency == USD else f"{currency} "
