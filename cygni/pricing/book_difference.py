"""What differs between two price books (pure)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from cygni.pricing.book_file import Row

Key = tuple[str, str, str, tuple[tuple[str, str], ...]]


@dataclass(frozen=True, slots=True)
class PriceChange:
    """One price on both sides; a side is None where the book does not have it."""

    before: Row | None
    after: Row | None

    @property
    def row(self) -> Row:
        found = self.after or self.before
        assert found is not None
        return found

    @property
    def name(self) -> str:
        """`AmazonEC2 eu-west-1 instance instance_type=m7g.large os=Linux`."""
        row = self.row
        attributes = (f"{name}={value}" for name, value in row.attributes)
        return " ".join((row.service, row.region, row.usage, *attributes))

    @property
    def percent(self) -> Decimal | None:
        """By how much it changed, to a tenth; None where a side is missing, or was $0."""
        if self.before is None or self.after is None or not self.before.usd:
            return None
        return ((self.after.usd / self.before.usd - 1) * 100).quantize(Decimal("0.1"))

    def to_dict(self) -> dict[str, Any]:
        """As JSON values; prices are decimal text in USD."""
        row, before, after = self.row, self.before, self.after
        return {
            "service": row.service,
            "region": row.region,
            "usage": row.usage,
            "attributes": dict(row.attributes),
            "unit": row.unit,
            "before": format(before.usd, "f") if before else None,
            "before_as_of": before.as_of if before else None,
            "after": format(after.usd, "f") if after else None,
            "after_as_of": after.as_of if after else None,
        }


@dataclass(frozen=True, slots=True)
class BookDifference:
    """`changed` prices are on both sides with another figure or unit; `same` counts those that are equal, on whatever
    day they were read. Of a comparison `with_shipped` what is `removed` is in use all the same, as it ships."""

    changed: tuple[PriceChange, ...]
    added: tuple[PriceChange, ...]
    removed: tuple[PriceChange, ...]
    same: int
    with_shipped: bool = False

    def to_dict(self) -> dict[str, Any]:
        return {
            "changed": [one.to_dict() for one in self.changed],
            "added": [one.to_dict() for one in self.added],
            "removed": [one.to_dict() for one in self.removed],
            "same": self.same,
            "with_shipped": self.with_shipped,
        }


def book_difference(before: Iterable[Row], after: Iterable[Row]) -> BookDifference:
    """The prices of one book against those of another, by service, region, usage and attributes."""
    old, new = ({_key(row): row for row in rows} for rows in (before, after))
    pairs = [PriceChange(old.get(key), new.get(key)) for key in sorted(old.keys() | new.keys())]
    both = [one for one in pairs if one.before is not None and one.after is not None]
    changed = tuple(one for one in both if _figure(one.before) != _figure(one.after))
    return BookDifference(
        changed,
        tuple(one for one in pairs if one.before is None),
        tuple(one for one in pairs if one.after is None),
        len(both) - len(changed),
    )


def _key(row: Row) -> Key:
    return row.service, row.region, row.usage, row.attributes


def _figure(row: Row | None) -> tuple[str, Decimal] | None:
    return None if row is None else (row.unit, row.usd)
