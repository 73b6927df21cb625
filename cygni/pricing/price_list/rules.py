"""The words that tables of offers are written in: which rows of AWS's price list are which price of the book.

    Rule("AmazonVPC", "nat-gateway", "hour", HOURS, "NatGateway-Hours", where={"Product Family": "NAT Gateway"})

A rule is about rows of on-demand terms whose usage type is exactly as it says, less the prefix that names the region
(`EUC1-NatGateway-Hours`), and whose columns have the values of `where`. Named groups of the usage type become
attributes of the price, and so do columns named in `by`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from functools import cached_property
from typing import Final

from cygni.pricing.book_file import Row
from cygni.pricing.book_sources import TIER

GLOBAL: Final = "global"
"""The region of prices that belong to none."""

Units = Mapping[str, Decimal]
"""AWS's spellings of a unit, in lower case, and how many of the book's units each one is."""


def spelled(*names: str, each: int = 1) -> Units:
    return dict.fromkeys(names, Decimal(each))


HOURS: Final = spelled("hrs", "hours", "hour")
VCPU_HOURS: Final = spelled("hours", "hrs", "vcpu-hours", "vcpu-hour")
GB_HOURS: Final = spelled("hours", "hrs", "gb-hours", "gb-hour")
GB: Final = spelled("gb", "gigabytes")
GB_MONTHS: Final = spelled("gb-mo", "gb-month", "gb-months")
REQUESTS: Final = spelled("requests", "request", "api requests", "api calls", "count", "quantity")


class Ranges(StrEnum):
    """What becomes of the amounts from which on AWS charges another price.

    Ranges at $0 that come first are what AWS gives for free; that is deducted elsewhere, if asked for.
    """

    ONE = "one"  # there is one price; more would be news
    FIRST = "first"  # the book holds the price of the first range alone
    DATA = "data"  # tiers, named in TB and PB of 1,024
    COUNT = "count"  # tiers, named in thousands, millions and billions


@dataclass(frozen=True, slots=True)
class Column:
    """An attribute read from a column: its value, or what `names` calls it; a row of another value is not meant."""

    title: str
    names: Mapping[str, str] | None = None

    def read(self, value: str) -> str | None:
        return (value or None) if self.names is None else self.names.get(value)

    def writes(self, attribute: str) -> bool:
        """Whether an attribute of the book may be of this column."""
        return self.names is None or attribute in self.names.values()


@dataclass(frozen=True)
class Rule:
    """Which rows are which price: `service`, `usage`, `unit` and `attributes` as the book has them, with AWS's `units`
    for it; `usage_type` is a regular expression that the whole has to fit."""

    service: str
    usage: str
    unit: str
    units: Units
    usage_type: str
    where: Mapping[str, str | tuple[str, ...]] = field(default_factory=dict)
    attributes: Mapping[str, str] = field(default_factory=dict)
    by: Mapping[str, Column] = field(default_factory=dict)
    ranges: Ranges = Ranges.ONE
    tier_unit: str = ""  # said after the amount of a tier: `first 6B GB-s`

    def __hash__(self) -> int:
        return id(self)

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        return re.compile(self.usage_type)

    @property
    def titles(self) -> tuple[str, ...]:
        """The columns it looks at."""
        return (*self.where, *(column.title for column in self.by.values()))

    @property
    def varying(self) -> frozenset[str]:
        """The attributes that rows decide."""
        return frozenset(self.by) | frozenset(self.pattern.groupindex)

    @property
    def name(self) -> str:
        """`AmazonEC2 instance purchase=on-demand`: what it is the price of."""
        constants = (f"{name}={value}" for name, value in sorted(self.attributes.items()))
        return " ".join((self.service, self.usage, *constants))

    def covers(self, row: Row) -> bool:
        """Whether a price of the book is one that this rule would find."""
        if (row.service, row.usage) != (self.service, self.usage):
            return False
        own = dict(row.attributes)
        if self.ranges in (Ranges.DATA, Ranges.COUNT):
            own.pop(TIER, None)
        if own.keys() != self.attributes.keys() | self.varying:
            return False
        return self.attributes.items() <= own.items() and all(
            column.writes(own[name]) for name, column in self.by.items()
        )


@dataclass(frozen=True, slots=True)
class Offer:
    """One of AWS's offers, by its code, and what the book takes of it. A `worldwide` one has a single file, whose
    prices belong to no region. `region_title` is the column that says where a row counts, `place_title` the one that
    tells a region from what else AWS has there, such as Outposts."""

    code: str
    rules: tuple[Rule, ...]
    worldwide: bool = False
    region_title: str = "Region Code"
    place_title: str = "Location Type"

    @property
    def services(self) -> frozenset[str]:
        """The services of the book that its prices are of."""
        return frozenset(rule.service for rule in self.rules)
