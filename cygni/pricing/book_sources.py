"""Where the rows of a price book come from: files, memory, or a newer reading laid over an older one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final, Protocol

from cygni.pricing.book_file import Row, read_rows

TIER: Final = "tier"
"""The attribute that tells the parts of a graduated price apart."""

Group = tuple[str, tuple[tuple[str, str], ...]]
"""What is priced together: a usage and its attributes without the tier. A tier alone means nothing."""

Rows = tuple[Row, ...]


class RowSource(Protocol):
    """Rows by service and region, read when they are asked for. Both methods raise PriceBookError."""

    def rows(self, service: str, region: str) -> Rows: ...

    def regions(self, service: str) -> frozenset[str]: ...


class RowsInMemory:
    """Exactly these rows."""

    def __init__(self, rows: Iterable[Row]) -> None:
        self._places: dict[str, dict[str, list[Row]]] = {}
        for row in rows:
            self._places.setdefault(row.service, {}).setdefault(row.region, []).append(row)

    def rows(self, service: str, region: str) -> Rows:
        return tuple(self._places.get(service, {}).get(region, ()))

    def regions(self, service: str) -> frozenset[str]:
        return frozenset(self._places.get(service, {}))


class RowsInFolder:
    """The rows of a folder of `SERVICE.jsonl` files. A file is read when its service is first asked for."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._services: dict[str, RowsInMemory] = {}

    def rows(self, service: str, region: str) -> Rows:
        return self._of(service).rows(service, region)

    def regions(self, service: str) -> frozenset[str]:
        return self._of(service).regions(service)

    def services(self) -> tuple[str, ...]:
        """The services that have a file, by name."""
        return tuple(sorted(file.stem for file in self._folder.glob("*.jsonl")))

    def _of(self, service: str) -> RowsInMemory:
        found = self._services.get(service)
        if found is None:
            file = self._folder / f"{service}.jsonl"
            found = RowsInMemory(read_rows(file) if file.is_file() else ())
            self._services[service] = found
        return found


class NewestRows:
    """Of two sources what was read last, for each group of prices; a group is never mixed of both.

    What was read on the same day comes from `synced`, and what has no day is older than all that has one.
    """

    def __init__(self, synced: RowSource, shipped: RowSource) -> None:
        self._synced = synced
        self._shipped = shipped

    def rows(self, service: str, region: str) -> Rows:
        synced = by_group(self._synced.rows(service, region))
        shipped = by_group(self._shipped.rows(service, region))
        newest = {**shipped, **synced}
        for group in shipped.keys() & synced.keys():
            if _day(shipped[group]) > _day(synced[group]):
                newest[group] = shipped[group]
        return tuple(row for rows in newest.values() for row in rows)

    def regions(self, service: str) -> frozenset[str]:
        return self._synced.regions(service) | self._shipped.regions(service)


def group_of(row: Row) -> Group:
    return row.usage, tuple(pair for pair in row.attributes if pair[0] != TIER)


def by_group(rows: Iterable[Row]) -> Mapping[Group, Rows]:
    """The rows of one service and region, those together that are priced together."""
    found: dict[Group, list[Row]] = {}
    for row in rows:
        found.setdefault(group_of(row), []).append(row)
    return {group: tuple(own) for group, own in found.items()}


def _day(rows: Rows) -> str:
    """The day on which the last of them was read; empty where none has one."""
    return max(row.as_of or "" for row in rows)
