"""The price book: list prices with their dates, found by service, region, usage and attributes.

The book that ships lies in `book/aws/`, one JSON-lines file per AWS service, read when the first price of
that service is asked for. It was seeded from public readings of AWS's on-demand list prices; every price
keeps where it was read and, if that was recorded, when (`source`, `as_of`, `note`). A price the book does not
hold is None: never a price of another region, never $0.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Final

from cygni.errors import PriceBookError
from cygni.pricing.book_file import Row, read_rows
from cygni.pricing.book_sources import TIER, RowsInFolder, RowsInMemory, RowSource
from cygni.pricing.money import ZERO

SHIPPED: Final = Path(__file__).parent / "book" / "aws"

Attributes = tuple[tuple[str, str], ...]
"""Attribute names and values, sorted by name."""


@dataclass(frozen=True, slots=True)
class Price:
    """One price: `usd` per `unit`. `as_of` is the day it was read, None if that was not recorded. It is a list price,
    unless `discount` says why it is another: then `listed` is the list
    price."""

    service: str
    region: str
    usage: str
    attributes: Attributes
    unit: str
    usd: Decimal
    as_of: date | None
    source: str
    note: str | None = None
    discount: str | None = None
    listed: Decimal | None = None

    @property
    def list_usd(self) -> Decimal:
        """What it is before discounts."""
        return self.usd if self.listed is None else self.listed


@dataclass(frozen=True, slots=True)
class Tier:
    """The part of a usage from `start` up to `end` (None: no end), in the price's unit."""

    name: str
    start: Decimal
    end: Decimal | None
    price: Price


class PriceBook:
    """Prices, indexed. Create it with `load` or `of`, or of a source of rows."""

    def __init__(self, source: RowSource) -> None:
        self._source = source
        self._places: dict[tuple[str, str], _Index] = {}
        self._found: dict[tuple[str, str, str, Attributes], Price | None] = {}

    @classmethod
    def load(cls, path: Path | None = None) -> PriceBook:
        """The book that ships, or the one at `path`: a folder of `SERVICE.jsonl` files, or one such file.

        A folder's files are read when needed; a broken one raises PriceBookError then.
        """
        where = SHIPPED if path is None else path
        return cls(RowsInFolder(where) if where.is_dir() else RowsInMemory(read_rows(where)))

    @classmethod
    def of(cls, rows: Iterable[Row]) -> PriceBook:
        """A book of exactly these rows. Raises PriceBookError where two are of the same thing."""
        known = tuple(rows)
        book = cls(RowsInMemory(known))
        for place in dict.fromkeys((row.service, row.region) for row in known):
            book._index(*place)
        return book

    def price(self, service: str, region: str, usage: str, **attributes: str) -> Price | None:
        """The price with exactly these attributes, or the only one that has them among others.

        None when there is none, and when several fit: an ambiguous price is not a price. Nor is that of a tier, which
        holds for a part of an amount: `tiers` has those.
        """
        return self.find(service, region, usage, tuple(sorted(attributes.items())))

    def find(self, service: str, region: str, usage: str, attributes: Attributes) -> Price | None:
        """`price`, with the attributes as sorted pairs."""
        key = (service, region, usage, attributes)
        try:
            return self._found[key]
        except KeyError:
            return self._found.setdefault(key, self._search(*key))

    def tiers(self, service: str, region: str, usage: str, attributes: Attributes = ()) -> tuple[Tier, ...]:
        """The tiers of a graduated price, from zero up to the first one the book does not hold.

        A price without a tier counts as one tier without an end. Empty when the first tier is missing:
        then nobody knows where the next one begins.
        """
        fitting = [p for p in self.at(service, region, usage) if set(attributes) <= set(p.attributes)]
        return tuple(_chain(fitting, attributes))

    def at(self, service: str, region: str, usage: str) -> tuple[Price, ...]:
        """Every price of a usage, whatever its attributes."""
        return self._index(service, region).at(usage)

    def regions(self, service: str) -> frozenset[str]:
        """The regions with any price of the service; `global` for prices that belong to none."""
        return self._source.regions(service)

    def _search(self, service: str, region: str, usage: str, attributes: Attributes) -> Price | None:
        candidates = self.at(service, region, usage)
        for candidate in candidates:
            if candidate.attributes == attributes:
                return candidate
        wanted = set(attributes)
        fitting = [
            candidate
            for candidate in candidates
            if wanted <= set(candidate.attributes) and not _is_graduated(candidate, attributes)
        ]
        return fitting[0] if len(fitting) == 1 else None

    def _index(self, service: str, region: str) -> _Index:
        index = self._places.get((service, region))
        if index is None:
            index = self._places[service, region] = _Index(self._source.rows(service, region))
        return index


class _Index:
    """The prices of one service in one region, by usage. Price objects are made when first looked at."""

    def __init__(self, rows: Iterable[Row]) -> None:
        self._rows: dict[str, dict[Attributes, Row]] = {}
        self._prices: dict[str, tuple[Price, ...]] = {}
        for row in rows:
            known = self._rows.setdefault(row.usage, {})
            if row.attributes in known:
                raise PriceBookError(
                    f"Two prices for the same thing: {row.service} {row.region} {row.usage} {dict(row.attributes)}.",
                    hint="Keep one of the two lines.",
                )
            known[row.attributes] = row

    def at(self, usage: str) -> tuple[Price, ...]:
        prices = self._prices.get(usage)
        if prices is None:
            own = self._rows.get(usage, {})
            prices = self._prices[usage] = tuple(_price(row) for row in own.values())
        return prices


def _price(row: Row) -> Price:
    as_of = date.fromisoformat(row.as_of) if row.as_of else None
    return Price(
        row.service,
        row.region,
        row.usage,
        row.attributes,
        row.unit,
        row.usd,
        as_of,
        row.source,
        row.note,
        row.discount,
        row.listed,
    )


_TIER: Final = re.compile(r"(first|next|over) (\d+(?:\.\d+)?) ?(k|M|B|TB|PB)?\b")
# AWS counts 1 TB of data as 1,024 GB; k, M and B count things.
_SCALE: Final[Mapping[str | None, Decimal]] = {
    None: Decimal(1),
    "k": Decimal(1_000),
    "M": Decimal(1_000_000),
    "B": Decimal(1_000_000_000),
    "TB": Decimal(1024),
    "PB": Decimal(1024 * 1024),
}


def _is_graduated(price: Price, wanted: Attributes) -> bool:
    """Whether a price is only that of a part of an amount, which nobody asked for."""
    tier = dict(price.attributes).get(TIER, "")
    return tier.startswith(("first", "next", "over")) and TIER not in dict(wanted)


def _chain(prices: Iterable[Price], attributes: Attributes) -> Iterator[Tier]:
    """Order graduated prices by what their tier's name says, and stop at a gap."""
    start = ZERO
    spans: list[tuple[str, Decimal, str, Price]] = []
    for price in prices:
        name = dict(price.attributes).get(TIER, "")
        match = _TIER.match(name)
        if match:
            spans.append((match[1], Decimal(match[2]) * _SCALE[match[3]], name, price))
        elif price.attributes == attributes:
            yield Tier("", ZERO, None, price)
            return
    first = [span for span in spans if span[0] == "first"]
    if len(first) != 1:
        return
    yield Tier(first[0][2], start, first[0][1], first[0][3])
    start = first[0][1]
    for _, width, name, price in sorted((s for s in spans if s[0] == "next"), key=lambda s: s[1]):
        yield Tier(name, start, start + width, price)
        start += width
    for _, bound, name, price in spans:
        if name.startswith("over") and bound == start:
            yield Tier(name, start, None, price)
