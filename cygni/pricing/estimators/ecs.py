"""ECS services on Fargate: the tasks they keep running, sized by their task definition."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from cygni.pricing import inputs
from cygni.pricing.charges import ONE, Amount, Charge, Estimator, Free, Gap, Measured, Quantity, fixed, one_of
from cygni.pricing.estimators import ecs_capacity, eip
from cygni.pricing.estimators.internet import EGRESS
from cygni.pricing.money import ZERO
from cygni.pricing.resource_set import ResourceSet
from cygni.pricing.usage import Usage
from cygni.resources import Resource

TASK_DEFINITION: Final = "aws:ecs/taskDefinition:TaskDefinition"
INCLUDED_STORAGE_GB: Final = Decimal(20)
_UNITS: Final = Decimal(1024)  # CPU units in a vCPU, MiB in a GB


def _compute(label: str, arch: str) -> tuple[Charge, Charge]:
    return (
        fixed(f"Fargate vCPU, {label}", "AWSFargate", "vcpu", "vCPU-hour", arch=arch, os="Linux"),
        fixed(f"Fargate memory, {label}", "AWSFargate", "memory", "GB-hour", arch=arch, os="Linux"),
    )


COMPUTE: Final = {"X86_64": _compute("x86", "x86_64"), "ARM64": _compute("ARM", "arm64")}
STORAGE: Final = fixed(
    "Fargate ephemeral storage above 20 GB", "AWSFargate", "ephemeral-storage", "GB-hour", included="20 GB"
)


@dataclass(frozen=True, slots=True)
class _Size:
    """What one task has: vCPU, GB of memory, GB of storage beyond the included 20."""

    architecture: str
    vcpu: Quantity
    memory: Quantity
    storage: Quantity


def _service(resource: Resource, resources: ResourceSet, usage: Usage) -> Measured:
    tasks = _desired_count(resource)
    definition = _task_definition(resource, resources)
    capacity = ecs_capacity.capacity_of(resource, resources, definition)
    if isinstance(capacity, Free):
        return capacity
    return _amounts(resource, tasks, definition, capacity, usage)


def _amounts(
    resource: Resource,
    tasks: Quantity,
    definition: Mapping[str, Any] | Gap,
    capacity: Gap | None,
    usage: Usage,
) -> Iterator[Amount]:
    note = None if "desiredCount" in resource.inputs else "desiredCount is not set: 0, the provider's default"
    unsized = definition if isinstance(definition, Gap) else None
    size = _size({} if isinstance(definition, Gap) else definition)
    vcpu, memory = COMPUTE[size.architecture]
    yield Amount(vcpu, _times(tasks, capacity or unsized or size.vcpu), note)
    yield Amount(memory, _times(tasks, capacity or unsized or size.memory), note)
    if size.storage != ZERO:
        yield Amount(STORAGE, _times(tasks, capacity or size.storage), note)
    yield from _public(resource, tasks, usage)


def _public(resource: Resource, tasks: Quantity, usage: Usage) -> Iterator[Amount]:
    """Addresses of public tasks; and their traffic, unless it leaves through a load balancer."""
    network = inputs.mapping(resource.inputs, "networkConfiguration")
    public = network if isinstance(network, Gap) else inputs.flag(network, "assignPublicIp")
    if public is False:
        return
    yield eip.in_use(_times(tasks, public if isinstance(public, Gap) else ONE), "one per task")
    if public is True and tasks != ZERO and not resource.inputs.get("loadBalancers"):
        yield one_of(EGRESS, usage)


def _times(tasks: Quantity, each: Quantity) -> Quantity:
    """No tasks need nothing, whatever each would have needed."""
    if tasks == ZERO or isinstance(tasks, Gap):
        return tasks
    return each if isinstance(each, Gap) else tasks * each


def _desired_count(resource: Resource) -> Quantity:
    if resource.inputs.get("schedulingStrategy") == "DAEMON":
        return Gap("a DAEMON service runs one task per instance")
    return inputs.whole(resource.inputs, "desiredCount", 0)


def _task_definition(resource: Resource, resources: ResourceSet) -> Mapping[str, Any] | Gap:
    """The inputs of the service's task definition: the one it refers to, or the one of the family it names."""
    referred = resources.referred(resource, "taskDefinition", TASK_DEFINITION)
    if referred is not None:
        return referred.inputs
    named = inputs.text(resource.inputs, "taskDefinition")
    if isinstance(named, Gap) or not named:
        return named if isinstance(named, Gap) else Gap("taskDefinition is not set")
    family = named.rsplit("/", 1)[-1].split(":", 1)[0]
    for candidate in resources.of_type(TASK_DEFINITION):
        if candidate.inputs.get("family") == family:
            return candidate.inputs
    return Gap(f"the task definition {family} is not among the resources")


def _size(definition: Mapping[str, Any]) -> _Size:
    platform = inputs.mapping(definition, "runtimePlatform")
    if isinstance(platform, Gap):
        return _Size("X86_64", platform, platform, ZERO)
    architecture = inputs.text(platform, "cpuArchitecture", "X86_64")
    system = inputs.text(platform, "operatingSystemFamily", "LINUX")
    if isinstance(architecture, Gap) or architecture not in COMPUTE:
        gap = architecture if isinstance(architecture, Gap) else Gap(f"no price for {architecture} tasks")
        return _Size("X86_64", gap, gap, ZERO)
    if system != "LINUX":
        gap = system if isinstance(system, Gap) else Gap(f"no price for {system} tasks")
        return _Size(architecture, gap, gap, ZERO)
    return _Size(
        architecture,
        _units(definition, "cpu", "vcpu"),
        _units(definition, "memory", "gb"),
        _storage(definition),
    )


def _units(definition: Mapping[str, Any], name: str, word: str) -> Quantity:
    """CPU units or MiB (`"256"`), or in words as ECS also takes them (`".25 vCPU"`, `"0.5 GB"`), divided by
    1,024."""
    value = definition.get(name)
    if isinstance(value, str):
        spoken = re.fullmatch(r"([0-9]{0,5}\.?[0-9]{1,4}) ?([a-zA-Z]+)", value.strip())
        if spoken and spoken[2].lower() == word:
            return Decimal(spoken[1])
    units = inputs.whole(definition, name)
    if isinstance(units, Gap):
        return Gap(f"the task definition's {units.reason}")
    return units / _UNITS if units else Gap(f"the task definition's {name} is 0")


def _storage(definition: Mapping[str, Any]) -> Quantity:
    ephemeral = inputs.mapping(definition, "ephemeralStorage")
    size = ephemeral if isinstance(ephemeral, Gap) else inputs.whole(ephemeral, "sizeInGib", 20)
    return size if isinstance(size, Gap) else max(size - INCLUDED_STORAGE_GB, ZERO)


ESTIMATORS: Final = (
    Estimator(
        ("aws:ecs/service:Service",),
        (*(charge for pair in COMPUTE.values() for charge in pair), STORAGE, eip.IN_USE, EGRESS),
        _service,
        (
            (
                "`desiredCount` tasks for the whole month, sized by the task definition the service refers to; what "
                "autoscaling adds is not counted. An idle colour with 0 tasks costs 0."
            ),
            (
                "Without `launchType` and strategy, the default strategy of the cluster decides; without one of "
                "these too, a task definition that requires Fargate alone."
            ),
            "Fargate Spot has no list price, so a service that may use it has none.",
            "On EC2 capacity the instances are billed, not the service.",
            (
                "`assignPublicIp` adds one public IPv4 address per task; without a load balancer, also internet "
                "traffic."
            ),
            "GB here is GiB, as AWS bills it.",
        ),
    ),
)
