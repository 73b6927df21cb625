"""What a price book holds: services, regions and days, counted (pure)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from typing import Any, Protocol

from cygni.pricing.book_sources import Rows, RowSource


class ListedSource(RowSource, Protocol):
    """A source that can tell what services it has."""

    def services(self) -> tuple[str, ...]: ...


@dataclass(frozen=True, slots=True)
class PlaceSummary:
    """The prices of a service in a region: how many, those `synced` of them, and the days they were read (ISO dates,
    None where that is not recorded)."""

    service: str
    region: str
    prices: int
    synced: int
    oldest: str | None
    newest: str | None

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


def book_summary(
    in_use: RowSource, shipped: ListedSource, synced: ListedSource | None
) -> tuple[PlaceSummary, ...]:
    """Every service and region of the book in use, by name."""
    services = {*shipped.services(), *(synced.services() if synced is not None else ())}
    return tuple(
        _summary(service, region, in_use.rows(service, region), synced)
        for service in sorted(services)
        for region in sorted(in_use.regions(service))
    )


def rows_of(source: ListedSource) -> Iterator[Rows]:
    """All rows of a source, a place at a time."""
    for service in source.services():
        for region in sorted(source.regions(service)):
            yield source.rows(service, region)


def _summary(service: str, region: str, rows: Rows, synced: RowSource | None) -> PlaceSummary:
    days = [row.as_of for row in rows if row.as_of]
    own = set(synced.rows(service, region)) if synced is not None else set()
    return PlaceSummary(
        service,
        region,
        len(rows),
        _count(row in own for row in rows),
        min(days, default=None),
        max(days, default=None),
    )


def _count(found: Iterable[bool]) -> int:
    return sum(found)
