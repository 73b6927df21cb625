"""What will run, for those who judge and price a plan: the stacks declare services without a task (pure)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from cygni.naming import Colour
from cygni.plan.model import StackPlan, StackStatus
from cygni.resources import Resource

OUTPUT = "running"
"""The output of a services stack that tells, by service, what its releases run."""

SERVICE_TYPE = "aws:ecs/service:Service"


def with_running(
    stack: StackPlan, active: Mapping[str, Colour] | None = None, scaled: Mapping[str, int] | None = None
) -> StackPlan:
    """The plan of a stack with the tasks that releases run: before it as many as it had asked for last (or as `scaled`
    has for the service), after it as many as it asks for, all in the colour that `active` has for the service, blue
    where it has none.

    Both times the same colour, although a release changes it: what costs the same should read the same.
    """
    was = stack.outputs if stack.status is StackStatus.SKIPPED else stack.stored_outputs
    return replace(
        stack,
        before=running_resources(stack.before, scaled_outputs(was, scaled or {}), active),
        after=running_resources(stack.after, stack.outputs, active),
    )


def scaled_outputs(outputs: Mapping[str, Any], scaled: Mapping[str, int]) -> Mapping[str, Any]:
    """The outputs of a services stack with as many tasks as `scaled` has for a service."""
    running = outputs.get(OUTPUT)
    if not isinstance(running, Mapping):
        return outputs
    return {
        **outputs,
        OUTPUT: {
            name: {**one, "count": scaled[name]} if name in scaled else one for name, one in running.items()
        },
    }


def running_resources(
    resources: Iterable[Resource], outputs: Mapping[str, Any], active: Mapping[str, Colour] | None = None
) -> tuple[Resource, ...]:
    """The resources of a services stack with these outputs, with as many tasks as releases run, as `with_running`."""
    counts = _counts(outputs, active or {})
    return tuple(
        replace(one, inputs={**one.inputs, "desiredCount": counts[one.name]})
        if one.type == SERVICE_TYPE and one.name in counts
        else one
        for one in resources
    )


def _counts(outputs: Mapping[str, Any], active: Mapping[str, Colour]) -> dict[str, int]:
    """Tasks by the name of their ECS service."""
    running = outputs.get(OUTPUT)
    found: dict[str, int] = {}
    for name, service in running.items() if isinstance(running, Mapping) else ():
        names, count = service.get("services"), service.get("count")
        if isinstance(names, Mapping) and isinstance(count, int | float):
            found[str(names.get(active.get(name, Colour.BLUE)))] = int(count)
    return found
