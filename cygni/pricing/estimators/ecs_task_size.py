"""What one Fargate task has, read from its task definition."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from cygni.aws_limits import FARGATE_MEMORY
from cygni.pricing import inputs
from cygni.pricing.charges import Gap, Quantity
from cygni.pricing.money import ZERO
from cygni.pricing.resource_set import ResourceSet
from cygni.resources import Resource

TASK_DEFINITION: Final = "aws:ecs/taskDefinition:TaskDefinition"
X86, ARM = "X86_64", "ARM64"
WINDOWS = "WINDOWS"
"""What a task runs on: an architecture of Linux, or Windows, which is on x86 alone and has a license."""
_INCLUDED_STORAGE_GB: Final = Decimal(20)  # aws.amazon.com/fargate/pricing
_UNITS: Final = Decimal(1024)  # CPU units in a vCPU, MiB in a GB
_SPOKEN: Final = re.compile(r"([0-9]{0,4}\.?[0-9]{1,4}) ?([a-zA-Z]+)")


@dataclass(frozen=True, slots=True)
class TaskSize:
    """vCPU, GB of memory, and GB of ephemeral storage beyond the 20 that are included, of one task."""

    architecture: str
    vcpu: Quantity
    memory: Quantity
    storage: Quantity


def unknown_size(gap: Gap, architecture: str = X86) -> TaskSize:
    return TaskSize(architecture, gap, gap, ZERO)


def task_definition(service: Resource, resources: ResourceSet) -> Mapping[str, Any] | Gap:
    """The inputs of the task definition the service refers to, or of the one whose ARN or family it names."""
    named = inputs.text(service.inputs, "taskDefinition")
    return definition_of(service, resources, "taskDefinition", named)


def definition_of(
    resource: Resource, resources: ResourceSet, input_name: str, named: str | Gap
) -> Mapping[str, Any] | Gap:
    """The inputs of the task definition that an input was computed from, or of the one with an ARN or family."""
    referred = resources.referred(resource, input_name, TASK_DEFINITION)
    if referred is not None:
        return referred.inputs
    if isinstance(named, Gap):
        return named
    family = named.rsplit("/", 1)[-1].split(":", 1)[0]
    if not family:
        return Gap("taskDefinition is not set")
    found = [
        each.inputs for each in resources.of_type(TASK_DEFINITION) if each.inputs.get("family") == family
    ]
    if not found:
        return Gap(f"the task definition {family} is not among the resources")
    if len({task_size(each) for each in found}) > 1:
        return Gap(f"there are several task definitions {family} of different sizes")
    return found[0]


def task_size(definition: Mapping[str, Any]) -> TaskSize:
    """The size of a task; without a quantity for what has no price or cannot be read."""
    platform = inputs.mapping(definition, "runtimePlatform")
    if isinstance(platform, Gap):
        return unknown_size(platform)
    architecture = inputs.text(platform, "cpuArchitecture", X86)
    if isinstance(architecture, Gap):
        return unknown_size(architecture)
    if architecture not in (X86, ARM):
        return unknown_size(Gap(f"no price for {architecture} tasks"))
    system = inputs.text(platform, "operatingSystemFamily", "LINUX")
    if isinstance(system, Gap):
        return unknown_size(system)
    if system.startswith("WINDOWS_SERVER"):
        architecture = WINDOWS
    elif system != "LINUX":
        return unknown_size(Gap(f"no price for {system} tasks"))
    vcpu, memory = _units(definition, "cpu", "vcpu"), _units(definition, "memory", "gb")
    if not isinstance(vcpu, Gap) and not isinstance(memory, Gap):
        cpu, mebibytes = vcpu * _UNITS, memory * _UNITS
        if mebibytes not in FARGATE_MEMORY.get(int(cpu), ()) or cpu != int(cpu):
            return unknown_size(
                Gap(
                    f"Fargate has no tasks of {cpu.normalize():f} CPU units and {mebibytes.normalize():f} MiB"
                ),
                architecture,
            )
    return TaskSize(architecture, vcpu, memory, _storage(definition))


def _units(definition: Mapping[str, Any], name: str, word: str) -> Quantity:
    """CPU units or MiB (`"256"`), or words as ECS also takes them (`".25 vCPU"`, `"0.5 GB"`), as vCPU or GB."""
    value = definition.get(name)
    spoken = _SPOKEN.fullmatch(value.strip()) if isinstance(value, str) else None
    if spoken and spoken[2].lower() == word:
        amount: Quantity = Decimal(spoken[1])
    else:
        units = inputs.whole(definition, name)
        amount = units if isinstance(units, Gap) else units / _UNITS
    if isinstance(amount, Gap):
        return Gap(f"the task definition's {amount.reason}")
    return amount or Gap(f"the task definition's {name} is 0")


def _storage(definition: Mapping[str, Any]) -> Quantity:
    ephemeral = inputs.mapping(definition, "ephemeralStorage")
    size = ephemeral if isinstance(ephemeral, Gap) else inputs.whole(ephemeral, "sizeInGib", 20)
    return size if isinstance(size, Gap) else max(size - _INCLUDED_STORAGE_GB, ZERO)
