"""What is read from a resource to price it: small functions that compose.

A `Reading` takes a `Subject` (a resource among others) and gives a value, or a `Gap` that says why there is none.
Paths are inputs in camelCase, nested ones with dots: `rootBlockDevice.volumeSize`. What is not set has the default
that AWS has, given where the reading is made. A `Gap` anywhere in a composed reading is the whole's.

    size = whole("size", 8)
    times(size, count("subnetIds"))
    through("launchTemplate", LAUNCH_TEMPLATE, text("instanceType"))
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from typing import Any, Final, TypeVar

from cygni.pricing import inputs
from cygni.pricing.charges import Gap, Quantity
from cygni.pricing.resource_set import ResourceSet
from cygni.pricing.usage import Usage
from cygni.resources import UNKNOWN, Resource

T = TypeVar("T")
U = TypeVar("U")
_EXACT: Final = Decimal("1e-9")


@dataclass(frozen=True, slots=True)
class Subject:
    """A resource being priced, what is assumed of its use, and `inputs`: its own, or one nested object of them."""

    resource: Resource
    inputs: Mapping[str, Any]
    resources: ResourceSet
    usage: Usage

    @classmethod
    def of(cls, resource: Resource, resources: ResourceSet, usage: Usage) -> Subject:
        return cls(resource, resource.inputs, resources, usage)

    def within(self, path: str) -> Mapping[str, Any] | Gap:
        """The nested object at a path; empty where it is not set."""
        given = self.inputs
        for name in path.split("."):
            nested = inputs.mapping(given, name)
            if isinstance(nested, Gap):
                return nested
            given = nested
        return given

    def at(self, resource: Resource) -> Subject:
        """Another resource of the same estimate."""
        return Subject(resource, resource.inputs, self.resources, self.usage)

    def look(self, given: Mapping[str, Any]) -> Subject:
        """The same resource, one nested object of its inputs."""
        return replace(self, inputs=given)


Reading = Callable[[Subject], T | Gap]


def _reader(path: str, read: Callable[[Mapping[str, Any], str], T | Gap]) -> Reading[T]:
    parent, _, name = path.rpartition(".")
    if not parent:
        return lambda subject: read(subject.inputs, name)

    def nested(subject: Subject) -> T | Gap:
        given = subject.within(parent)
        return given if isinstance(given, Gap) else read(given, name)

    return nested


def text(path: str, default: str | None = None) -> Reading[str]:
    """A text input; without a default and not set, a gap."""

    def read(given: Mapping[str, Any], name: str) -> str | Gap:
        found = inputs.text(given, name, default or "")
        return Gap(f"{name} is not set") if found == "" and default is None else found

    return _reader(path, read)


def whole(path: str, default: int | None = None) -> Reading[Decimal]:
    """A whole number from 0 to a million; without a default and not set, a gap."""
    return _reader(path, lambda given, name: inputs.whole(given, name, default))


def number(path: str, default: str | None = None) -> Reading[Decimal]:
    """A number from 0 to a million, with a fraction or without."""

    def read(given: Mapping[str, Any], name: str) -> Quantity:
        value = given.get(name)
        if value is UNKNOWN:
            return Gap(f"{name} is known only after the deploy")
        if value is None:
            return Gap(f"{name} is not set") if default is None else Decimal(default)
        try:
            found = Decimal(str(value)) if not isinstance(value, bool) else Decimal(-1)
        except InvalidOperation:
            found = Decimal(-1)
        return (
            found
            if found.is_finite() and 0 <= found <= 10**6
            else Gap(f"{name} is not a number from 0 to 10^6")
        )

    return _reader(path, read)


def flag(path: str, default: bool = False) -> Reading[bool]:
    """A boolean input."""
    return _reader(path, lambda given, name: inputs.flag(given, name, default))


def count(path: str) -> Reading[Decimal]:
    """How many entries a list of the resource has; when it is unknown, how many resources it was computed from."""
    if "." not in path:
        return lambda subject: inputs.length(replace(subject.resource, inputs=subject.inputs), path)

    def read(given: Mapping[str, Any], name: str) -> Quantity:
        value = given.get(name)
        if value is UNKNOWN:
            return Gap(f"{name} is known only after the deploy")
        if value is None:
            return Decimal(0)
        return Decimal(len(value)) if isinstance(value, list | tuple) else Gap(f"{name} is not a list")

    return _reader(path, read)


def is_set(path: str) -> Reading[bool]:
    """Whether an input is there at all, known or not; an empty object is, an empty text or list is not."""
    return _reader(path, lambda given, name: given.get(name) not in (None, "", [], ()))


def is_one_of(reading: Reading[str], *values: str) -> Reading[bool]:
    """Whether a text is among these."""
    return derived(reading, lambda found: found in values)


def begins(reading: Reading[str], *prefixes: str) -> Reading[bool]:
    """Whether a text begins with one of these."""
    return derived(reading, lambda found: found.startswith(prefixes))


def derived(reading: Reading[T], function: Callable[[T], U | Gap]) -> Reading[U]:
    """What a function makes of a reading."""

    def read(subject: Subject) -> U | Gap:
        found = reading(subject)
        return found if isinstance(found, Gap) else function(found)

    return read


def constant(value: T) -> Reading[T]:
    return lambda subject: value


def units(amount: int | str) -> Reading[Decimal]:
    """So many, whatever the resource says."""
    return constant(Decimal(amount))


def unknown(reason: str) -> Reading[Any]:
    """What cannot be told, and why."""
    return constant(Gap(reason))


def named(reading: Reading[str], values: Mapping[str, T], what: str) -> Reading[T]:
    """The value a table has for a text; a gap for a text that is not in it: `no price for {what} x`."""
    return derived(
        reading, lambda found: values[found] if found in values else Gap(f"no price for {what} {found}")
    )


def negated(reading: Reading[bool]) -> Reading[bool]:
    return derived(reading, lambda found: not found)


def every(*readings: Reading[bool]) -> Reading[bool]:
    """Whether all hold; one that does not decides, even beside one that is not known."""
    return _judged(readings, decisive=False)


def some(*readings: Reading[bool]) -> Reading[bool]:
    """Whether one holds; one that does decides, even beside one that is not known."""
    return _judged(readings, decisive=True)


def _judged(readings: tuple[Reading[bool], ...], *, decisive: bool) -> Reading[bool]:
    def read(subject: Subject) -> bool | Gap:
        gap: Gap | None = None
        for reading in readings:
            found = reading(subject)
            if isinstance(found, Gap):
                gap = gap or found
            elif found is decisive:
                return decisive
        return gap if gap is not None else not decisive

    return read


def choice(condition: Reading[bool], then: Reading[T], otherwise: Reading[T]) -> Reading[T]:
    """One reading or the other, as a third one says."""

    def read(subject: Subject) -> T | Gap:
        found = condition(subject)
        if isinstance(found, Gap):
            return found
        return then(subject) if found else otherwise(subject)

    return read


def first_of(*readings: Reading[T]) -> Reading[T]:
    """The first that is known; else the gap of the first."""

    def read(subject: Subject) -> T | Gap:
        gaps: list[Gap] = []
        for reading in readings:
            found = reading(subject)
            if not isinstance(found, Gap):
                return found
            gaps.append(found)
        return gaps[0]

    return read


def times(*readings: Reading[Decimal]) -> Reading[Decimal]:
    """The product; nothing times anything, known or not, is nothing."""

    def read(subject: Subject) -> Quantity:
        product, gap = Decimal(1), None
        for reading in readings:
            found = reading(subject)
            if isinstance(found, Gap):
                gap = gap or found
            elif not found:
                return found
            else:
                product *= found
        return gap or product

    return read


def total(*readings: Reading[Decimal]) -> Reading[Decimal]:
    """The sum."""

    def read(subject: Subject) -> Quantity:
        whole_sum = Decimal(0)
        for reading in readings:
            found = reading(subject)
            if isinstance(found, Gap):
                return found
            whole_sum += found
        return whole_sum

    return read


def over(reading: Reading[Decimal], divisor: int | str) -> Reading[Decimal]:
    """A part of it, to a billionth."""
    return derived(reading, lambda found: (found / Decimal(divisor)).quantize(_EXACT))


def beyond(reading: Reading[Decimal], included: Reading[Decimal]) -> Reading[Decimal]:
    """What is more than AWS includes; not less than nothing."""
    return of_both(reading, included, lambda found, free: max(found - free, Decimal(0)))


def at_least(reading: Reading[Decimal], least: Reading[Decimal]) -> Reading[Decimal]:
    """The greater of two."""
    return of_both(reading, least, max)


def at_most(reading: Reading[Decimal], most: Reading[Decimal]) -> Reading[Decimal]:
    """The smaller of two."""
    return of_both(reading, most, min)


def of_both(one: Reading[T], other: Reading[T], function: Callable[[T, T], T]) -> Reading[T]:
    """What a function makes of two readings."""

    def read(subject: Subject) -> T | Gap:
        first, second = one(subject), other(subject)
        if isinstance(first, Gap):
            return first
        return second if isinstance(second, Gap) else function(first, second)

    return read


def use(name: str) -> Reading[Decimal]:
    """An assumed amount of use."""
    return lambda subject: subject.usage.amount(name)


def through(
    input_name: str, type_token: str, reading: Reading[T], alone: Reading[T] | None = None
) -> Reading[T]:
    """What the resource that an input refers to says; `alone` where it is not among the resources, else a gap."""

    def read(subject: Subject) -> T | Gap:
        found = subject.resources.referred(subject.resource, input_name, type_token)
        if found is not None:
            return reading(subject.at(found))
        if alone is not None:
            return alone(subject)
        return Gap(f"its {type_token.rsplit(':', 1)[-1]} is outside the estimate")

    return read


def outside(reading: Reading[T]) -> Reading[T]:
    """What the resource itself says, read from inside one of its nested objects."""
    return lambda subject: reading(subject.look(subject.resource.inputs))


def assumed(name: str) -> Reading[bool]:
    """Whether any of a use is assumed."""
    return lambda subject: bool(subject.usage.amount(name))


def surely(reading: Reading[bool]) -> Reading[bool]:
    """Whether it is known to hold: for what would only repeat a gap that another part tells already."""
    return first_of(reading, constant(False))
