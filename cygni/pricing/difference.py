"""What a change costs: two estimates, resource by resource."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from typing import Any

from cygni.pricing.cost import Amounts, AtMost, Cost, Estimate, ResourceCost, Status
from cygni.pricing.exchange import USD, Exchange
from cygni.pricing.money import ZERO
from cygni.resources import has_unknown


class Bound(StrEnum):
    """How the known part of a difference lies to the whole, since nothing without a price costs less than $0."""

    EXACT = "exact"
    AT_LEAST = "at_least"  # something without a price comes or grows
    AT_MOST = "at_most"  # something without a price goes or shrinks
    OPEN = "open"  # both

    @classmethod
    def of(cls, *, rises: bool, falls: bool) -> Bound:
        if rises:
            return cls.OPEN if falls else cls.AT_LEAST
        return cls.AT_MOST if falls else cls.EXACT

    @classmethod
    def over(cls, bounds: Iterable[Bound]) -> Bound:
        """The bound of a sum."""
        found = frozenset(bounds)
        return cls.of(
            rises=bool(found & {cls.AT_LEAST, cls.OPEN}), falls=bool(found & {cls.AT_MOST, cls.OPEN})
        )


@dataclass(frozen=True, slots=True)
class ResourceDiff:
    """One resource on both sides; a side is None where it does not exist.

    `known` is what is known of the difference: always the known part after less the known part before. It is
    the whole of fixed or usage-based cost where `bound` or `usage_bound` is exact; `at_most` is the most that the
    whole is. Prices missing on both sides alike cancel out, and so does whatever is not known of a resource that stays
    as it is.
    """

    urn: str
    type: str
    name: str
    before: ResourceCost | None
    after: ResourceCost | None
    bound: Bound
    usage_bound: Bound
    at_most: AtMost

    @property
    def currency(self) -> str:
        """What the amounts are in."""
        side = self.after if self.after is not None else self.before
        return USD if side is None else side.currency

    @property
    def known(self) -> Amounts:
        return known_of(self.after) - known_of(self.before)

    @property
    def delta(self) -> Cost:
        """The whole difference; fixed or usage-based, it is None when it is not known."""
        known, fixed, usage = self.known, self.bound is Bound.EXACT, self.usage_bound is Bound.EXACT
        return Cost(
            known.hourly if fixed else None,
            known.monthly if fixed else None,
            known.usage_hourly if usage else None,
            known.usage_monthly if usage else None,
        )

    @property
    def changed(self) -> bool:
        """Whether cost changes, or may change."""
        return self.known != Amounts() or not self.bound == self.usage_bound == Bound.EXACT

    def to_dict(self) -> dict[str, Any]:
        return {
            "urn": self.urn,
            "type": self.type,
            "name": self.name,
            "before": _side(self.before),
            "after": _side(self.after),
            "delta": self.delta.to_dict(),
            "known_delta": self.known.to_dict(),
            "delta_at_most": self.at_most.to_dict(),
            "bound": self.bound.value,
            "usage_bound": self.usage_bound.value,
        }


@dataclass(frozen=True, slots=True)
class CostDiff:
    """Two estimates and what lies between them, in the order of URNs."""

    before: Estimate
    after: Estimate
    resources: tuple[ResourceDiff, ...]

    @property
    def exchange(self) -> Exchange:
        """What the amounts are in."""
        return self.after.exchange

    @property
    def delta(self) -> Amounts:
        """What is known of the difference, the totals after less the totals before; the whole only if
        `complete`."""
        return self.after.totals - self.before.totals

    @property
    def delta_hourly(self) -> Decimal:
        """Fixed cost, per hour, as far as it is known."""
        return self.delta.hourly

    @property
    def delta_monthly(self) -> Decimal:
        """Fixed cost, per month of 730 hours, as far as it is known."""
        return self.delta.monthly

    @property
    def bound(self) -> Bound:
        """How the known fixed difference lies to the whole."""
        return Bound.over(diff.bound for diff in self.resources)

    @property
    def usage_bound(self) -> Bound:
        """How the known usage-based difference lies to the whole."""
        return Bound.over(diff.usage_bound for diff in self.resources)

    @property
    def at_most(self) -> AtMost:
        """The most that the difference is."""
        return AtMost.total(diff.at_most for diff in self.resources)

    @property
    def unknown(self) -> int:
        """How many resources have a fixed delta that is not wholly known."""
        return sum(diff.bound is not Bound.EXACT for diff in self.resources)

    @property
    def usage_unknown(self) -> int:
        """How many resources have a usage-based delta that is not wholly known."""
        return sum(diff.usage_bound is not Bound.EXACT for diff in self.resources)

    @property
    def complete(self) -> bool:
        """Whether every delta is known."""
        return not self.unknown and not self.usage_unknown

    @property
    def there(self) -> Estimate:
        """Each resource once: what it costs after, or before where it goes."""
        sides = (diff.after or diff.before for diff in self.resources)
        return Estimate(
            tuple(side for side in sides if side is not None), self.after.free_tier, self.after.exchange
        )

    @property
    def changed(self) -> tuple[ResourceDiff, ...]:
        """The resources whose cost changes, or may."""
        return tuple(diff for diff in self.resources if diff.changed)

    def to_dict(self) -> dict[str, Any]:
        """`before` and `after` without their resources, which stand in `resources` side by side."""
        return {
            **self.exchange.document,
            "before": _summary(self.before),
            "after": _summary(self.after),
            "delta": self.delta.to_dict(),
            "delta_at_most": self.at_most.to_dict(),
            "bound": self.bound.value,
            "usage_bound": self.usage_bound.value,
            "complete": self.complete,
            "unknown": self.unknown,
            "usage_unknown": self.usage_unknown,
            "resources": [diff.to_dict() for diff in self.resources],
        }


def known_of(cost: ResourceCost | None) -> Amounts:
    """What is known of a side's cost; nothing where it does not exist."""
    return cost.known if cost is not None else Amounts()


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


_NOT_WHOLE = frozenset({Status.NOT_PRICED, Status.NO_PRICE})
_WORST = (Status.NOT_PRICED, Status.NO_PRICE, Status.PRICED, Status.USAGE_ONLY, Status.FREE)


def _joined(one: ResourceCost, other: ResourceCost) -> ResourceCost:
    status = min(one.status, other.status, key=_WORST.index)
    note = one.note if one.status is status else other.note
    said = [each.said_at_most for each in (one, other) if each.status in _NOT_WHOLE]
    known = [most for most in said if most is not None]
    at_most = sum(known, ZERO) if known and len(known) == len(said) else None
    return ResourceCost(
        one.urn, one.type, one.name, one.lines + other.lines, status, note, said_at_most=at_most,
        not_counted=tuple(dict.fromkeys((*one.not_counted, *other.not_counted))),
    )  # fmt: skip


def _diff(before: ResourceCost | None, after: ResourceCost | None) -> ResourceDiff:
    subject = after if after is not None else before
    assert subject is not None
    (fixed, rise), (usage, usage_rise) = (_bound(before, after, usage_based=which) for which in (False, True))
    known = known_of(after) - known_of(before)
    at_most = AtMost(
        None if rise is None else known.monthly + rise,
        None if usage_rise is None else known.usage_monthly + usage_rise,
    )
    return ResourceDiff(subject.urn, subject.type, subject.name, before, after, fixed, usage, at_most)


def _bound(
    before: ResourceCost | None, after: ResourceCost | None, *, usage_based: bool
) -> tuple[Bound, Decimal | None]:
    """How the known difference lies to the whole, and how much more the whole may be, USD a month."""
    if not any(side is not None and side.status in _NOT_WHOLE for side in (before, after)):
        return Bound.EXACT, ZERO
    old, new = _Missing.of(before, usage_based), _Missing.of(after, usage_based)
    if _stays(before, after) and old.reasons == new.reasons:
        old, new = replace(old, reasons=()), replace(new, reasons=())
    rise, fall = new.beyond(old), old.beyond(new)
    return Bound.of(rises=rise != 0, falls=fall != 0), rise


@dataclass(frozen=True, slots=True)
class _Missing:
    """What has no price on one side: the quantity of each price key, the most it costs where it is bounded (USD a
    month, by price key and reason), and why there is neither elsewhere. All that nothing else bounds costs at most what
    somebody `said`."""

    amounts: Mapping[str, Decimal]
    bounded: Mapping[str, Decimal]
    reasons: tuple[str, ...] = ()
    said: Decimal | None = None

    @classmethod
    def of(cls, cost: ResourceCost | None, usage_based: bool) -> _Missing:
        amounts: dict[str, Decimal] = {}
        bounded: dict[str, Decimal] = {}
        reasons: list[str] = []
        said = cost.said_at_most if cost is not None else None
        if cost is not None and cost.status is Status.NOT_PRICED and (said is None or not usage_based):
            reasons.append(cost.type)
        for line in cost.lines if cost is not None else ():
            if line.monthly is not None or line.usage_based is not usage_based:
                continue
            why = f"{line.price_key}: {line.missing}"
            if line.at_most is not None:
                bounded[why] = bounded.get(why, ZERO) + line.at_most
            elif line.quantity is None:
                reasons.append(why)
            else:
                amounts[line.price_key] = amounts.get(line.price_key, ZERO) + line.quantity
        return cls(amounts, bounded, tuple(sorted(reasons)), said)

    def beyond(self, other: _Missing) -> Decimal | None:
        """The most that this may cost and the other does not, USD a month; None where nothing bounds it. Of the same
        thing at the same price, its bound grows with how much of it there is."""
        more = (quantity > other.amounts.get(key, ZERO) for key, quantity in self.amounts.items())
        rest = self.said if self.reasons or any(more) else ZERO
        if rest is None:
            return None
        return sum(
            (max(most - other.bounded.get(why, ZERO), ZERO) for why, most in self.bounded.items()), rest
        )


def _stays(before: ResourceCost | None, after: ResourceCost | None) -> bool:
    """Whether a resource is known to be the same on both sides, so that what is not known of it is the same."""
    old = before.resource if before is not None else None
    new = after.resource if after is not None else None
    if old is None or new is None:
        return False
    return old.region == new.region and old.inputs == new.inputs and not has_unknown(new.inputs)


def _side(cost: ResourceCost | None) -> dict[str, Any] | None:
    return cost.to_dict() if cost is not None else None


def _summary(estimate: Estimate) -> dict[str, Any]:
    return {
        name: value for name, value in estimate.to_dict().items() if name not in ("resources", "exchange")
    }
