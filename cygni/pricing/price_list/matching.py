"""Applies the rules of an offer to the rows of its file. Kept is what fits a rule; never a row."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Final

from cygni.pricing.book_file import Row
from cygni.pricing.book_sources import TIER
from cygni.pricing.price_book import Attributes
from cygni.pricing.price_list.offer_file import OfferFile
from cygni.pricing.price_list.problems import Problem, ProblemKind
from cygni.pricing.price_list.rules import GLOBAL, Offer, Ranges, Rule
from cygni.pricing.price_list.tiers import Range, are_whole, range_of, tier_names

_PREFIX: Final = re.compile(r"(?:[A-Z]{3}[0-9]{1,2}|EU)-")
_ON_DEMAND: Final = "OnDemand"
_CURRENCY: Final = "USD"
_MOST: Final = Decimal(10**6)
"""USD a unit: above all that AWS lists on demand, and below what no sum could hold any more."""
_REGION: Final = "AWS Region"
_TITLES: Final = (
    "TermType",
    "StartingRange",
    "EndingRange",
    "Unit",
    "PricePerUnit",
    "Currency",
    "usageType",
)

Key = tuple[Rule, Attributes]


@dataclass(frozen=True, slots=True)
class Found:
    """What the file of an offer has for a region (`GLOBAL` of a worldwide offer): rows for the book, and problems.
    `free` names the prices that are $0 there."""

    offer: Offer
    region: str
    version: str
    rows: tuple[Row, ...]
    problems: tuple[Problem, ...]
    free: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class _Bound:
    """A rule with the columns of one file."""

    rule: Rule
    where: tuple[tuple[int, tuple[str, ...]], ...]
    by: tuple[tuple[str, int], ...]

    def attributes(self, row: list[str], groups: Mapping[str, str]) -> Attributes | None:
        """The attributes of the price that a row is of; None where it is of none of this rule."""
        if any(row[column] not in values for column, values in self.where):
            return None
        found = {**self.rule.attributes, **groups}
        for name, column in self.by:
            value = self.rule.by[name].read(row[column])
            if value is None:
                return None
            found[name] = value
        return tuple(sorted(found.items()))


@dataclass(slots=True)
class _Prices:
    """What was found of one price of the book: USD per unit by range, and what speaks against it."""

    ranges: dict[Range, Decimal] = field(default_factory=dict)
    problem: tuple[ProblemKind, str] | None = None

    @property
    def is_free(self) -> bool:
        """Whether all of it is $0."""
        return self.problem is None and bool(self.ranges) and not any(self.ranges.values())

    def against(self, kind: ProblemKind, text: str) -> None:
        self.problem = self.problem or (kind, text)


def match_offer(offer: Offer, file: OfferFile, region: str, read_on: str) -> Found:
    """The prices of a region in the file of an offer; `read_on` is the day, as an ISO date.

    Raises PriceListError where the file is broken, or has none of the columns that every file has.
    """
    matching = _Matching(offer, file, region)
    if matching.bound:
        term, place, here = matching.columns[0], matching.place, matching.region
        for row in file.rows():
            if row[term] == _ON_DEMAND and (place is None or row[place] == here):
                matching.take(row)
    return matching.found(f"AWS price list {offer.code} {file.version}", read_on)


class _Matching:
    def __init__(self, offer: Offer, file: OfferFile, region: str) -> None:
        self.offer = offer
        self.region = GLOBAL if offer.worldwide else region
        self.version = file.version
        self.prices: dict[Key, _Prices] = {}
        self.problems: list[Problem] = []
        columns = [file.column(title) for title in _TITLES]
        self.place = None if offer.worldwide else file.column(offer.region_title)
        self.place_kind = None if offer.worldwide else file.column(offer.place_title)
        lacking = [title for title, column in zip(_TITLES, columns, strict=True) if column is None]
        if not offer.worldwide:
            places = {offer.region_title: self.place, offer.place_title: self.place_kind}
            lacking += [title for title, column in places.items() if column is None]
        if lacking:
            self._say(ProblemKind.COLUMNS, "", f"it has no column {', '.join(lacking)}")
        self.columns = [column if column is not None else -1 for column in columns]
        self.bound = () if lacking else tuple(self._bind(file))
        self.candidates = lru_cache(maxsize=4096)(self._candidates)

    def _bind(self, file: OfferFile) -> Iterator[_Bound]:
        for rule in self.offer.rules:
            lacking = [title for title in rule.titles if file.column(title) is None]
            if lacking:
                self._say(ProblemKind.COLUMNS, rule.name, f"the list has no column {', '.join(lacking)}")
                continue
            where = tuple(
                (file.columns_of(title), (value,) if isinstance(value, str) else value)
                for title, value in rule.where.items()
            )
            yield _Bound(
                rule, where, tuple((name, file.columns_of(one.title)) for name, one in rule.by.items())
            )

    def _candidates(self, usage_type: str) -> tuple[tuple[_Bound, Mapping[str, str]], ...]:
        """The rules that a usage type fits, with its named groups."""
        own = usage_type
        if not self.offer.worldwide:
            own = _PREFIX.sub("", own.removeprefix(f"{self.region}-"), count=1) if own else own
        matches = ((one, one.rule.pattern.fullmatch(own)) for one in self.bound)
        return tuple((one, match.groupdict()) for one, match in matches if match)

    def take(self, row: list[str]) -> None:
        """Looks whether a row on demand is a price of the book, and keeps its figure."""
        if self.place_kind is not None and row[self.place_kind] != _REGION:
            return
        _, start, end, unit, usd, currency, usage = self.columns
        for bound, groups in self.candidates(row[usage]):
            attributes = bound.attributes(row, groups)
            if attributes is None:
                continue
            prices = self.prices.setdefault((bound.rule, attributes), _Prices())
            if row[currency] != _CURRENCY:
                prices.against(ProblemKind.VALUE, f"it is in {row[currency] or 'no currency'}")
                continue
            _add(prices, bound.rule, (row[start], row[end]), row[unit], row[usd])

    def found(self, source: str, read_on: str) -> Found:
        """What there is after the last row."""
        spoiled: set[tuple[str, str, Attributes]] = set()
        rows: list[Row] = []
        for (rule, attributes), prices in self.prices.items():
            own = list(self._rows(rule, attributes, prices, (source, read_on)))
            if prices.problem is not None:
                kind, text = prices.problem
                self._say(kind, _key(rule, attributes), text)
                spoiled.add((rule.service, rule.usage, _group(attributes)))
            rows += own
        kept = (row for row in rows if (row.service, row.usage, _group(row.attributes)) not in spoiled)
        free = frozenset(_key(*key) for key, prices in self.prices.items() if prices.is_free)
        return Found(self.offer, self.region, self.version, tuple(kept), tuple(self.problems), free)

    def _rows(
        self, rule: Rule, attributes: Attributes, prices: _Prices, read: tuple[str, str]
    ) -> Iterator[Row]:
        """The rows of one price; none where something speaks against it, or all of it is free."""
        if prices.problem is not None:
            return
        ranges = sorted(prices.ranges, key=lambda one: one[0])
        charged = [one for one in ranges if prices.ranges[one]]
        if not charged:
            return
        if not are_whole(ranges):
            prices.against(ProblemKind.RANGES, "its ranges of amounts overlap, or leave something out")
            return
        tiers = [""]
        if rule.ranges is Ranges.ONE and len({prices.ranges[one] for one in charged}) > 1:
            prices.against(ProblemKind.RANGES, f"it has {len(charged)} prices, by amount")
            return
        if rule.ranges in (Ranges.DATA, Ranges.COUNT):
            if charged != ranges:
                prices.against(ProblemKind.RANGES, "a part of its amount is free")
                return
            if len(ranges) > 1:
                tiers = list(tier_names(ranges, rule.ranges, rule.tier_unit))
        source, read_on = read
        for tier, one in zip(tiers, charged, strict=False):
            named = tuple(sorted((*attributes, (TIER, tier)))) if tier else attributes
            yield Row(
                rule.service, self.region, rule.usage, named, rule.unit, prices.ranges[one], read_on, source
            )

    def _say(self, kind: ProblemKind, price: str, text: str) -> None:
        self.problems.append(Problem(kind, self.offer.code, self.region, price, text))


def _add(prices: _Prices, rule: Rule, amounts: tuple[str, str], unit: str, usd: str) -> None:
    """Keeps a figure, in the book's unit."""
    each = rule.units.get(unit.lower())
    if each is None:
        prices.against(ProblemKind.UNIT, f"AWS counts it in {unit!r}, the book in {rule.unit!r}")
        return
    try:
        price = Decimal(usd)
        where = range_of(*amounts)
    except (InvalidOperation, ValueError):
        price, where = Decimal(-1), (Decimal(0), None)
    if not price.is_finite() or not 0 <= price <= _MOST:
        prices.against(ProblemKind.VALUE, f"its price is {usd!r}, from {amounts[0]!r} to {amounts[1]!r}")
        return
    price = price / each
    known = prices.ranges.setdefault(where, price)
    if known != price:
        prices.against(ProblemKind.AMBIGUOUS, f"it is listed at {known:f} and at {price:f} USD")


def _key(rule: Rule, attributes: Iterable[tuple[str, str]]) -> str:
    return " ".join((rule.service, rule.usage, *(f"{name}={value}" for name, value in attributes)))


def _group(attributes: Attributes) -> Attributes:
    return tuple(pair for pair in attributes if pair[0] != TIER)
