"""Tables of what resources cost: inputs on one side, every component and its monthly cost on the other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from cygni.pricing import CostLine, PriceBook, Usage, estimate
from cygni.pricing.book_file import Row
from cygni.pricing.estimators import estimator_of
from cygni.resources import Resource


@dataclass(frozen=True)
class Case:
    """`lines` has, by component, USD a month (`"8"`), `"UNITS unit, no price"` where the book has none, or
    `"unknown"` where there is no quantity, `"at most 8"` where that is bounded. `source` says where the figures come from. `others` are further
    resources by name, as type and inputs; `references` name them by input, `used_by` says by which input some of them
    refer to this one. `use` is what is assumed of use. With
    `prices` these are the book: figures of a published example that the shipped book lacks."""

    says: str
    type: str
    inputs: Mapping[str, Any]
    lines: Mapping[str, str]
    source: str
    others: Mapping[str, tuple[str, Mapping[str, Any]]] = field(default_factory=dict)
    references: Mapping[str, str] = field(default_factory=dict)
    used_by: Mapping[str, str] = field(default_factory=dict)
    use: Mapping[str, Any] = field(default_factory=dict)
    region: str = "us-east-1"
    prices: tuple[Row, ...] = ()

    def __str__(self) -> str:
        return f"{self.type.split(':', 1)[1]}: {self.says}"


def urn(token: str, name: str) -> str:
    return f"urn:pulumi:dev::shop::{token}::{name}"


def lines_of(case: Case, book: PriceBook) -> dict[str, str]:
    """What the case costs, as its `lines` say it; lines of one component are joined by ` + `."""
    assert estimator_of(case.type), f"no estimator of {case.type}"
    places = {name: urn(token, name) for name, (token, _) in case.others.items()}
    references = {name: (places[other],) for name, other in case.references.items()}
    subject = Resource(urn(case.type, "it"), case.type, "it", case.inputs, case.region, references)
    users = {name: {by: (subject.urn,)} for name, by in case.used_by.items()}
    others = [
        Resource(places[name], token, name, inputs, case.region, users.get(name, {}))
        for name, (token, inputs) in case.others.items()
    ]
    found = estimate(
        [subject, *others], PriceBook.of(case.prices) if case.prices else book, Usage.of(case.use)
    )
    cost = next(each for each in found.resources if each.urn == subject.urn)
    said: dict[str, str] = {}
    for line in cost.lines:
        told = _told(line)
        said[line.component] = f"{said[line.component]} + {told}" if line.component in said else told
    return said


def _told(line: CostLine) -> str:
    if line.at_most is not None:
        return f"at most {line.at_most.normalize():f}"
    if line.quantity is None:
        return "unknown"
    if line.monthly is None:
        return f"{line.quantity.normalize():f} {line.unit}, no price"
    return f"{line.monthly.normalize():f}"


def price(service: str, usage: str, unit: str, usd: str, **attributes: str) -> Row:
    """A price of a test's own book; the case names its source."""
    own = tuple(sorted(attributes.items()))
    return Row(service, "us-east-1", usage, own, unit, Decimal(usd), None, "the case's source")
