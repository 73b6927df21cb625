"""How a price book is written down: JSON lines, small and easy to compare.

A line `{"defaults": {...}}` gives what the prices after it share; a price line gives the rest, and may say
otherwise. `attributes` of both are joined. A line that names its `service` shares nothing. `usd` is text, so
that no figure passes through a float.

    {"defaults": {"service": "AmazonVPC", "region": "us-east-1", "usage": "nat-gateway", "unit": "hour"}}
    {"usd": "0.045", "as_of": "2026-09-10", "source": "where it was read"}

`write_book(read_rows(path), folder)` turns any such file into a folder of one file per service.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from cygni.errors import PriceBookError

_SHARED = ("service", "region", "usage", "unit", "as_of", "source")


# Above any list price; a higher figure is a slip of the pen.
_HIGHEST = Decimal(1_000_000)


@dataclass(frozen=True, slots=True)
class Row:
    """One price as written: `usd` per `unit`, `as_of` an ISO date or None. `discount` is never written: it says why
    `usd` is not the list price, which is `listed`, where an account pays another."""

    service: str
    region: str
    usage: str
    attributes: tuple[tuple[str, str], ...]
    unit: str
    usd: Decimal
    as_of: str | None
    source: str
    note: str | None = None
    discount: str | None = None
    listed: Decimal | None = None


def read_rows(path: Path) -> Iterator[Row]:
    """The prices of a file. Raises PriceBookError with the line that is wrong."""
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise PriceBookError(
            f"The price book {path.name} cannot be read: {error}.",
            hint="Check the path, or leave it out to use the book that ships with Cygni.",
        ) from error
    defaults: Mapping[str, Any] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        try:
            value = json.loads(line, parse_float=Decimal)
            if "defaults" in value:
                defaults = value["defaults"]
            else:
                yield _row(defaults, value)
        except (ValueError, KeyError, TypeError, AttributeError, InvalidOperation, RecursionError) as error:
            raise PriceBookError(
                f"Line {number} of the price book {path.name} is not a price: {_what(error)}.",
                hint="Each line needs service, region, usage, unit, usd and source.",
                details={"file": path.name, "line": number},
            ) from error


def _what(error: Exception) -> str:
    return f"{error} is missing" if isinstance(error, KeyError) else str(error) or type(error).__name__


def _row(defaults: Mapping[str, Any], value: Mapping[str, Any]) -> Row:
    if "service" in value:
        defaults = {}
    joined = {**defaults, **value}
    attributes = {**defaults.get("attributes", {}), **value.get("attributes", {})}
    usd = Decimal(joined["usd"])
    if not usd.is_finite() or not 0 <= usd <= _HIGHEST:
        raise ValueError(f"usd is {joined['usd']}")
    as_of = joined.get("as_of")
    if as_of is not None:
        date.fromisoformat(as_of)
    texts = [joined[name] for name in ("service", "region", "usage", "unit", "source")]
    if not all(isinstance(text, str) for text in (*texts, *attributes.values())):
        raise ValueError("a name, unit, source or attribute is not text")
    service, region, usage, unit, source = texts
    return Row(
        service,
        region,
        usage,
        tuple(sorted(attributes.items())),
        unit,
        usd,
        as_of,
        source,
        joined.get("note"),
    )


def format_rows(rows: Iterable[Row]) -> str:
    """The text of a file, in a stable order, with what prices share said once."""
    groups: dict[tuple[str, str, str, tuple[str, ...]], list[Row]] = {}
    for row in rows:
        names = tuple(name for name, _ in row.attributes)
        groups.setdefault((row.service, row.region, row.usage, names), []).append(row)
    lines: list[str] = []
    for _, group in sorted(groups.items()):
        lines.extend(_format_group(sorted(group, key=lambda row: row.attributes)))
    return "".join(line + "\n" for line in lines)


def _format_group(group: list[Row]) -> Iterator[str]:
    if len(group) == 1:
        yield json.dumps(_full(group[0]))
        return
    shared: dict[str, Any] = {
        name: Counter(getattr(row, name) for row in group).most_common(1)[0][0] for name in _SHARED
    }
    common = set.intersection(*(set(row.attributes) for row in group))
    if common:
        shared["attributes"] = dict(sorted(common))
    yield json.dumps({"defaults": shared})
    for row in group:
        value: dict[str, Any] = {}
        own = {name: text for name, text in row.attributes if (name, text) not in common}
        if own:
            value["attributes"] = own
        value["usd"] = format(row.usd.normalize(), "f")
        value.update({name: getattr(row, name) for name in _SHARED if getattr(row, name) != shared[name]})
        if row.note:
            value["note"] = row.note
        yield json.dumps(value)


def _full(row: Row) -> dict[str, Any]:
    value: dict[str, Any] = {name: getattr(row, name) for name in _SHARED}
    if row.attributes:
        value["attributes"] = dict(row.attributes)
    value["usd"] = format(row.usd.normalize(), "f")
    if row.note:
        value["note"] = row.note
    return value


def write_book(rows: Iterable[Row], folder: Path) -> None:
    """Write one file per service into `folder`."""
    services: dict[str, list[Row]] = {}
    for row in rows:
        services.setdefault(row.service, []).append(row)
    folder.mkdir(parents=True, exist_ok=True)
    for service, own in services.items():
        (folder / f"{service}.jsonl").write_text(format_rows(own), "utf-8")
