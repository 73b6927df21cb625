"""What becomes of the book when the price list was read: which prices are new, and which stay as they were (pure)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from cygni.pricing.book_file import Row
from cygni.pricing.book_sources import TIER, RowSource, by_group, group_of
from cygni.pricing.price_list.matching import Found
from cygni.pricing.price_list.problems import Problem, ProblemKind
from cygni.pricing.price_list.rules import GLOBAL, Offer, Ranges, Rule

_NAMED = 3
"""Prices that are named of those that are missing; the rest is counted."""

_JUMP = 3
"""So many times as much, or as little, as before is told."""


@dataclass(frozen=True, slots=True)
class SyncReport:
    """What was read on a day (ISO date), and what was not as expected. What has a problem stays as it was."""

    read_on: str
    regions: tuple[str, ...]
    found: tuple[Found, ...]
    problems: tuple[Problem, ...]

    @property
    def prices(self) -> int:
        return sum(len(one.rows) for one in self.found)

    @property
    def failed(self) -> tuple[str, ...]:
        """The offers that gave no price at all where there should be some."""
        unread = (ProblemKind.FILE, ProblemKind.SILENT)
        broken = {problem.offer for problem in self.problems if problem.kind in unread}
        empty = {one.offer.code for one in self.found if not one.rows and one.problems}
        return tuple(sorted(broken | empty))

    def to_dict(self) -> dict[str, Any]:
        """As JSON values."""
        return {
            "read_on": self.read_on,
            "regions": list(self.regions),
            "prices": self.prices,
            "offers": [
                {
                    "offer": one.offer.code,
                    "region": one.region,
                    "version": one.version,
                    "prices": len(one.rows),
                }
                for one in self.found
            ],
            "problems": [problem.to_dict() for problem in self.problems],
            "failed": list(self.failed),
        }


def synced_rows(before: Iterable[Row], found: Iterable[Found]) -> Iterator[Row]:
    """What was synchronised before, with what was found in its place: whole groups, so that no tier is left of an
    older list."""
    newer = [row for one in found for row in one.rows]
    places = {(row.service, row.region, group_of(row)) for row in newer}
    yield from (row for row in before if (row.service, row.region, group_of(row)) not in places)
    yield from newer


def report_of(
    found: Iterable[Found],
    failures: Iterable[Problem],
    regions: tuple[str, ...],
    read_on: str,
    book: RowSource,
) -> SyncReport:
    """The report of a synchronisation, with what the `book` has of each offer and the list does not any more."""
    known = tuple(found)
    problems = [
        problem for one in known for problem in (*one.problems, *_missing(one, book), *_jumps(one, book))
    ]
    return SyncReport(read_on, regions, known, (*failures, *problems))


def not_offered(offer: Offer, region: str) -> Problem:
    """That AWS has no prices of an offer in a region."""
    place = GLOBAL if offer.worldwide else region
    return Problem(ProblemKind.MISSING, offer.code, place, "", "AWS does not offer it there")


def _missing(found: Found, book: RowSource) -> Iterator[Problem]:
    """For each rule the prices of the book that it did not find, unless that was said already: of the price, or of the
    whole offer."""
    if not found.rows and any(problem.kind.is_change for problem in found.problems):
        return
    said = {problem.price for problem in found.problems}
    there = {(row.service, group_of(row)) for row in found.rows}
    lacking: dict[Rule, list[Row]] = {}
    for service in sorted(found.offer.services):
        for group, rows in by_group(book.rows(service, found.region)).items():
            rule = next((one for one in found.offer.rules if one.covers(rows[0])), None)
            if rule is None or rule.name in said or (service, group) in there:
                continue
            if _name(rule, rows[0]) not in said:
                lacking.setdefault(rule, []).append(rows[0])
    for rule, absent in lacking.items():
        named = [_name(rule, row) for row in absent]
        free = [name for name in named if name in found.free]
        missing = [name for name in named if name not in found.free]
        for kind, text, names in (
            (ProblemKind.FREE, "at $0 in AWS's list", free),
            (ProblemKind.MISSING, "not in AWS's list", missing),
        ):
            if names:
                stays = f"{text}, so the older price stays{_listed(names, rule.name)}"
                yield Problem(kind, found.offer.code, found.region, rule.name, stays)


def _listed(names: Sequence[str], said: str) -> str:
    """The first of them, where they are not just what was `said`."""
    if list(names) == [said]:
        return ""
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return f": {', '.join(names[:_NAMED])}{more}"


def _jumps(found: Found, book: RowSource) -> Iterator[Problem]:
    """Prices that are more than so many times what they are in the book, or less than that part of it. They hold
    nevertheless: the list is right until somebody says otherwise."""
    for service in sorted({row.service for row in found.rows}):
        known = {(row.usage, row.attributes): row for row in book.rows(service, found.region)}
        for row in found.rows:
            old = known.get((row.usage, row.attributes)) if row.service == service else None
            if old is None or old.unit != row.unit or old.usd / _JUMP <= row.usd <= old.usd * _JUMP:
                continue
            name = " ".join((service, row.usage, *(f"{key}={value}" for key, value in row.attributes)))
            text = f"from {old.usd:f} to {row.usd:f} USD: look whether that can be"
            yield Problem(ProblemKind.JUMP, found.offer.code, found.region, name, text)


def _name(rule: Rule, row: Row) -> str:
    """As problems name a price."""
    graduated = rule.ranges in (Ranges.DATA, Ranges.COUNT)
    attributes = (pair for pair in row.attributes if not (graduated and pair[0] == TIER))
    return " ".join((row.service, row.usage, *(f"{name}={value}" for name, value in attributes)))
