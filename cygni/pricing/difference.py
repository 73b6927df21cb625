"""What a change costs: two estimates, resource by resource."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from cygni.pricing.cost import Amounts, Cost, CostLine, Estimate, ResourceCost, Status
from cygni.pricing.money import ZERO

_NO_CHANGE: Final = Cost(ZERO, ZERO, ZERO, ZERO)


@dataclass(frozen=True, slots=True)
class ResourceDiff:
    """One resource on both sides; a side is None where it does not exist.

    Fixed or usage-based `delta` is None when it is unknown: a side has a line without a price that the other
    does not have in the same quantity at the same price key. Prices missing on both sides alike cancel out.
    """

    urn: str
    type: str
    name: str
    before: ResourceCost | None
    after: ResourceCost | None
    delta: Cost

    @property
    def changed(self) -> bool:
        """Whether cost changes, or may change."""
        return self.delta != _NO_CHANGE

    def to_dict(self) -> dict[str, Any]:
        return {
            "urn": self.urn,
            "type": self.type,
            "name": self.name,
            "before": _side(self.before),
            "after": _side(self.after),
            "delta": self.delta.to_dict(),
        }


@dataclass(frozen=True, slots=True)
class CostDiff:
    """Two estimates and what lies between them, in the order of URNs."""

    before: Estimate
    after: Estimate
    resources: tuple[ResourceDiff, ...]

    @property
    def delta(self) -> Amounts:
        """The sum of every known delta; the whole difference only if `complete`."""
        deltas = [diff.delta for diff in self.resources]
        return Amounts(
            sum((delta.hourly for delta in deltas if delta.hourly is not None), ZERO),
            sum((delta.monthly for delta in deltas if delta.monthly is not None), ZERO),
            sum((delta.usage_hourly for delta in deltas if delta.usage_hourly is not None), ZERO),
            sum((delta.usage_monthly for delta in deltas if delta.usage_monthly is not None), ZERO),
        )

    @property
    def delta_hourly(self) -> Decimal:
        """Fixed cost, USD per hour, of the known deltas."""
        return self.delta.hourly

    @property
    def delta_monthly(self) -> Decimal:
        """Fixed cost, USD per month of 730 hours, of the known deltas."""
        return self.delta.monthly

    @property
    def unknown(self) -> int:
        """How many resources have a fixed delta that is not known."""
        return sum(diff.delta.monthly is None for diff in self.resources)

    @property
    def usage_unknown(self) -> int:
        """How many resources have a usage-based delta that is not known."""
        return sum(diff.delta.usage_monthly is None for diff in self.resources)

    @property
    def complete(self) -> bool:
        """Whether every delta is known."""
        return not self.unknown and not self.usage_unknown

    @property
    def changed(self) -> tuple[ResourceDiff, ...]:
        """The resources whose cost changes, or may."""
        return tuple(diff for diff in self.resources if diff.changed)

    def to_dict(self) -> dict[str, Any]:
        """`before` and `after` without their resources, which stand in `resources` side by side."""
        return {
            "currency": "USD",
            "before": _summary(self.before),
            "after": _summary(self.after),
            "delta": self.delta.to_dict(),
            "complete": self.complete,
            "unknown": self.unknown,
            "usage_unknown": self.usage_unknown,
            "resources": [diff.to_dict() for diff in self.resources],
        }


def cost_diff(before: Estimate, after: Estimate) -> CostDiff:
    """Match resources by URN; a replaced resource keeps its URN. Several costs of one URN (a replacement
    that was interrupted leaves two) are added."""
    old, new = _by_urn(before), _by_urn(after)
    return CostDiff(
        before, after, tuple(_diff(old.get(urn), new.get(urn)) for urn in sorted(old.keys() | new.keys()))
    )


def _by_urn(estimate: Estimate) -> dict[str, ResourceCost]:
    costs: dict[str, ResourceCost] = {}
    for cost in estimate.resources:
        known = costs.get(cost.urn)
        costs[cost.urn] = cost if known is None else _joined(known, cost)
    return costs


_WORST = (Status.NOT_PRICED, Status.NO_PRICE, Status.PRICED, Status.USAGE_ONLY, Status.FREE)


def _joined(one: ResourceCost, other: ResourceCost) -> ResourceCost:
    status = min(one.status, other.status, key=_WORST.index)
    note = one.note if one.status is status else other.note
    return ResourceCost(one.urn, one.type, one.name, one.lines + other.lines, status, note)


def _diff(before: ResourceCost | None, after: ResourceCost | None) -> ResourceDiff:
    subject = after if after is not None else before
    assert subject is not None
    return ResourceDiff(subject.urn, subject.type, subject.name, before, after, _delta(before, after))


def _delta(before: ResourceCost | None, after: ResourceCost | None) -> Cost:
    sides = [side for side in (before, after) if side is not None]
    if any(side.status is Status.NOT_PRICED for side in sides):
        return Cost(None, None, None, None)
    old = before.lines if before is not None else ()
    new = after.lines if after is not None else ()
    then, now = Amounts.of(old), Amounts.of(new)
    fixed, usage = _comparable(old, new, usage_based=False), _comparable(old, new, usage_based=True)
    return Cost(
        now.hourly - then.hourly if fixed else None,
        now.monthly - then.monthly if fixed else None,
        now.usage_hourly - then.usage_hourly if usage else None,
        now.usage_monthly - then.usage_monthly if usage else None,
    )


def _comparable(old: Iterable[CostLine], new: Iterable[CostLine], *, usage_based: bool) -> bool:
    """Whether what is missing is known to be the same on both sides."""
    missing_old = [line for line in old if line.monthly is None and line.usage_based is usage_based]
    missing_new = [line for line in new if line.monthly is None and line.usage_based is usage_based]
    if not missing_old and not missing_new:
        return True
    if any(line.quantity is None for line in (*missing_old, *missing_new)):
        return False
    return _quantities(missing_old) == _quantities(missing_new)


def _quantities(lines: Iterable[CostLine]) -> Counter[tuple[str, Decimal | None]]:
    return Counter((line.price_key, line.quantity) for line in lines)


def _side(cost: ResourceCost | None) -> dict[str, Any] | None:
    return cost.to_dict() if cost is not None else None


def _summary(estimate: Estimate) -> dict[str, Any]:
    return {name: value for name, value in estimate.to_dict().items() if name != "resources"}
