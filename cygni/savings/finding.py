"""What proposals save, by pricing what would be instead (pure)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal

from cygni.pricing import CostDiff, Estimate, PriceBook, cost_diff, estimate
from cygni.pricing.difference import Bound
from cygni.pricing.money import ZERO
from cygni.pricing.usage import UsageSource
from cygni.resources import Resource, short_type
from cygni.savings.rule import Candidate, Rule, Situation


@dataclass(frozen=True, slots=True)
class Finding:
    """A proposal with what it saves, in USD a month of 730 hours at list price; `saves` is None where there is no
    price. `costs` is what all that changes costs now. With `counted` it is in the total: of several for the same
    resource it is the one that saves most."""

    rule: Rule
    candidate: Candidate
    resource: Resource
    id: str
    saves: Decimal | None
    costs: Decimal
    counted: bool = True

    @property
    def shown(self) -> str:
        return f"{short_type(self.resource.type)} {self.resource.name}"


def find_savings(
    situation: Situation, rules: Iterable[Rule], book: PriceBook, usage: UsageSource
) -> tuple[Finding, ...]:
    """What the rules find, the most first; what saves nothing is no finding."""
    before = estimate(situation.resources, book, usage)
    best: dict[tuple[str, str], Finding] = {}
    for rule in rules:
        for candidate in rule.find(situation):
            found = _priced(situation, rule, candidate, before, book, usage)
            key = (rule.name, candidate.subject)
            if found is not None and (key not in best or (found.saves or ZERO) > (best[key].saves or ZERO)):
                best[key] = found
    ordered = sorted(best.values(), key=lambda one: (-(one.saves or ZERO), one.rule.name, one.resource.urn))
    return tuple(_counted(ordered))


def total(findings: Iterable[Finding]) -> Decimal:
    """What those that are counted save together, in USD a month."""
    return sum((one.saves or ZERO for one in findings if one.counted), ZERO)


def _priced(
    situation: Situation,
    rule: Rule,
    candidate: Candidate,
    before: Estimate,
    book: PriceBook,
    usage: UsageSource,
) -> Finding | None:
    diff = cost_diff(before, estimate(_changed(situation, candidate), book, usage))
    saves = _saving(diff, by_use=candidate.by_use)
    if (saves is None and not rule.without_price) or (saves is not None and saves <= 0):
        return None
    subject = next(one for one in situation.resources if one.urn == candidate.subject)
    costs = sum(
        (
            one.known.usage_monthly if candidate.by_use else one.known.monthly
            for one in before.resources
            if one.urn in candidate.changed or one.urn == candidate.subject
        ),
        ZERO,
    )
    return Finding(rule, candidate, subject, situation.id_of(subject), saves, costs)


def _changed(situation: Situation, candidate: Candidate) -> Iterator[Resource]:
    for one in situation.resources:
        instead = candidate.changed.get(one.urn, one)
        if instead is not None:
            yield instead


def _saving(diff: CostDiff, *, by_use: bool) -> Decimal | None:
    """None where a price of what would be instead is missing."""
    if (diff.usage_bound if by_use else diff.bound) is not Bound.EXACT:
        return None
    return -(diff.delta.usage_monthly if by_use else diff.delta.monthly)


def _counted(findings: Iterable[Finding]) -> Iterator[Finding]:
    """With what saves less on a resource than something before it left out of the total."""
    taken: set[tuple[str, bool]] = set()
    for one in findings:
        by_use = one.candidate.by_use
        touched = {(urn, by_use) for urn in (one.candidate.subject, *one.candidate.changed)}
        counted = one.saves is not None and not touched & taken
        if counted:
            taken |= touched
        yield replace(one, counted=counted)
