"""Deleting an environment: every stack, last one first, until nothing is left in the state."""

from __future__ import annotations

from functools import partial

from cygni.naming import Part, stack_name
from cygni.plan.events import StackEvent
from cygni.plan.model import Plan
from cygni.plan.steps import stack_plan
from cygni.pricing.usage import UsageSource
from stacks.applying import hold_still
from stacks.manifest import empty_inputs
from stacks.operations import OperationKind, StackOperation, StackRunner
from stacks.planning import (
    PlannedEnvironment,
    PlannedStack,
    Progress,
    cloud_resources,
    is_of_another_life,
    mended,
    priced,
    refuse_other_account,
)
from stacks.recovery import is_unsettled, recover
from stacks.state import look
from stacks.state_resources import stored_references
from stacks.target import Environment


def plan_destroy(
    runner: StackRunner, environment: Environment, progress: Progress, *, usage: UsageSource | None = None
) -> PlannedEnvironment:
    """What destroying every stack of the environment would delete, services first.

    What an interrupted deploy left is settled before, or it would stay behind. Raises WorldChanged if a stack is
    in another AWS account, and what the runner raises.
    """
    planned: dict[Part, PlannedStack] = {}
    lost: dict[Part, bool] = {}
    names = {part: stack_name(environment.project, environment.name, part) for part in reversed(Part)}
    warnings = mended(environment, names.values())
    for part, name in names.items():
        state = look(runner, environment.engine, name)
        if not state.exists:
            continue
        refuse_other_account(environment, part, state)
        if cloud_resources(state):
            lost[part] = is_of_another_life(environment, part, state)
        if is_unsettled(environment, name, state):
            progress.stack(part, "recover")
            state = recover(runner, environment, name, state)
        inputs = empty_inputs(part, environment.project, environment.name)
        events: list[StackEvent] = []
        progress.stack(part, "preview")
        runner.run(
            StackOperation(
                kind=OperationKind.DESTROY_PREVIEW, stack=name, settings=environment.engine, inputs=inputs
            ),
            events.append,
        )
        planned[part] = PlannedStack(
            stack_plan(part, events, region=environment.region, stored=stored_references(state)),
            inputs,
            state.fingerprint,
        )
    stacks = tuple(stack.plan for stack in planned.values())
    plan = Plan(
        project=environment.project,
        environment=environment.name,
        region=environment.region,
        target=environment.target,
        account=environment.account,
        stacks=stacks,
        cost=priced(list(stacks), usage),
        warnings=tuple(warnings),
        destroy=True,
        emptied=bool(lost) and all(lost.values()),
    )
    return PlannedEnvironment(plan, planned)


def destroy(
    runner: StackRunner, environment: Environment, planned: PlannedEnvironment, progress: Progress
) -> int:
    """Deletes what `planned` shows, then the stacks themselves; returns how many resources were deleted.

    Raises WorldChanged if a stack is not as it was shown, and what the runner raises.
    """
    for part, stack in planned.stacks.items():
        hold_still(runner, environment, stack_name(environment.project, environment.name, part), stack)
    deleted = 0
    for part, stack in planned.stacks.items():
        name = stack_name(environment.project, environment.name, part)
        hold_still(runner, environment, name, stack)
        environment.records.forget(part)
        progress.stack(part, "destroy")
        for kind in (OperationKind.DESTROY, OperationKind.REMOVE):
            runner.run(
                StackOperation(kind=kind, stack=name, settings=environment.engine, inputs=stack.inputs),
                partial(progress.event, part),
            )
        deleted += len(stack.plan.steps)
    return deleted
