"""A cost report: the difference of two estimates with what it is about, for every renderer (pure)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from cygni.pricing.cost import CostLine, ResourceCost, Status
from cygni.pricing.difference import CostDiff, ResourceDiff


class ReportKind(StrEnum):
    """`preview`: before and after a change. `state`: what is there, the same on both sides. `comparison`: what two
    documents have after them."""

    PREVIEW = "preview"
    STATE = "state"
    COMPARISON = "comparison"


@dataclass(frozen=True, slots=True)
class CostReport:
    """`subject` says in pieces what is priced (project, stack, ...). `hidden` is how many unchanged resources the
    priced document counts and does not list, and `repricing` names what changes that those may be priced by: then
    nothing bounds the difference."""

    kind: ReportKind
    subject: tuple[str, ...]
    diff: CostDiff
    hidden: int = 0
    warnings: tuple[str, ...] = ()
    repricing: tuple[str, ...] = ()

    @property
    def priced(self) -> tuple[ResourceDiff, ...]:
        """What costs, or may, on either side: without what is free, and what nobody could price."""
        return tuple(diff for diff in self.diff.resources if any(side.lines for side in _sides(diff)))

    @property
    def unchanged(self) -> tuple[ResourceDiff, ...]:
        """What costs, or may, and the same on both sides: of a state everything."""
        return tuple(diff for diff in self.priced if not diff.changed)

    @property
    def free(self) -> int:
        """How many resources cost nothing."""
        return sum(all(side.status is Status.FREE for side in _sides(diff)) for diff in self.diff.resources)

    @property
    def unpriced(self) -> tuple[Unpriced, ...]:
        """What is not, or not wholly, in the totals."""
        return tuple(_unpriced(self.diff.resources))


@dataclass(frozen=True, slots=True)
class Unpriced:
    """A resource that is not wholly priced, and why."""

    urn: str
    type: str
    name: str
    status: Status
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LineDiff:
    """One component of a resource on both sides; a side is None where the resource does not have it."""

    before: CostLine | None
    after: CostLine | None

    @property
    def line(self) -> CostLine:
        """What is there after, or what was."""
        found = self.after or self.before
        assert found is not None
        return found

    @property
    def changed(self) -> bool:
        return self.before != self.after


def line_diffs(diff: ResourceDiff) -> tuple[LineDiff, ...]:
    """The components of a resource side by side: those after in their order, then those that go."""
    rest: dict[tuple[str, str, int], CostLine] = _by_component(diff.before)
    pairs = [LineDiff(rest.pop(key, None), line) for key, line in _by_component(diff.after).items()]
    return (*pairs, *(LineDiff(line, None) for line in rest.values()))


def _by_component(cost: ResourceCost | None) -> dict[tuple[str, str, int], CostLine]:
    """Lines by component and unit; the number tells apart those that share both."""
    found: dict[tuple[str, str, int], CostLine] = {}
    for line in cost.lines if cost is not None else ():
        number = 0
        while (line.component, line.unit, number) in found:
            number += 1
        found[line.component, line.unit, number] = line
    return found


def known_total(amount: Decimal, unknown: int) -> Decimal | None:
    """The sum of what is known; None where nothing is, though there is something."""
    return None if unknown and not amount else amount


def _sides(diff: ResourceDiff) -> Iterator[ResourceCost]:
    return (side for side in (diff.before, diff.after) if side is not None)


def _unpriced(diffs: Iterable[ResourceDiff]) -> Iterator[Unpriced]:
    for diff in diffs:
        cost = diff.after if diff.after is not None else diff.before
        assert cost is not None
        if cost.status is Status.NOT_PRICED:
            yield Unpriced(diff.urn, diff.type, diff.name, cost.status, (cost.note or "",))
        elif cost.missing:
            reasons = (f"{line.component}: {line.missing}" for line in cost.lines if line.missing)
            yield Unpriced(diff.urn, diff.type, diff.name, cost.status, tuple(dict.fromkeys(reasons)))
