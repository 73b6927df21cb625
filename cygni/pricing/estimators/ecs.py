"""ECS services on Fargate: the tasks they keep running, sized by their task definition."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Final

from cygni.pricing import inputs
from cygni.pricing.charges import ONE, Amount, Charge, Estimator, Free, Gap, Measured, Quantity, fixed, one_of
from cygni.pricing.estimators import eip
from cygni.pricing.estimators.ecs_capacity import SpotMix, capacity_of
from cygni.pricing.estimators.ecs_task_size import (
    ARM,
    WINDOWS,
    X86,
    TaskSize,
    task_definition,
    task_size,
    unknown_size,
)
from cygni.pricing.estimators.internet import EGRESS
from cygni.pricing.money import ZERO
from cygni.pricing.resource_set import ResourceSet
from cygni.pricing.usage import Usage
from cygni.resources import Resource

_NO_LIST_PRICE: Final = Gap("Fargate Spot has no list price: it moves with supply, below that of Fargate")
_SCALING_TARGET: Final = "aws:appautoscaling/target:Target"


def _compute(label: str, arch: str, os: str = "Linux") -> tuple[Charge, Charge]:
    return (
        fixed(f"Fargate vCPU, {label}", "AWSFargate", "vcpu", "vCPU-hour", arch=arch, os=os),
        fixed(f"Fargate memory, {label}", "AWSFargate", "memory", "GB-hour", arch=arch, os=os),
    )


def _spot(label: str, arch: str) -> tuple[Charge, Charge]:
    """What is on Fargate Spot: it moves with supply, and no book has a price for it. That of Fargate bounds it: Spot
    capacity is sold at a discount from it (aws.amazon.com/fargate/pricing)."""
    vcpu, memory = _compute(label, arch)
    return (
        replace(vcpu, component=f"Fargate Spot vCPU, {label}"),
        replace(memory, component=f"Fargate Spot memory, {label}"),
    )


SPOT: Final = {X86: _spot("x86", "x86_64"), ARM: _spot("ARM", "arm64"), WINDOWS: _spot("x86", "x86_64")}
COMPUTE: Final = {
    X86: _compute("x86", "x86_64"),
    ARM: _compute("ARM", "arm64"),
    WINDOWS: _compute("Windows", "x86_64", "Windows"),
}
LICENSE: Final = fixed("Windows license", "AWSFargate", "os-license", "vCPU-hour", os="Windows")
STORAGE: Final = fixed(
    "Fargate ephemeral storage above 20 GB", "AWSFargate", "ephemeral-storage", "GB-hour", included="20 GB"
)


def _service(resource: Resource, resources: ResourceSet, usage: Usage) -> Measured:
    definition = task_definition(resource, resources)
    capacity = capacity_of(resource, resources, definition)
    if isinstance(capacity, Free):
        return capacity
    size = unknown_size(definition) if isinstance(definition, Gap) else task_size(definition)
    if isinstance(capacity, Gap):
        size = unknown_size(capacity, size.architecture)
    tasks, note = _tasks(resource, resources)
    mix = capacity if isinstance(capacity, SpotMix) else None
    return _amounts(resource, tasks, size, note, usage, mix)


def _amounts(
    resource: Resource, tasks: Quantity, size: TaskSize, note: str | None, usage: Usage, mix: SpotMix | None
) -> Iterator[Amount]:
    yield from _compute_of(tasks, size, note, mix)
    if size.storage != ZERO:
        yield Amount(STORAGE, _times(tasks, size.storage), note)
    network = inputs.mapping(resource.inputs, "networkConfiguration")
    public = network if isinstance(network, Gap) else inputs.flag(network, "assignPublicIp")
    if public is False:
        return
    yield eip.in_use(_times(tasks, public if isinstance(public, Gap) else ONE), "one per task")
    if public is True and tasks != ZERO and not resource.inputs.get("loadBalancers"):
        yield one_of(EGRESS, usage)


def _compute_of(tasks: Quantity, size: TaskSize, note: str | None, mix: SpotMix | None) -> Iterator[Amount]:
    """vCPU and memory of the tasks, those on Spot apart."""
    certain = mix.on_demand(tasks) if mix is not None and isinstance(tasks, Decimal) else tasks
    rest = ZERO if isinstance(tasks, Gap) or isinstance(certain, Gap) else tasks - certain
    vcpu, memory = COMPUTE[size.architecture]
    if not rest or certain:
        yield Amount(vcpu, _times(certain, size.vcpu), note)
        yield Amount(memory, _times(certain, size.memory), note)
        if size.architecture == WINDOWS:
            yield Amount(LICENSE, _times(certain, size.vcpu), note)
    if rest:
        for charge, each in zip(SPOT[size.architecture], (size.vcpu, size.memory), strict=True):
            at_most = None if isinstance(each, Gap) or size.architecture == WINDOWS else rest * each
            yield Amount(charge, _NO_LIST_PRICE, note, at_most=at_most)


def _times(tasks: Quantity, each: Quantity) -> Quantity:
    """No tasks need nothing, whatever each would have needed."""
    if tasks == ZERO or isinstance(tasks, Gap):
        return tasks
    return each if isinstance(each, Gap) else tasks * each


def _tasks(resource: Resource, resources: ResourceSet) -> tuple[Quantity, str | None]:
    """How many run, and what that assumes."""
    tasks = inputs.whole(resource.inputs, "desiredCount", 0)
    if isinstance(tasks, Gap):
        return tasks, None
    if resource.inputs.get("desiredCount") is None:
        return tasks, "desiredCount is not set: 0 tasks, the provider's default"
    for target in resources.users_of(resource.urn):
        if target.type == _SCALING_TARGET:
            least, most = (inputs.whole(target.inputs, name) for name in ("minCapacity", "maxCapacity"))
            if not isinstance(least, Gap) and not isinstance(most, Gap):
                tasks = min(max(tasks, least), most)
            if not isinstance(most, Gap):
                return tasks, f"{tasks} running all month; autoscaling may go up to {most}"
    return tasks, None


ESTIMATORS: Final = (
    Estimator(
        ("aws:ecs/service:Service",),
        (
            *dict.fromkeys(charge for pair in (*COMPUTE.values(), *SPOT.values()) for charge in pair),
            LICENSE,
            STORAGE,
            eip.IN_USE,
            EGRESS,
        ),
        _service,
        (
            "`desiredCount` tasks for the whole month, sized by the task definition the service refers to.",
            "With autoscaling, as many of them as its limits allow.",
            "What autoscaling adds is not counted; its limit is told. An idle colour with 0 tasks costs 0.",
            "Without `launchType` and strategy, the default strategy of the cluster decides.",
            "Without one of these too, it is Fargate if the task definition requires Fargate alone.",
            "Fargate Spot has no list price: what is certainly not on it is priced, the rest costs at most as much.",
            "On EC2 capacity the instances are billed, not the service.",
            "`assignPublicIp` adds a public IPv4 address per task and, with no load balancer, internet traffic.",
            "A GB of memory is 1,024 MiB. Windows has prices of its own, and a license for each vCPU.",
        ),
    ),
)
