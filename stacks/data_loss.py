"""Letting go of data that somebody allowed by name to be lost.

A bucket that is not empty cannot be deleted. The AWS provider empties it first if the state says
`forceDestroy`, which no program of ours ever sets; it is written there only after the person who deploys named
the bucket and confirmed the plan.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from copy import deepcopy
from dataclasses import replace
from typing import Any

from cygni.naming import stack_name
from cygni.plan.model import Step
from stacks.applying import hold_still
from stacks.operations import OperationKind, StackOperation, StackRunner
from stacks.planning import PlannedEnvironment, PlannedStack
from stacks.state import look
from stacks.target import Environment

BUCKET = "aws:s3/bucket:Bucket"


def permit_data_loss(
    runner: StackRunner, environment: Environment, planned: PlannedEnvironment, allowed: Collection[str]
) -> PlannedEnvironment:
    """Marks the buckets that `planned` deletes and `allowed` names, so that deleting them empties them.

    Returns the plan, bound to the state as it is then. Raises WorldChanged, before it marks anything, if the state
    of any stack is not the plan's.
    """
    for part, stack in planned.stacks.items():
        hold_still(runner, environment, stack_name(environment.project, environment.name, part), stack)
    stacks: dict[Any, PlannedStack] = {}
    for part, stack in planned.stacks.items():
        steps = [step for step in stack.plan.steps if step.type == BUCKET and step.stateful in allowed]
        name = stack_name(environment.project, environment.name, part)
        stacks[part] = _marked(runner, environment, name, stack, steps) if steps else stack
    return replace(planned, stacks=stacks)


def _marked(
    runner: StackRunner, environment: Environment, name: str, stack: PlannedStack, steps: Collection[Step]
) -> PlannedStack:
    def run(kind: OperationKind, **given: Any) -> Any:
        operation = StackOperation(kind=kind, stack=name, settings=environment.engine, **given)
        return runner.run(operation, lambda event: None).deployment

    run(OperationKind.IMPORT, deployment=marked(run(OperationKind.EXPORT), steps))
    return replace(stack, state=look(runner, environment.engine, name).fingerprint)


def marked(exported: Any, steps: Collection[Step]) -> dict[str, Any]:
    """The exported state in which what these steps delete may be deleted with all that is in it (pure)."""
    changed: dict[str, Any] = deepcopy(exported)
    for resource in changed["deployment"].get("resources") or []:
        if any(_is_deleted_by(step, resource) for step in steps):
            for values in ("inputs", "outputs"):
                resource[values] = {**(resource.get(values) or {}), "forceDestroy": True}
    return changed


def _is_deleted_by(step: Step, resource: Mapping[str, Any]) -> bool:
    # A leftover of a replacement has the URN of the live resource, which the program still declares as it is.
    return (
        resource["urn"] == step.urn
        and bool(resource.get("delete")) is step.leftover
        and step.id in ("", resource.get("id"))
    )
