"""The rates of exchange that somebody names, in a file:

    version: 1
    rates:
      EUR:
        per_usd: "0.92"      # one US dollar is so many euros
        date: 2026-11-20     # the day of the rate
        source: ECB          # who says so, if that shall be told

Nothing is fetched: which rate holds, and of which day, is for those who have to answer for a sum.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from functools import partial
from typing import Any, Final

from cygni.errors import NoExchangeRate, UsageError
from cygni.pricing.exchange import CODE, DOLLARS, LEAST, MOST, USD, Exchange
from cygni.pricing.versioned_yaml import versioned_mapping
from cygni.settings import Settings

VERSION: Final = 1
_LONGEST_SOURCE: Final = 80


@dataclass(frozen=True, slots=True)
class ExchangeRates:
    """The rates of a file, by currency; none without one. `filename` is what errors call it."""

    rates: Mapping[str, Exchange] = field(default_factory=dict)
    filename: str = ""

    def of(self, currency: str) -> Exchange:
        """Raises NoExchangeRate for a currency without a rate, UsageError for what is no currency."""
        if currency == USD:
            return DOLLARS
        if re.fullmatch(CODE, currency) is None:
            raise UsageError(
                f"{currency!r} is no currency",
                hint="Write the three capital letters of ISO 4217, such as EUR.",
            )
        if currency not in self.rates:
            raise NoExchangeRate(
                f"there is no rate of exchange for {currency}, and AWS's prices are in USD",
                hint=f"Add {currency} to the rates in {self.filename}: per_usd and date."
                if self.filename
                else f"Let CYGNI_EXCHANGE_RATES name a file with a rate for {currency}: docs/cost.md",
            )
        return self.rates[currency]


def rates_in_use(settings: Settings) -> ExchangeRates:
    """Those of the file that the settings name. Raises UsageError."""
    path = settings.exchange_rates
    if path is None:
        return ExchangeRates()
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(
            f"the rates of exchange in {path} cannot be read: {getattr(error, 'strerror', None) or error}",
            hint="CYGNI_EXCHANGE_RATES names the file; unset it to stay with US dollars.",
        ) from None
    return parse_rates(text, str(path), date.today())  # noqa: DTZ011  # the day where somebody wrote it


def exchange_in_use(settings: Settings, chosen: str | None = None, usual: str = USD) -> Exchange:
    """What amounts are shown in: the currency that was `chosen`, or that of the settings, or the `usual` one. Raises
    UsageError, and NoExchangeRate for one without a rate."""
    return exchange_to(settings, chosen or settings.currency or usual)


def exchange_to(settings: Settings, currency: str) -> Exchange:
    """The rate of a currency; of dollars without reading a file. Raises UsageError, and NoExchangeRate."""
    return DOLLARS if currency == USD else rates_in_use(settings).of(currency)


def parse_rates(text: str, filename: str, today: date) -> ExchangeRates:
    """The rates in `text`. A rate of a later day than tomorrow is refused, as are rates that no currency has. Raises
    UsageError with what is wrong."""
    data = versioned_mapping(text, VERSION, ("version", "rates"), partial(_wrong, filename))
    written = data.get("rates") or {}
    if not isinstance(written, dict):
        raise _wrong(filename, "has rates that are no mapping")
    return ExchangeRates(
        {code: _exchange(filename, code, one, today) for code, one in written.items()}, filename
    )


def _exchange(filename: str, code: Any, written: Any, today: date) -> Exchange:
    if not isinstance(code, str) or re.fullmatch(CODE, code) is None:
        raise _wrong(filename, f"has a rate for {code!r}, which is no currency of three capital letters")
    if code == USD:
        raise _wrong(filename, "has a rate for USD, which all others are for")
    if not isinstance(written, dict) or not {"per_usd", "date"} <= written.keys() <= _KEYS:
        raise _wrong(filename, f"has a rate for {code} without just per_usd, date and, if wanted, source")
    source = written.get("source") or ""
    if not isinstance(source, str) or len(source) > _LONGEST_SOURCE or not source.isprintable():
        raise _wrong(filename, f"has a source of {code} that is no text of one line, up to {_LONGEST_SOURCE}")
    return Exchange(
        code,
        _rate(filename, code, written["per_usd"]),
        _day(filename, code, written["date"], today),
        source,
    )


_KEYS: Final = frozenset({"per_usd", "date", "source"})


def _rate(filename: str, code: str, value: Any) -> Decimal:
    try:
        found = Decimal(str(value)) if isinstance(value, int | float | str) else None
    except InvalidOperation:
        found = None
    if found is None or isinstance(value, bool) or not found.is_finite() or not LEAST <= found <= MOST:
        raise _wrong(
            filename,
            f"has per_usd: {value!r} for {code}, which is no rate: one US dollar is from {LEAST} to {MOST:,} of any "
            "currency",
        )
    return found


def _day(filename: str, code: str, value: Any, today: date) -> date:
    try:
        found = date.fromisoformat(str(value))
    except ValueError:
        raise _wrong(filename, f"has the date {value!r} for {code}, which is no day as 2026-11-20") from None
    if found > today + timedelta(days=1):  # where the day has begun already
        raise _wrong(filename, f"has a rate for {code} of {found}, which is yet to come")
    return found


def _wrong(filename: str, what: str) -> UsageError:
    return UsageError(
        f"the rates of exchange in {filename} cannot be used: it {what}",
        hint="It has version: 1, and rates: docs/cost.md",
    )
