"""Taking over a resource that exists already: into the state by its id, as the specification declares it.

The whole is tried on a copy of the state first: the resource is put in, read from the cloud, and the stack previewed.
What that leaves is what goes into the state, after a person has seen what the next deploy would do to the resource.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cygni.engine_documents.values import with_unknowns
from cygni.errors import NotFound, UsageError
from cygni.naming import Part, stack_name
from cygni.plan.events import StackEvent, StepEvent, name_of
from cygni.plan.model import Change, Step
from cygni.resources import has_unknown, short_type
from cygni.spec import ProjectSpec
from stacks.applying import hold_still
from stacks.engine_plan import goals_in
from stacks.operations import OnEvent, OperationKind, OperationResult, StackOperation, StackRunner
from stacks.planning import PlannedEnvironment, Progress, plan_environment
from stacks.recovery import adopt_pending
from stacks.scratch import scratch_copy
from stacks.state import StackState, look
from stacks.target import Environment
from stacks.unheard import unheard_creates, with_pending

WORDS: Mapping[str, tuple[str, ...]] = {
    "bucket": ("aws:s3/bucket:Bucket",),
    "database": ("aws:rds/instance:Instance", "aws:rds/cluster:Cluster"),
    "cache": ("aws:elasticache/replicationGroup:ReplicationGroup",),
    "queue": ("aws:sqs/queue:Queue",),
    "topic": ("aws:sns/topic:Topic",),
    "service": ("aws:ecs/service:Service",),
}
"""What cygni.yaml calls a thing, and which resource of it holds what it is."""


@dataclass(frozen=True)
class Wanted:
    """What is to be taken over. `kind` is a word of `WORDS`, a type (`s3.Bucket`, `aws:s3/bucket:Bucket`) or
    `urn`, `name` the name in cygni.yaml, the resource's own name, or its URN; `id` is the cloud's."""

    kind: str
    name: str
    id: str

    def fits(self, step: Step, prefix: str) -> bool:
        """Whether a resource of the plan is meant; `prefix` begins the names of the environment."""
        if self.name == step.urn:
            return True
        if self.name not in (step.name, step.name.removeprefix(f"{prefix}-")):
            return False
        kind = self.kind.lower()
        words = (step.type, short_type(step.type), step.type.rpartition(":")[2])
        return step.type in WORDS.get(kind, ()) or kind in {word.lower() for word in words}


@dataclass(frozen=True)
class Adoption:
    """A resource that can be taken over. `step` is what the next deploy would change of it, None if nothing; `changes`
    counts what else that deploy would do. `deployment` is the state of its stack with it."""

    part: Part
    urn: str
    type: str
    id: str
    step: Step | None
    changes: int
    planned: PlannedEnvironment
    deployment: Mapping[str, Any]

    @property
    def name(self) -> str:
        return name_of(self.urn)


@dataclass
class _Listening:
    """A runner that keeps the events of each stack's preview."""

    runner: StackRunner
    heard: dict[str, list[StackEvent]] = field(default_factory=dict)

    def run(self, operation: StackOperation, on_event: OnEvent) -> OperationResult:
        def both(event: StackEvent) -> None:
            self.heard.setdefault(operation.stack, []).append(event)
            on_event(event)

        return self.runner.run(operation, both if operation.kind is OperationKind.PREVIEW else on_event)


def plan_import(
    runner: StackRunner,
    environment: Environment,
    spec: ProjectSpec,
    progress: Progress,
    wanted: Wanted,
    stacks: Iterable[str],
) -> Adoption:
    """Finds what is meant in the specification, and what taking it over would lead to; changes nothing.

    `stacks` are the names of all stacks in the state. Raises UsageError if it is in a state already, or would be
    replaced; NotFound if the specification has no such resource that is still to be made, or the cloud has none of that
    id; and what planning raises.
    """
    listening = _Listening(runner)
    planned = plan_environment(listening, environment, spec, progress, settle=True)
    step = _meant(planned, environment, wanted)
    _refuse_known(runner, environment, step, wanted, stacks)
    part, name = step.part, stack_name(environment.project, environment.name, step.part)
    with scratch_copy(runner, environment) as scratch:

        def run(kind: OperationKind, **given: Any) -> OperationResult:
            operation = StackOperation(kind=kind, stack=name, settings=scratch.engine, **given)
            return runner.run(operation, lambda event: None)

        progress.stack(part, "adopt")
        exported = run(OperationKind.EXPORT).deployment or {}
        events = listening.heard.get(name, [])
        plan_file = planned.stacks[part].file
        adopted = _with_resource(exported, events, plan_file, step.urn, wanted.id, environment.region)
        run(OperationKind.IMPORT, deployment=adopted)
        run(OperationKind.REFRESH, targets=(step.urn,))
        if _held(look(runner, scratch.engine, name), step.urn) is None:
            raise NotFound(
                f"there is no {short_type(step.type)} {wanted.id} in the cloud",
                hint="Look at its id, the region and whose credentials these are.",
            )
        then = plan_environment(runner, scratch, spec, progress).plan
        deployment = run(OperationKind.EXPORT).deployment or {}
    after = next((one for one in then.steps if one.urn == step.urn and not one.leftover), None)
    _refuse_replacement(after, wanted)
    changes = len(then.steps) - (after is not None)
    return Adoption(part, step.urn, step.type, wanted.id, after, changes, planned, deployment)


def adopt(runner: StackRunner, environment: Environment, adoption: Adoption) -> None:
    """Puts the resource into the state. Raises WorldChanged if that is no longer the one it was planned with."""
    name = stack_name(environment.project, environment.name, adoption.part)
    hold_still(runner, environment, name, adoption.planned.stacks[adoption.part])
    environment.records.forget(adoption.part)
    operation = StackOperation(OperationKind.IMPORT, name, environment.engine, deployment=adoption.deployment)
    runner.run(operation, lambda event: None)


def _meant(planned: PlannedEnvironment, environment: Environment, wanted: Wanted) -> Step:
    prefix = f"{environment.project}-{environment.name}"
    made = [step for step in planned.plan.steps if step.change is Change.CREATE]
    fitting = [step for step in made if wanted.fits(step, prefix)]
    if len(fitting) == 1:
        return fitting[0]
    if fitting:
        raise UsageError(
            f"{wanted.kind} {wanted.name} may be {len(fitting)} resources",
            hint="Name one by its URN: " + ", ".join(step.urn for step in fitting),
        )
    there = [one for stack in planned.plan.stacks for one in stack.before]
    if any(wanted.fits(_as_step(one.urn, one.type), prefix) for one in there):
        raise UsageError(
            f"{wanted.kind} {wanted.name} is in the state already", hint="Nothing is to be imported."
        )
    names = sorted({f"{short_type(step.type)} {step.name}" for step in made})
    raise NotFound(
        f"cygni.yaml declares no {wanted.kind} {wanted.name} that is still to be made",
        hint=f"To be made are: {', '.join(names) or 'none'}. Declare it in cygni.yaml first.",
    )


def _as_step(urn: str, resource_type: str) -> Step:
    return Step(Part.DATA, urn, resource_type, name_of(urn), Change.CREATE)


def _refuse_known(
    runner: StackRunner, environment: Environment, step: Step, wanted: Wanted, stacks: Iterable[str]
) -> None:
    own = [stack_name(environment.project, environment.name, part) for part in Part]
    for name in dict.fromkeys([*own, *stacks]):
        for one in look(runner, environment.engine, name).resources:
            if one.get("type") == step.type and one.get("id") == wanted.id:
                raise UsageError(
                    f"{short_type(step.type)} {wanted.id} is in the state of {name} already",
                    hint="Two stacks would undo each other's changes. Remove it there first.",
                )


def _refuse_replacement(step: Step | None, wanted: Wanted) -> None:
    if step is None or step.change is Change.UPDATE:
        return
    forced = [one.path for one in step.properties if one.replaces] or ["what it is"]
    raise UsageError(
        f"{wanted.id} cannot become {step.name}: the next deploy would replace it, because of {', '.join(forced)}",
        hint="Make cygni.yaml say of it what it is, then import it. Nothing was changed.",
        details={"properties": forced},
    )


def _with_resource(
    exported: Mapping[str, Any],
    events: list[StackEvent],
    plan: Path | None,
    urn: str,
    resource_id: str,
    region: str,
) -> dict[str, Any]:
    """An exported state with the resource in it, and the provider it needs."""
    goals = goals_in(plan)
    [resource] = [one for one in unheard_creates(events, goals, state_lost=True) if one["urn"] == urn]
    known = {
        name: value for name, value in resource["inputs"].items() if not has_unknown(with_unknowns(value))
    }
    deployment = dict(exported.get("deployment") or {})
    resources = list(deployment.get("resources") or [])
    provider = str(resource["provider"]).rpartition("::")[0]
    if not any(one["urn"] == provider for one in resources):
        resources += _provider(events, provider)
    state = {"version": exported.get("version") or 3, "deployment": {**deployment, "resources": resources}}
    pending = with_pending(state, [{**resource, "inputs": known}])
    return adopt_pending(pending, lambda *_: resource_id, region)


def _provider(events: list[StackEvent], urn: str) -> list[dict[str, Any]]:
    """The engine's own entry of a provider that this preview would begin with."""
    for event in events:
        if isinstance(event, StepEvent) and event.urn == urn and event.new is not None:
            inputs = dict(event.new.inputs)
            made = {"urn": urn, "custom": True, "id": str(uuid.uuid4()), "type": event.type}
            return [{**made, "inputs": inputs, "outputs": inputs}]
    return []


def _held(state: StackState, urn: str) -> Mapping[str, Any] | None:
    return next((one for one in state.resources if one["urn"] == urn and not one.get("delete")), None)
