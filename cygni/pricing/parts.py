"""The declarative shape of an estimator: one `Part` per thing that AWS bills.

    priced(
        "aws:ec2/vpnConnection:VpnConnection",
        Part(fixed("VPN connection", "AmazonVPC", "vpn-connection", "hour")),
    )

A part has a charge; how much of it (`quantity`, else one, or what is assumed of use); the attributes of its price
that the resource decides (`by`); and when it applies at all (`when`). Each is read apart from the others, so that
what is not known of one leaves the rest priced. `each` names a list of nested objects, for every one of which the
part is read anew.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import lru_cache
from typing import Final

from cygni.pricing import inputs
from cygni.pricing.charges import Amount, Charge, Estimator, Free, Gap, Measured, Quantity, one_of
from cygni.pricing.price_book import Attributes
from cygni.pricing.readings import Reading, Subject
from cygni.pricing.resource_set import ResourceSet
from cygni.pricing.usage import Usage
from cygni.resources import Resource

_UNKNOWN: Final = "unknown"


@dataclass(frozen=True, slots=True)
class Part:
    """One thing AWS bills a resource for. `note` is what was assumed to know the quantity; `assumes` names further
    amounts of `Usage` it follows from, said in the note. `region` is read where it is billed elsewhere. `at_most`
    is how much of it, at its list price, costs no less where the quantity is not known."""

    charge: Charge
    quantity: Reading[Decimal] | None = None
    by: Mapping[str, Reading[str]] = field(default_factory=dict)
    when: Reading[bool] | None = None
    each: str | None = None
    note: str | None = None
    assumes: tuple[str, ...] = ()
    region: Reading[str] | None = None
    at_most: Reading[Decimal] | None = None

    @property
    def declared(self) -> Charge:
        """The charge as a reference page shows it, with the attributes that vary left open."""
        return replace(self.charge, varying=tuple(self.by)) if self.by else self.charge

    def amounts(self, subject: Subject) -> Iterator[Amount]:
        """What the resource has of this: nothing when it does not apply."""
        if self.each is None:
            yield from self._amounts(subject)
            return
        path, _, name = self.each.rpartition(".")
        given = subject.within(path) if path else subject.inputs
        entries = given if isinstance(given, Gap) else inputs.objects(given, name)
        if isinstance(entries, Gap):
            yield self._gap(entries)
            return
        for entry in entries:
            yield from self._amounts(subject.look(entry))

    def _amounts(self, subject: Subject) -> Iterator[Amount]:
        applies = True if self.when is None else self.when(subject)
        if isinstance(applies, Gap):
            yield self._gap(applies)
        elif applies:
            yield self._amount(subject)

    def _amount(self, subject: Subject) -> Amount:
        charge = self.charge
        if self.by:
            values = [(name, reading(subject)) for name, reading in self.by.items()]
            gap = next((value for _, value in values if isinstance(value, Gap)), None)
            charge = _decided(charge, tuple((name, _known(value)) for name, value in values))
            if gap is not None:
                return Amount(charge, gap)
        region = self.region(subject) if self.region is not None else None
        if isinstance(region, Gap):
            return Amount(charge, region)
        if self.quantity is None and not self.assumes:
            return replace(one_of(charge, subject.usage), region=region)
        quantity: Quantity = Decimal(1) if self.quantity is None else self.quantity(subject)
        most = self.at_most(subject) if self.at_most is not None and isinstance(quantity, Gap) else None
        return Amount(
            charge, quantity, self._note(subject.usage), region, None if isinstance(most, Gap) else most
        )

    def _note(self, usage: Usage) -> str | None:
        named = (self.charge.assumption, *self.assumes) if self.charge.assumption else self.assumes
        said = [usage.describe(name) for name in named]
        return "; ".join([*said, *([self.note] if self.note else [])]) or None

    def _gap(self, gap: Gap) -> Amount:
        open_ended = tuple((name, _UNKNOWN) for name in self.by)
        return Amount(_decided(self.charge, open_ended) if self.by else self.charge, gap)


def _known(value: str | Gap) -> str:
    return _UNKNOWN if isinstance(value, Gap) else value


@lru_cache(maxsize=4096)
def _decided(charge: Charge, values: Attributes) -> Charge:
    return charge.of(values)


def priced(
    *types: str,
    parts: tuple[Part | Charge, ...],
    notes: tuple[str, ...] = (),
    not_counted: tuple[str, ...] = (),
    otherwise: str | None = None,
) -> Estimator:
    """An estimator of types (the first is the current spelling). A charge alone is a part of one, or of the amount
    assumed. `otherwise` says why a resource to which no part applies costs nothing."""
    own = tuple(each if isinstance(each, Part) else Part(each) for each in parts)

    def measure(resource: Resource, resources: ResourceSet, usage: Usage) -> Measured:
        subject = Subject.of(resource, resources, usage)
        amounts = [amount for part in own for amount in part.amounts(subject)]
        return amounts if amounts or otherwise is None else Free(otherwise)

    charges = tuple(dict.fromkeys(part.declared for part in own))
    return Estimator(types, charges, measure, notes, not_counted)
