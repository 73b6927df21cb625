"""Letting go of data that somebody allowed by name to be lost.

A bucket that is not empty cannot be deleted. The AWS provider empties it first if the state says
`forceDestroy`, which no program of ours ever sets; it is written there only after the person who deploys named
the bucket and confirmed the plan.
"""

from __future__ import annotations

from collections.abc import Collection
from copy import deepcopy
from dataclasses import replace
from typing import Any

from cygni.naming import stack_name
from stacks.applying import hold_still
from stacks.operations import OperationKind, StackOperation, StackRunner
from stacks.planning import PlannedEnvironment, PlannedStack
from stacks.state import look
from stacks.target import Environment

_BUCKET = "aws:s3/bucket:Bucket"


def permit_data_loss(
    runner: StackRunner, environment: Environment, planned: PlannedEnvironment, allowed: Collection[str]
) -> PlannedEnvironment:
    """Marks the buckets that `planned` deletes and `allowed` names, so that deleting them empties them.

    Returns the plan, bound to the state as it is then. Raises WorldChanged if the state is not the plan's.
    """
    stacks: dict[Any, PlannedStack] = {}
    for part, stack in planned.stacks.items():
        urns = {step.urn for step in stack.plan.steps if step.type == _BUCKET and step.stateful in allowed}
        name = stack_name(environment.project, environment.name, part)
        stacks[part] = _marked(runner, environment, name, stack, urns) if urns else stack
    return replace(planned, stacks=stacks)


def _marked(
    runner: StackRunner, environment: Environment, name: str, stack: PlannedStack, urns: Collection[str]
) -> PlannedStack:
    hold_still(runner, environment, name, stack)

    def run(kind: OperationKind, **given: Any) -> Any:
        operation = StackOperation(kind=kind, stack=name, settings=environment.engine, **given)
        return runner.run(operation, lambda event: None).deployment

    run(OperationKind.IMPORT, deployment=marked(run(OperationKind.EXPORT), urns))
    return replace(stack, state=look(runner, environment.engine, name).fingerprint)


def marked(exported: Any, urns: Collection[str]) -> dict[str, Any]:
    """The exported state in which the resources of these URNs may be deleted with all that is in them (pure)."""
    changed: dict[str, Any] = deepcopy(exported)
    for resource in changed["deployment"].get("resources") or []:
        if resource["urn"] in urns:
            for values in ("inputs", "outputs"):
                resource[values] = {**(resource.get(values) or {}), "forceDestroy": True}
    return changed
