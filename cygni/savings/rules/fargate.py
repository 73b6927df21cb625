"""Services on Fargate: larger than they need, on the dearer processor, or on capacity that nothing demands."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, Final

from cygni.aws_limits import FARGATE_MEMORY
from cygni.naming import Colour
from cygni.pricing import inputs
from cygni.pricing.charges import Gap
from cygni.pricing.estimators.ecs_task_size import ARM, TASK_DEFINITION, X86, task_size
from cygni.pricing.usage_metrics import MAXIMUM, Metric
from cygni.resources import Resource
from cygni.savings.evidence import DAYS
from cygni.savings.rule import Candidate, Change, Rule, Situation

_SERVICE: Final = "aws:ecs/service:Service"
_HOUR: Final = 3600
_HEADROOM: Final = Decimal("0.6")
"""The most that 99 of 100 hours may use of a smaller size: what a rollout or a busy day needs more has room."""
_UNITS: Final = 1024  # CPU units in a vCPU, MiB in a GB


def _utilization(name: str, metric: str) -> Metric:
    return Metric(
        name,
        (_SERVICE,),
        "AWS/ECS",
        (metric,),
        {"ClusterName": "{cluster}", "ServiceName": "{service}"},
        MAXIMUM,
        period=_HOUR,
    )


_CPU: Final = _utilization("service_cpu_percent", "CPUUtilization")
_MEMORY: Final = _utilization("service_memory_percent", "MemoryUtilization")


@dataclass(frozen=True, slots=True)
class _Tasks:
    """The tasks of one task definition: `cpu` units and MiB of `memory` each, run by `services`, both colours."""

    definition: Resource
    services: Sequence[Resource]
    cpu: int
    memory: int
    architecture: str

    @property
    def running(self) -> Resource:
        """The colour that runs."""
        return next(one for one in self.services if _count(one))

    def name(self, situation: Situation) -> str | None:
        """What cygni.yaml calls the service."""
        own = situation.own_name(self.running)
        base, _, colour = (own or "").rpartition("-")
        return base if colour in tuple(Colour) else own

    def changed(self, **changes: Any) -> Mapping[str, Resource]:
        """The services and their task definition, with changes of its inputs."""
        definition = replace(self.definition, inputs={**self.definition.inputs, **changes})
        return {definition.urn: definition, **{one.urn: one for one in self.services}}


def _all_tasks(situation: Situation) -> Iterator[_Tasks]:
    """Of services that run and whose size is known."""
    known = situation.known
    for definition in known.of_type(TASK_DEFINITION):
        services = [one for one in known.users_of(definition.urn) if one.type == _SERVICE]
        size = task_size(definition.inputs)
        if not any(map(_count, services)) or isinstance(size.vcpu, Gap) or isinstance(size.memory, Gap):
            continue
        cpu, memory = int(size.vcpu * _UNITS), int(size.memory * _UNITS)
        yield _Tasks(definition, services, cpu, memory, size.architecture)


def _count(service: Resource) -> int:
    count = inputs.whole(service.inputs, "desiredCount", 0)
    return 0 if isinstance(count, Gap) else int(count)


def _oversized(situation: Situation) -> Iterable[Candidate]:
    for tasks in _all_tasks(situation):
        urns = [one.urn for one in tasks.services]
        cpu = situation.evidence.peak(urns, _CPU.amount)
        memory = situation.evidence.peak(urns, _MEMORY.amount)
        if cpu is None or memory is None:
            continue
        smaller = smaller_size(tasks.cpu, tasks.memory, cpu, memory)
        if smaller is None:
            continue
        size = {"cpu": smaller[0], "memory": smaller[1]}
        yield Candidate(
            subject=tasks.running.urn,
            seen=(
                f"99 of 100 hours in {DAYS} days use at most {cpu:.1f} % of {tasks.cpu} CPU units and {memory:.1f} % "
                f"of {tasks.memory} MiB"
            ),
            changed=tasks.changed(cpu=str(size["cpu"]), memory=str(size["memory"])),
            change=_of_service(
                situation, tasks, size, f"Take tasks of {size['cpu']} CPU units and {size['memory']} MiB."
            ),
            caution="With autoscaling by CPU, smaller tasks may become more tasks.",
        )


def smaller_size(
    cpu: int, memory: int, cpu_percent: Decimal, memory_percent: Decimal
) -> tuple[int, int] | None:
    """The least size of Fargate in which so many percent of this one leave headroom, as CPU units and MiB; None where
    none is smaller. Of less CPU and less memory each costs less, so the first that is enough is the cheapest."""
    least_cpu = cpu * cpu_percent / 100 / _HEADROOM
    least_memory = memory * memory_percent / 100 / _HEADROOM
    for units, sizes in sorted(FARGATE_MEMORY.items()):
        fitting = next((one for one in sizes if least_memory <= one <= memory), None)
        if least_cpu <= units <= cpu and fitting is not None:
            return (units, fitting) if (units, fitting) != (cpu, memory) else None
    return None


def _on_arm(situation: Situation) -> Iterable[Candidate]:
    for tasks in _all_tasks(situation):
        platform = tasks.definition.inputs.get("runtimePlatform")
        if tasks.architecture != X86 or not isinstance(platform, Mapping | None):
            continue
        yield Candidate(
            subject=tasks.running.urn,
            seen="its tasks run on x86_64",
            changed=tasks.changed(runtimePlatform={**(platform or {}), "cpuArchitecture": ARM}),
            change=_of_service(situation, tasks, {"architecture": "arm64"}, "Run it on ARM."),
            caution=(
                "Its image must be built for arm64 too: docker buildx build --platform linux/amd64,linux/arm64. Nobody "
                "has looked whether it is."
            ),
        )


def _on_spot(situation: Situation) -> Iterable[Candidate]:
    if situation.is_production:
        return
    for tasks in _all_tasks(situation):
        strategies = tasks.running.inputs.get("capacityProviderStrategies")
        if not isinstance(strategies, list) or any("SPOT" in str(one) for one in strategies):
            continue
        spot = [{"capacityProvider": "FARGATE_SPOT", "weight": 100}]
        changed = {
            one.urn: replace(one, inputs={**one.inputs, "capacityProviderStrategies": spot})
            for one in tasks.services
        }
        yield Candidate(
            subject=tasks.running.urn,
            seen=f"all its tasks are on demand in {situation.environment}",
            changed=changed,
            change=_of_service(situation, tasks, {"spot": {"percent": 100}}, "Run it on Fargate Spot."),
            caution="AWS may take a task back with two minutes' notice.",
        )


def _of_service(situation: Situation, tasks: _Tasks, settings: Mapping[str, Any], says: str) -> Change:
    name = tasks.name(situation)
    return Change(says, {"services": {name: settings}} if name else None)


RULES: Final = (
    Rule(
        "oversized-tasks",
        "Tasks that never use what they have fit a smaller size of Fargate.",
        (
            f"The maximum of CPU and of memory in each hour of {DAYS} days (95 % of them at least), without the "
            f"highest hundredth: what remains must leave {100 - _HEADROOM * 100:.0f} % of the smaller size free."
        ),
        "Amazon ECS Developer Guide, service utilization metrics and Fargate task sizes",
        _oversized,
        (_CPU, _MEMORY),
    ),
    Rule(
        "arm-tasks",
        "Fargate costs less on ARM (Graviton) than on x86, for the same size.",
        "Tasks of a running service on x86_64.",
        "AWS Fargate pricing; Amazon ECS Developer Guide, task definitions for 64-bit ARM",
        _on_arm,
    ),
    Rule(
        "spot-tasks",
        "Outside production, tasks may run on spare capacity.",
        "A running service outside production without Fargate Spot.",
        "Amazon ECS Developer Guide, Fargate Spot termination notices",
        _on_spot,
        without_price="Fargate Spot has no list price: it moves with supply",
    ),
)
