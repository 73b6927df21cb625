"""The words estimators are written in.

An `Estimator` says, for one resource type, what AWS charges for: a `Charge` names a component and its price
in the book. Without a `measure` function a resource has one of each fixed charge, and the assumed amount of
each usage charge. Where the inputs matter, `cygni.pricing.parts` declares how; a `measure` function is for what
cannot be declared. A quantity that cannot be told is a `Gap` with a reason, and its line is counted as missing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final

from cygni.pricing.price_book import Attributes
from cygni.pricing.resource_set import ResourceSet
from cygni.pricing.usage import Usage
from cygni.resources import Resource

ONE: Final = Decimal(1)


@dataclass(frozen=True, slots=True)
class Gap:
    """Why a quantity is not known."""

    reason: str


Quantity = Decimal | Gap


@dataclass(frozen=True, slots=True)
class Free:
    """This resource costs nothing, because."""

    reason: str


@dataclass(frozen=True, slots=True)
class Charge:
    """Something AWS bills. `unit` is what the book must price it in, as `month_and_hour` reads it. `assumption` names
    the amount of `Usage` behind a usage charge, if one is known. `region` is set for prices that belong to no
    region. `tiered` prices fall with the amount. `allowance` names what of it AWS's free tier gives an account.
    `varying` are further attributes, whose values each resource decides."""

    component: str
    service: str
    usage: str
    unit: str
    attributes: Attributes = ()
    usage_based: bool = False
    assumption: str | None = None
    region: str | None = None
    tiered: bool = False
    allowance: str | None = None
    varying: tuple[str, ...] = ()

    def key(self, region: str) -> str:
        """The price's key as text: `AmazonVPC us-east-1 public-ipv4 state=idle`."""
        parts = [self.service, self.region or region, self.usage]
        open_ended = [(name, "…") for name in self.varying]
        attributes = sorted([*self.attributes, *open_ended])
        return " ".join(parts + [f"{name}={value}" for name, value in attributes])

    def of(self, values: Attributes) -> Charge:
        """This charge with its varying attributes decided; its component may name them: `{volume_type} storage`."""
        return replace(
            self,
            component=self.component.format_map(dict(values)),
            attributes=tuple(sorted((*self.attributes, *values))),
            varying=(),
        )


def fixed(
    component: str,
    service: str,
    usage: str,
    unit: str,
    /,
    *,
    region: str | None = None,
    tiered: bool = False,
    allowance: str | None = None,
    **attributes: str,
) -> Charge:
    """A charge for what is there, whether used or not."""
    own = tuple(sorted(attributes.items()))
    return Charge(component, service, usage, unit, own, False, None, region, tiered, allowance)


def by_usage(
    component: str,
    service: str,
    usage: str,
    unit: str,
    assumption: str | None,
    /,
    *,
    region: str | None = None,
    tiered: bool = False,
    allowance: str | None = None,
    **attributes: str,
) -> Charge:
    """A charge for use; `assumption` is the amount of `Usage` that says how much, None if nothing does."""
    own = tuple(sorted(attributes.items()))
    return Charge(component, service, usage, unit, own, True, assumption, region, tiered, allowance)


@dataclass(frozen=True, slots=True)
class Amount:
    """How much of a charge a resource has: units at work in each hour, or units a month. `note` says what
    was assumed to know it. `region` is set when it is billed elsewhere than the resource. `at_most` is how
    much of it, at its list price, costs no less than what a gap stands for."""

    charge: Charge
    quantity: Quantity
    note: str | None = None
    region: str | None = None
    at_most: Decimal | None = None


Measured = Iterable[Amount] | Free
Measure = Callable[[Resource, ResourceSet, Usage], Measured]


@dataclass(frozen=True, slots=True)
class Estimator:
    """How resources of `types` (Pulumi type tokens; the first is the current spelling) are priced. `notes`
    are sentences for the reference page: what was decided. `not_counted` names what AWS bills beside the charges; it
    is told on that page and with each resource."""

    types: tuple[str, ...]
    charges: tuple[Charge, ...]
    measure: Measure | None = None
    notes: tuple[str, ...] = ()
    not_counted: tuple[str, ...] = ()

    def amounts(self, resource: Resource, resources: ResourceSet, usage: Usage) -> Measured:
        if self.measure is not None:
            return self.measure(resource, resources, usage)
        return [one_of(charge, usage) for charge in self.charges]


def one_of(charge: Charge, usage: Usage) -> Amount:
    """One of a fixed charge, or the assumed amount of a usage charge."""
    if not charge.usage_based:
        return Amount(charge, ONE)
    if charge.assumption is None:
        return Amount(charge, Gap("no usage is assumed for it"))
    return Amount(charge, usage.amount(charge.assumption), usage.describe(charge.assumption))
