"""EventBridge Scheduler: what a schedule that starts Fargate tasks costs, by how often it runs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any, Final

from cygni.pricing import inputs
from cygni.pricing.charges import Amount, Charge, Estimator, Free, Gap, Measured, Quantity, by_usage
from cygni.pricing.estimators import ecs, eip
from cygni.pricing.estimators.ecs_task_size import WINDOWS, X86, definition_of, task_size, unknown_size
from cygni.pricing.money import HOURS_PER_MONTH, ZERO
from cygni.pricing.resource_set import ResourceSet
from cygni.pricing.usage import Usage
from cygni.resources import Resource
from cygni.schedules import ScheduleMistake, runs_per_month

_ASSUMED: Final = "run_minutes"
_LEAST_MINUTES: Final = Decimal(1)
"""Fargate bills a Linux task for a minute at least."""
_SHOWN: Final = Decimal("0.000001")

INVOCATIONS: Final = by_usage(
    "schedule invocations",
    "AmazonEventBridge",
    "scheduler-invocations",
    "invocation",
    None,
    allowance="scheduler-invocations",
)


def _while_it_runs(charge: Charge) -> Charge:
    return replace(charge, usage_based=True, assumption=_ASSUMED)


_COMPUTE: Final = {
    architecture: (_while_it_runs(vcpu), _while_it_runs(memory))
    for architecture, (vcpu, memory) in ecs.COMPUTE.items()
}
_LICENSE: Final = _while_it_runs(ecs.LICENSE)
_STORAGE: Final = _while_it_runs(ecs.STORAGE)
_ADDRESS: Final = _while_it_runs(eip.IN_USE)


def _schedule(resource: Resource, resources: ResourceSet, usage: Usage) -> Measured:
    if inputs.text(resource.inputs, "state", "ENABLED") == "DISABLED":
        return Free("it is paused")
    target = inputs.mapping(resource.inputs, "target")
    task = target if isinstance(target, Gap) else inputs.mapping(target, "ecsParameters")
    runs = _runs(resource)
    if isinstance(task, Gap):
        return [Amount(INVOCATIONS, runs, _often(runs)), Amount(_COMPUTE[X86][0], task)]
    return _amounts(resource, resources, usage, runs, task)


def _amounts(
    resource: Resource, resources: ResourceSet, usage: Usage, runs: Quantity, task: Mapping[str, Any]
) -> Iterator[Amount]:
    yield Amount(INVOCATIONS, runs, _often(runs))
    if not task:
        return
    named = inputs.text(task, "taskDefinitionArn")
    definition = definition_of(resource, resources, "target", named)
    size = unknown_size(definition) if isinstance(definition, Gap) else task_size(definition)
    tasks = _at_a_time(runs, inputs.whole(task, "taskCount", 1), usage)
    note = f"{_often(runs)}, {usage.describe(_ASSUMED)}"
    vcpu, memory = _COMPUTE[size.architecture]
    yield Amount(vcpu, _times(tasks, size.vcpu), note)
    yield Amount(memory, _times(tasks, size.memory), note)
    if size.architecture == WINDOWS:
        yield Amount(_LICENSE, _times(tasks, size.vcpu), note)
    if size.storage != ZERO:
        yield Amount(_STORAGE, _times(tasks, size.storage), note)
    network = inputs.mapping(task, "networkConfiguration")
    public = network if isinstance(network, Gap) else inputs.flag(network, "assignPublicIp")
    if public is not False:
        yield Amount(_ADDRESS, public if isinstance(public, Gap) else tasks, note)


def _runs(resource: Resource) -> Quantity:
    """Runs in an average month."""
    expression = inputs.text(resource.inputs, "scheduleExpression")
    if isinstance(expression, Gap):
        return expression
    if expression.startswith("at("):
        return Decimal(1)
    try:
        return runs_per_month(expression).quantize(_SHOWN)
    except ScheduleMistake as mistake:
        return Gap(mistake.message)


def _often(runs: Quantity) -> str | None:
    return None if isinstance(runs, Gap) else f"{runs.quantize(Decimal('0.1')):,f} runs a month"


def _at_a_time(runs: Quantity, count: Quantity, usage: Usage) -> Quantity:
    """Tasks running on average: what an hourly price is multiplied by."""
    if isinstance(runs, Gap) or isinstance(count, Gap):
        return runs if isinstance(runs, Gap) else count
    minutes = max(usage.amount(_ASSUMED), _LEAST_MINUTES)
    return (runs * count * minutes / 60 / HOURS_PER_MONTH).quantize(_SHOWN)


def _times(tasks: Quantity, each: Quantity) -> Quantity:
    if isinstance(tasks, Gap) or isinstance(each, Gap):
        return tasks if isinstance(tasks, Gap) else each
    return tasks * each


ESTIMATORS: Final = (
    Estimator(
        ("aws:scheduler/schedule:Schedule",),
        (
            INVOCATIONS,
            *(charge for pair in _COMPUTE.values() for charge in pair),
            _LICENSE,
            _STORAGE,
            _ADDRESS,
        ),
        _schedule,
        (
            "Runs a month follow from the expression; how long each takes is assumed, a minute at least.",
            "Fargate tasks alone are priced; what other targets cost when they are called is not.",
            "The first 14 million invocations a month of an account are free; they are not deducted.",
        ),
    ),
)
