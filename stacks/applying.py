"""Applying what was planned: exactly that, or stopping before anything else changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from cygni.errors import WorldChanged
from cygni.naming import Part, stack_name
from cygni.plan.events import StackEvent
from cygni.plan.model import Change, Plan, StackPlan, StackStatus
from cygni.plan.steps import stack_plan
from cygni.releases.release import Deployment
from cygni.resources import UNKNOWN
from stacks.operations import OperationKind, StackOperation, StackRunner
from stacks.planning import (
    PlannedEnvironment,
    PlannedStack,
    Progress,
    environment_digest,
    expected_outputs,
)
from stacks.records import StackRecord
from stacks.state import look
from stacks.state_copy import is_damaged
from stacks.target import Environment
from stacks.unheard import remember_unheard


@dataclass(frozen=True)
class Applied:
    """What an apply left: the outputs of each stack and how many steps were done; then what released it."""

    outputs: Mapping[Part, Mapping[str, Any]]
    steps: int
    deployment: Deployment | None = None


def apply(
    runner: StackRunner, environment: Environment, planned: PlannedEnvironment, progress: Progress
) -> Applied:
    """Applies the stacks that change, in order, each held to its plan.

    Raises WorldChanged, before changing a stack, if its state is not the one the plan was made against (before
    changing anything, if it is so already), and what the runner raises. What was finished stays recorded;
    running the deploy again continues.
    """
    for part, stack in planned.stacks.items():
        hold_still(runner, environment, stack_name(environment.project, environment.name, part), stack)
    outputs: dict[Part, Mapping[str, Any]] = {
        part: stack.plan.outputs for part, stack in planned.stacks.items()
    }
    steps = 0
    for part in apply_order(planned.plan):
        stack = planned.stacks[part]
        done, state = stack.plan, stack.state
        if stack.plan.has_work:
            done = _up(runner, environment, part, stack, progress)
            name = stack_name(environment.project, environment.name, part)
            state = look(runner, environment.engine, name).fingerprint
            outputs[part] = done.outputs
            steps += len(stack.plan.steps)
        if stack.plan.status is not StackStatus.SKIPPED:
            earlier = {
                before: outputs[before]
                for before, other in planned.stacks.items()
                if before in list(Part)[: list(Part).index(part)] and not other.emptied
            }
            environment.records.write(part, _record(environment, stack, done, state, earlier))
    return Applied(outputs, steps)


def apply_order(plan: Plan) -> list[Part]:
    """Foundation first; but what loses something waits for what may still be using it, where it can."""
    waiting = [stack.part for stack in plan.stacks if _can_wait(stack)]
    return [stack.part for stack in plan.stacks if stack.part not in waiting] + waiting[::-1]


def _can_wait(stack: StackPlan) -> bool:
    """Whether a stack deletes something, and offers nothing that later stacks could not have before it does.

    Later stacks read outputs from the state: what they were planned with must be there already.
    """
    deletes = any(step.change is Change.DELETE for step in stack.steps)
    return deletes and _is_in(stack.outputs, stack.stored_outputs)


def _is_in(wanted: Any, there: Any) -> bool:
    """Whether `there` has all of `wanted`, and perhaps more keys. What is not known yet is nowhere."""
    if isinstance(wanted, Mapping):
        if not isinstance(there, Mapping):
            return False
        return all(key in there and _is_in(value, there[key]) for key, value in wanted.items())
    return bool(wanted == there)


def _up(
    runner: StackRunner, environment: Environment, part: Part, stack: PlannedStack, progress: Progress
) -> StackPlan:
    """What the stack is after its `up`."""
    name = stack_name(environment.project, environment.name, part)
    hold_still(runner, environment, name, stack)
    environment.records.forget(part)
    events: list[StackEvent] = []

    def on_event(event: StackEvent) -> None:
        events.append(event)
        progress.event(part, event)

    progress.stack(part, "up")
    operation = StackOperation(
        kind=OperationKind.UP,
        stack=name,
        settings=environment.engine,
        inputs=stack.inputs,
        plan_file=stack.file,
        refresh=stack.refresh,
    )
    try:
        runner.run(operation, on_event)
    except BaseException:  # also what the progress raised: its terminal may be gone
        lost = is_damaged(environment.engine, name)
        remember_unheard(environment, name, events, stack.file, state_lost=lost)
        raise
    return stack_plan(part, events, region=environment.region)


def hold_still(runner: StackRunner, environment: Environment, name: str, stack: PlannedStack) -> None:
    """Raises WorldChanged if the state of a stack is not the one its plan was made against."""
    if look(runner, environment.engine, name).fingerprint != stack.state:
        raise WorldChanged(
            f"the state of {name} changed after the plan was shown",
            hint="Somebody else deployed, or the engine was run by hand. Run the command again for a new plan.",
        )


def _record(
    environment: Environment,
    stack: PlannedStack,
    done: StackPlan,
    state: str,
    earlier: Mapping[Part, Mapping[str, Any]],
) -> StackRecord:
    """What to remember of a stack that is as `done` has it; `earlier` are the outputs of those before it."""
    upstream: dict[str, Mapping[str, Any]] = {part: expected_outputs(earlier[part]) for part in earlier}
    references = {resource.urn: resource.references for resource in stack.plan.after}
    return StackRecord(
        digest=environment_digest(environment, stack.inputs, upstream),
        state=state,
        cloud=environment.cloud,
        applied_at=datetime.now(UTC).isoformat(timespec="seconds"),
        resources=tuple(
            replace(resource, references=references.get(resource.urn, {})) for resource in done.after
        ),
        outputs={name: value for name, value in done.outputs.items() if value is not UNKNOWN},
    )
