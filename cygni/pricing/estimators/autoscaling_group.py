"""Auto Scaling groups: as many machines of their launch template or launch configuration as they want."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any, Final

from cygni.pricing import inputs
from cygni.pricing.charges import Amount, Estimator, Gap, Quantity
from cygni.pricing.estimators import ebs, ec2, eip
from cygni.pricing.money import ceiling
from cygni.pricing.parts import Part
from cygni.pricing.readings import (
    Subject,
    choice,
    flag,
    is_set,
    named,
    negated,
    text,
    units,
    unknown,
    whole,
)
from cygni.pricing.resource_set import ResourceSet
from cygni.pricing.usage import Usage
from cygni.resources import Resource

_MOST: Final = Decimal(1_000_000)
_CONFIGURATION: Final = "aws:ec2/launchConfiguration:LaunchConfiguration"
_KIND: Final = text("instanceType")
_OWN_ROOT: Final = is_set("rootBlockDevice")
_CONFIGURED: Final = (
    replace(
        ec2.hours(
            _KIND, tenancy=named(text("placementTenancy", "default"), ec2.TENANCY, "tenancy")
        ),
        quantity=choice(is_set("spotPrice"), unknown(ec2.SPOT), units(1)),
    ),
    ec2.credits_of(_KIND, text("creditSpecification", "")),
    Part(ec2.MONITORING, ec2.METRICS, when=flag("enableMonitoring", True)),
    *ebs.volume_parts(
        whole("rootBlockDevice.volumeSize", ec2.ROOT_GB), kind="rootBlockDevice.volumeType",
        iops="rootBlockDevice.iops", throughput="rootBlockDevice.throughput", when=_OWN_ROOT,
    ),
    ebs.volume_parts(units(ec2.ROOT_GB), kind="imageDecides", note=ec2.ROOT_NOTE, when=negated(_OWN_ROOT))[0],
    *ebs.volume_parts(whole("volumeSize"), each="ebsBlockDevices"),
    Part(eip.IN_USE, units(1), when=flag("associatePublicIpAddress")),
)  # fmt: skip


def machines(amounts: Iterable[Amount], count: Quantity, note: str | None) -> Iterator[Amount]:
    """So many times what one machine has."""
    for amount in amounts:
        if isinstance(count, Gap):
            yield replace(amount, quantity=count, at_most=None)
            continue
        at_most = None if amount.at_most is None else amount.at_most * count
        quantity = amount.quantity if isinstance(amount.quantity, Gap) else amount.quantity * count
        said = "; ".join(each for each in (amount.note, note) if each) or None
        yield replace(amount, quantity=quantity if count else Decimal(0), note=said, at_most=at_most)


def _group(resource: Resource, resources: ResourceSet, usage: Usage) -> Iterator[Amount]:
    given = resource.inputs
    name = "desiredCapacity" if given.get("desiredCapacity") is not None else "minSize"
    count = within(given, inputs.whole(given, name), name)
    note = None if isinstance(count, Gap) else _range_of(given, count)
    subject = Subject.of(resource, resources, usage)
    if given.get("launchConfiguration") is not None:
        found = resources.referred(resource, "launchConfiguration", _CONFIGURATION)
        yield from _with_pool(tuple(_of(found, _CONFIGURED, subject, {})), given, count, note)
    elif given.get("mixedInstancesPolicy") is not None:
        yield from _mixed(subject, count, note)
    else:
        found = resources.referred(resource, "launchTemplate", ec2.LAUNCH_TEMPLATE)
        yield from _with_pool(tuple(_of(found, ec2.TEMPLATE, subject, {})), given, count, note)


def within(sizes: Mapping[str, Any], count: Quantity, name: str) -> Quantity:
    """How many machines, if that is from `minSize` to `maxSize`: AWS refuses any other number."""
    least, most = inputs.whole(sizes, "minSize", 0), inputs.whole(sizes, "maxSize", int(_MOST))
    if isinstance(count, Gap) or isinstance(least, Gap) or isinstance(most, Gap) or least <= count <= most:
        return count
    return Gap(f"{name} {count} is not from {least} to {most}")


def _with_pool(
    machine: tuple[Amount, ...], given: Mapping[str, Any], count: Quantity, note: str | None
) -> Iterator[Amount]:
    """The machines at work, and those that its warm pool keeps: with all they have where they run, with their disks
    alone where they are stopped or hibernated (Amazon EC2 Auto Scaling User Guide, warm pools)."""
    yield from machines(machine, count, note)
    pool = inputs.mapping(given, "warmPool")
    if isinstance(pool, Gap):
        yield Amount(_UNKNOWN, pool)
    elif given.get("warmPool") is not None:
        state = inputs.text(pool, "poolState", "Stopped")
        kept = state if isinstance(state, Gap) else _pooled(pool, given, count)
        runs = isinstance(state, Gap) or state == "Running"
        billed = [amount for amount in machine if runs or amount.charge.service == ebs.STORAGE.service]
        yield from machines(billed, kept, f"in the warm pool, {state}" if isinstance(state, str) else None)


def _pooled(pool: Mapping[str, Any], given: Mapping[str, Any], count: Quantity) -> Quantity:
    """What a warm pool has: what is missing to the greatest size, or to what it is told to prepare."""
    least = inputs.whole(pool, "minSize", 0)
    told = pool.get("maxGroupPreparedCapacity")
    prepared = (
        inputs.whole(given, "maxSize")
        if told in (None, -1)
        else inputs.whole(pool, "maxGroupPreparedCapacity")
    )
    if isinstance(count, Gap) or isinstance(least, Gap) or isinstance(prepared, Gap):
        return next(each for each in (count, least, prepared) if isinstance(each, Gap))
    return max(least, prepared - count, Decimal(0))


def _of(
    found: Resource | None, parts: tuple[Part, ...], subject: Subject, said: Mapping[str, Any]
) -> Iterator[Amount]:
    """One machine as a template says, some inputs said otherwise."""
    if found is None:
        yield Amount(_UNKNOWN, Gap("its launch template is outside the estimate"))
        return
    inside = replace(subject.at(found), inputs={**found.inputs, **said})
    for part in parts:
        yield from part.amounts(inside)


def _mixed(subject: Subject, count: Quantity, note: str | None) -> Iterator[Amount]:
    """The first type that the policy names; what may be Spot has no price."""
    policy = inputs.mapping(subject.inputs, "mixedInstancesPolicy")
    template = policy if isinstance(policy, Gap) else inputs.mapping(policy, "launchTemplate")
    spread = policy if isinstance(policy, Gap) else inputs.mapping(policy, "instancesDistribution")
    overrides = template if isinstance(template, Gap) else inputs.objects(template, "overrides")
    if isinstance(overrides, Gap) or isinstance(spread, Gap):
        yield Amount(
            _UNKNOWN, overrides if isinstance(overrides, Gap) else Gap("its instances are not known yet")
        )
        return
    if any(each.get("weightedCapacity") is not None for each in overrides):
        yield Amount(_UNKNOWN, Gap("its instances count by weight, so their number is not known"))
        return
    first = overrides[0] if overrides else {}
    said = {
        name: first[name] for name in ("instanceType", "instanceRequirements") if first.get(name) is not None
    }
    if "instanceRequirements" in said:
        said["instanceType"] = None
    found = subject.resources.referred(subject.resource, "mixedInstancesPolicy", ec2.LAUNCH_TEMPLATE)
    certain = _on_demand(spread, count)
    for amount in machines(_of(found, ec2.TEMPLATE, subject, said), count, note):
        if amount.charge.usage != "instance" or certain == count:
            yield amount
            continue
        if certain:
            yield replace(amount, quantity=certain)
        yield replace(amount, quantity=Gap(ec2.SPOT), at_most=_at_most(spread, overrides, count, certain))


def _at_most(
    spread: Mapping[str, Any], overrides: Sequence[object], count: Quantity, certain: Quantity
) -> Decimal | None:
    """How many instances what is Spot costs no more than: nobody knows where it may be of several types, of which the
    dearest may be taken, or has a maximum price of its own."""
    if isinstance(count, Gap) or isinstance(certain, Gap) or len(overrides) > 1 or spread.get("spotMaxPrice"):
        return None
    return count - certain


def _on_demand(spread: Mapping[str, Any], count: Quantity) -> Quantity:
    """How many are certainly not Spot: the base, and a share of the rest, rounded up by AWS."""
    base = inputs.whole(spread, "onDemandBaseCapacity", 0)
    share = inputs.whole(spread, "onDemandPercentageAboveBaseCapacity", 100)
    if isinstance(count, Gap) or isinstance(base, Gap) or isinstance(share, Gap):
        return count if isinstance(count, Gap) else Decimal(0)
    rest = max(count - base, Decimal(0))
    return min(count, base) + ceiling(rest * share / 100)


def _range_of(given: Mapping[str, Any], count: Decimal) -> str | None:
    least, most = given.get("minSize"), given.get("maxSize")
    return None if least == most else f"{count} all month; it may have from {least} to {most}"


_UNKNOWN: Final = ec2.HOURS.of((("instance_type", "unknown"), ("os", "Linux"), ("tenancy", "Shared")))
_DECLARED: Final = tuple(dict.fromkeys(part.declared for part in (*ec2.TEMPLATE, *_CONFIGURED)))

ESTIMATORS: Final = (
    Estimator(
        ("aws:autoscaling/group:Group",),
        _DECLARED,
        _group,
        (
            "The desired capacity (`minSize` without one) times a machine of its launch template or configuration.",
            "Of a mixed policy the first type counts; what it may take from Spot has no list price.",
            "Spot of a single type costs at most as much as On-Demand.",
            "A warm pool costs as much where it runs; stopped or hibernated, its disks do.",
            "Capacity counted by weight, and types chosen by attributes, have no price.",
        ),
    ),
)
