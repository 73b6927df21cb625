"""What an account pays less than list price: an agreement in percent, and rates of savings plans and reservations.

    version: 1
    percent: 12              # off every list price
    services:
      AmazonEC2: 20          # instead of that
    rates:                   # USD for one unit of the price, instead of both
      - price: AmazonEC2 us-east-1 instance instance_type=m7g.large os=Linux
        usd: "0.0514"

A price is named as `cx cost --explain` names it; attributes that are left out may be any.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal, InvalidOperation
from difflib import get_close_matches
from functools import partial
from typing import Any, Final

from cygni.errors import UsageError
from cygni.pricing.book_file import Row
from cygni.pricing.book_sources import TIER, Rows, RowSource
from cygni.pricing.versioned_yaml import versioned_mapping

VERSION: Final = 1
_KEYS: Final = frozenset({"version", "percent", "services", "rates"})
_ATTRIBUTE: Final = re.compile(r" (?=\w+=)")
_NOTHING: Final = Decimal(0)
_ALL: Final = Decimal(100)


@dataclass(frozen=True, slots=True)
class Rate:
    """What one price is instead: USD for its unit. `attributes` are those it must have, among others."""

    price: str
    service: str
    region: str
    usage: str
    attributes: frozenset[tuple[str, str]]
    usd: Decimal

    @classmethod
    def of(cls, price: str, usd: Decimal) -> Rate:
        """Raises ValueError for a price that is not named as prices are."""
        name, *attributes = _ATTRIBUTE.split(price.strip())
        service, region, usage = name.split(" ")
        pairs = frozenset((key, value) for key, _, value in (one.partition("=") for one in attributes))
        return cls(price, service, region, usage, pairs, usd)

    def fits(self, row: Row) -> bool:
        known = (row.service, row.region, row.usage) == (self.service, self.region, self.usage)
        return known and self.attributes <= set(row.attributes)


@dataclass(frozen=True, slots=True)
class Discounts:
    """`percent` off every list price, `services` otherwise, and `rates`, of which the last that fits counts."""

    percent: Decimal = _NOTHING
    services: Mapping[str, Decimal] = field(default_factory=dict)
    rates: tuple[Rate, ...] = ()

    def paid(self, row: Row) -> Row:
        """What is paid instead of a list price, with words for it. Raises UsageError for a rate above it."""
        for rate in reversed(self.rates):
            if rate.fits(row):
                if rate.usd > row.usd:
                    raise _above_list(rate, row)
                said = f"a rate of your own; {row.usd:f} USD at list price"
                return replace(row, usd=rate.usd, discount=said, listed=row.usd)
        percent = self.services.get(row.service, self.percent)
        if not percent:
            return row
        paid = row.usd * (_ALL - percent) / _ALL
        return replace(row, usd=paid, discount=f"list price less {percent:f} %", listed=row.usd)

    def demand_services(self, known: Collection[str], filename: str) -> None:
        """Raises UsageError for percentages of a service that is not `known`; `filename` is what the error calls the
        file."""
        for name in self.services:
            if name not in known:
                meant = get_close_matches(name, sorted(known), n=1)
                near = f'; did you mean "{meant[0]}"?' if meant else ""
                raise _wrong(filename, f"has services.{name}, which is no service of any price{near}")

    def unused(self, book: RowSource) -> tuple[str, ...]:
        """The rates that fit no price of a book: mistakes, mostly."""
        return tuple(
            rate.price
            for rate in self.rates
            if not any(rate.fits(row) for row in book.rows(rate.service, rate.region))
        )

    def to_dict(self) -> dict[str, Any]:
        """As JSON values; figures are decimal text."""
        return {
            "percent": f"{self.percent:f}",
            "services": {name: f"{percent:f}" for name, percent in self.services.items()},
            "rates": [{"price": rate.price, "usd": f"{rate.usd:f}"} for rate in self.rates],
        }


class PaidRows:
    """The rows of a source at what is paid for them."""

    def __init__(self, listed: RowSource, discounts: Discounts) -> None:
        self._listed = listed
        self._discounts = discounts

    def rows(self, service: str, region: str) -> Rows:
        return tuple(self._discounts.paid(row) for row in self._listed.rows(service, region))

    def regions(self, service: str) -> frozenset[str]:
        return self._listed.regions(service)


def parse_discounts(text: str, filename: str) -> Discounts:
    """The discounts in `text`; `filename` is what errors call it. Raises UsageError with what is wrong."""
    data = versioned_mapping(text, VERSION, _KEYS, partial(_wrong, filename))
    services = data.get("services") or {}
    if not isinstance(services, dict):
        raise _wrong(filename, "has services that are no mapping")
    return Discounts(
        _percent(filename, "percent", data.get("percent", 0)),
        {str(name): _percent(filename, f"services.{name}", value) for name, value in services.items()},
        tuple(_rates(filename, data.get("rates") or [])),
    )


def _percent(filename: str, key: str, value: Any) -> Decimal:
    found = _figure(value)
    if found is None or not _NOTHING <= found < _ALL:
        raise _wrong(filename, f"has {key}: {value!r}, which is no percentage below 100")
    return found


def _rates(filename: str, written: Any) -> Iterator[Rate]:
    if not isinstance(written, list):
        raise _wrong(filename, "has rates that are no list")
    for number, one in enumerate(written, 1):
        if not isinstance(one, dict) or one.keys() != {"price", "usd"}:
            raise _wrong(filename, f"has a rate {number} without just price and usd")
        usd = _figure(one["usd"])
        if usd is None or usd < 0:
            raise _wrong(filename, f"has a rate {number} of {one['usd']!r}, which is no amount of dollars")
        try:
            yield Rate.of(str(one["price"]), usd)
        except ValueError:
            raise _wrong(
                filename, f"has a rate {number} for {one['price']!r}, which names no price"
            ) from None


def _above_list(rate: Rate, row: Row) -> UsageError:
    """A rate without a tier is that of every tier of a price that falls with the amount, also of the cheapest."""
    tier = dict(row.attributes).get(TIER)
    said = (
        f"the discounts have a rate of {rate.usd:f} USD for {rate.price}, whose list price is {row.usd:f} USD"
    )
    if tier is None or TIER in dict(rate.attributes):
        return UsageError(
            said,
            hint="Nobody pays more than the list price: correct the rate in the file of CYGNI_DISCOUNTS.",
        )
    return UsageError(
        f"{said} in its tier {tier!r}",
        hint=f"It names no tier, so it is for each of them: give each a rate, {rate.price} {TIER}={tier} for this one.",
    )


def _figure(value: Any) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        found = Decimal(str(value))
    except InvalidOperation:
        return None
    return found if found.is_finite() else None


def _wrong(filename: str, what: str) -> UsageError:
    return UsageError(
        f"the discounts in {filename} cannot be used: it {what}",
        hint="It begins with version: 1, and may have percent, services and rates: docs/cost.md",
    )
