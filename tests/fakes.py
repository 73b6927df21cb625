"""Stand-ins for what is slow or far away: an engine that plays by the rules, and what hears of its work."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from cygni.engine_documents.values import ENGINE_UNKNOWN
from cygni.errors import EngineDied, NotFound, WorldChanged
from cygni.naming import Part
from cygni.plan.events import STACK_TYPE, DiagnosticEvent, ResourceState, StackEvent, StepEvent
from cygni.resources import UNKNOWN
from stacks.inputs import StackInputs
from stacks.operations import OnEvent, OperationResult, StackOperation
from tests.engine_state import checkpoint_file, ended_pid, lock_folder, read_state, write_lock, write_state
from tests.fake_programs import (
    BUCKET,
    SERVICE,
    TASK,
    VPC,
    Declared,
    components_of,
    declared,
    outputs_of,
    urn_of,
)

_REPLACING = {
    VPC: {"cidrBlock"},
    BUCKET: {"bucket"},
    TASK: {"cpu", "memory", "environment", "containerDefinitions"},
}


def part_of(stack: str) -> Part:
    return Part(stack.rsplit(".", 1)[-1])


@dataclass
class _Step:
    operation: str
    old: dict[str, Any] | None
    new: Declared | None

    @property
    def name(self) -> str:
        return self.new.name if self.new else str((self.old or {})["urn"]).rsplit("::", 1)[-1]

    @property
    def type(self) -> str:
        return self.new.type if self.new else str((self.old or {})["type"])


@dataclass
class FakeRunner:
    """Does to a `file://` state what the engine would, without a cloud.

    `failing` maps `"data up"` to the error raised instead of that operation's first step that changes
    something, `killed_at` names a resource whose creation the engine does not survive, `saying` maps
    `"data preview"` to events that come first, and `world` maps names of resources to inputs (None: gone)
    that the cloud has by now, seen by a refresh. `before` is called with each operation.
    """

    failing: dict[str, Exception] = field(default_factory=dict)
    killed_at: str = ""
    saying: dict[str, list[StackEvent]] = field(default_factory=dict)
    world: dict[str, dict[str, Any] | None] = field(default_factory=dict)
    before: Callable[[StackOperation], None] = lambda operation: None
    asked: list[StackOperation] = field(default_factory=list)

    @property
    def calls(self) -> list[str]:
        """What was asked, in order: `foundation preview`, `services up`, ..."""
        return [_spoken(operation) for operation in self.asked]

    def run(self, operation: StackOperation, on_event: OnEvent) -> OperationResult:
        self.asked.append(operation)
        self.before(operation)
        for event in self.saying.get(_spoken(operation), []):
            on_event(event)
        action: Callable[[StackOperation, OnEvent], OperationResult | None] = getattr(
            self, f"_{operation.kind.name.lower()}"
        )
        return action(operation, on_event) or OperationResult()

    def _init(self, operation: StackOperation, on_event: OnEvent) -> None:
        assert not checkpoint_file(operation).exists()
        write_state(operation, {"resources": [], "pending_operations": []})

    def _preview(self, operation: StackOperation, on_event: OnEvent) -> None:
        self._fail(operation)
        stack, upstream = operation.stack, operation.upstream
        resources = self._refreshed(operation, on_event)
        assert operation.inputs is not None
        steps = _steps(stack, resources, operation.inputs, upstream)
        for step in steps:
            on_event(_event("planned", stack, step, step.operation, ENGINE_UNKNOWN))
        known = {one["urn"]: one for one in resources}
        for step in steps:
            if step.operation in ("create", "replace"):
                known.pop(urn_of(stack, step.type, step.name), None)
        outputs = outputs_of(operation.inputs, known.values(), ENGINE_UNKNOWN)
        on_event(_stack_event(stack, outputs, read_state(operation).get("outputs", {})))
        if operation.plan_file is not None:
            operation.plan_file.write_text(json.dumps(_plan(stack, steps)))

    def _up(self, operation: StackOperation, on_event: OnEvent) -> None:
        stack, upstream = operation.stack, self._outputs_before(operation)
        resources = self._refreshed(operation, on_event)
        assert operation.inputs is not None
        steps = _steps(stack, resources, operation.inputs, upstream)
        if operation.plan_file is not None and json.loads(operation.plan_file.read_text()) != _plan(
            stack, steps
        ):
            raise WorldChanged("what would be applied is no longer what was shown")
        if operation.refresh:
            write_state(operation, {**read_state(operation), "resources": resources})
        for step in steps:
            self._do(operation, step, resources, on_event)
        outputs = outputs_of(operation.inputs, resources, None)
        before = read_state(operation).get("outputs", {})
        components = components_of(stack, operation.inputs)
        write_state(operation, {"resources": resources, "components": components, "outputs": outputs})
        on_event(_stack_event(stack, outputs, before))

    def _do(
        self, operation: StackOperation, step: _Step, resources: list[dict[str, Any]], on_event: OnEvent
    ) -> None:
        stack = operation.stack
        if step.operation == "same":
            on_event(_event("planned", stack, step, "same", ""))
            on_event(_event("done", stack, step, "same", ""))
            return
        kinds = [step.operation]
        if step.operation == "replace":
            kinds = ["create-replacement", "replace", "delete-replaced"]
        for kind in kinds:
            on_event(_event("planned", stack, step, kind, ENGINE_UNKNOWN))
            if step.name == self.killed_at:
                self.killed_at = ""
                _leave_as_killed(operation, step, resources)
                raise EngineDied("the engine's process ended before it gave an answer")
            if (error := self.failing.pop(_spoken(operation), None)) is not None:
                on_event(DiagnosticEvent("error", str(error), urn_of(stack, step.type, step.name)))
                on_event(_event("failed", stack, step, kind, ENGINE_UNKNOWN))
                raise error
            on_event(_event("done", stack, step, kind, "known"))
        urn = urn_of(stack, step.type, step.name)
        resources[:] = [one for one in resources if one["urn"] != urn]
        if step.new is not None:
            resources.append(_in_state(stack, step.new, len(self.asked)))
        write_state(operation, {**read_state(operation), "resources": resources})

    def _destroy_preview(self, operation: StackOperation, on_event: OnEvent) -> None:
        self._fail(operation)
        for one in reversed(read_state(operation)["resources"]):
            on_event(_event("planned", operation.stack, _Step("delete", one, None), "delete", ""))

    def _destroy(self, operation: StackOperation, on_event: OnEvent) -> None:
        resources = read_state(operation)["resources"]
        for one in list(reversed(resources)):
            self._do(operation, _Step("delete", one, None), resources, on_event)

    def _refresh(self, operation: StackOperation, on_event: OnEvent) -> None:
        self._fail(operation)
        state = read_state(operation)
        write_state(
            operation, {**state, "resources": self._refreshed(replace(operation, refresh=True), on_event)}
        )

    def _refresh_preview(self, operation: StackOperation, on_event: OnEvent) -> None:
        self._fail(operation)

        def as_engine(event: StackEvent) -> None:
            # Alone, a refresh tells its outcome as the step that would bring the state there.
            assert isinstance(event, StepEvent)
            on_event(replace(event, phase="planned", operation="refresh", diff={}))
            outcome = "delete" if event.new is None else "update" if event.diff else "same"
            on_event(replace(event, operation=outcome))

        self._refreshed(replace(operation, refresh=True), as_engine)

    def _export(self, operation: StackOperation, on_event: OnEvent) -> OperationResult:
        if not checkpoint_file(operation).exists():
            raise NotFound(f"there is no stack {operation.stack} in the state")
        return OperationResult(deployment={"version": 3, "deployment": read_state(operation)})

    def _import(self, operation: StackOperation, on_event: OnEvent) -> None:
        self._fail(operation)
        assert operation.deployment is not None
        write_state(operation, operation.deployment["deployment"])

    def _cancel(self, operation: StackOperation, on_event: OnEvent) -> None:
        for lock in lock_folder(operation).iterdir():
            lock.unlink()

    def _remove(self, operation: StackOperation, on_event: OnEvent) -> None:
        assert read_state(operation)["resources"] == [], "the engine refuses to remove a stack with resources"
        checkpoint_file(operation).unlink()

    def _fail(self, operation: StackOperation) -> None:
        if (error := self.failing.pop(_spoken(operation), None)) is not None:
            raise error

    def _refreshed(self, operation: StackOperation, on_event: OnEvent) -> list[dict[str, Any]]:
        resources = read_state(operation)["resources"]
        if not operation.refresh:
            return list(resources)
        found = []
        for one in resources:
            name = one["urn"].rsplit("::", 1)[-1]
            now = {**one, "inputs": self.world.get(name, one["inputs"])}
            changed = now["inputs"] != one["inputs"]
            on_event(
                StepEvent(
                    phase="done",
                    operation="refresh",
                    urn=one["urn"],
                    type=one["type"],
                    old=_state_of(one),
                    new=_state_of(now) if now["inputs"] is not None else None,
                    diff={"inputs": "update"} if changed else {},
                )
            )
            if now["inputs"] is not None:
                found.append(now)
        return found

    def _outputs_before(self, operation: StackOperation) -> Mapping[str, Any]:
        """What stack references read: the outputs that earlier stacks have by now."""
        found: dict[str, Any] = {}
        environment = operation.stack.rsplit(".", 1)[0]
        for part in Part:
            other = replace(operation, stack=f"{environment}.{part}")
            if part is not part_of(operation.stack) and checkpoint_file(other).exists():
                found[part] = read_state(other).get("outputs", {})
        return found


class Heard:
    """A progress that remembers: `work` is what began, in order, `events` what came meanwhile."""

    def __init__(self) -> None:
        self.work: list[str] = []
        self.events: list[StackEvent] = []

    def stack(self, part: Part, doing: str) -> None:
        self.work.append(f"{part} {doing}")

    def event(self, part: Part, event: StackEvent) -> None:
        self.events.append(event)


def _spoken(operation: StackOperation) -> str:
    return f"{part_of(operation.stack)} {operation.kind}"


def _steps(
    stack: str, resources: list[dict[str, Any]], inputs: StackInputs, upstream: Mapping[str, Any]
) -> list[_Step]:
    old = {one["urn"]: one for one in resources}
    steps = []
    for wanted in declared(inputs, upstream):
        before = old.pop(urn_of(stack, wanted.type, wanted.name), None)
        steps.append(_Step(_operation(before, wanted), before, wanted))
    return steps + [_Step("delete", one, None) for one in reversed(old.values())]


def _operation(before: Mapping[str, Any] | None, wanted: Declared) -> str:
    if before is None:
        return "create"
    now = json.loads(json.dumps(_told(wanted.inputs, ENGINE_UNKNOWN)))
    changed = {key for key in {*before["inputs"], *now} if before["inputs"].get(key) != now.get(key)}
    if not changed:
        return "same"
    return "replace" if changed & _REPLACING.get(wanted.type, set()) else "update"


def _event(phase: Any, stack: str, step: _Step, operation: str, unknown: str) -> StepEvent:
    urn = urn_of(stack, step.type, step.name)
    new = None
    if step.new is not None:
        new = ResourceState(step.type, urn, inputs=_told(step.new.inputs, unknown))
    old = _state_of(step.old) if step.old else None
    before, after = (old.inputs if old else {}), (new.inputs if new else {})
    changed = sorted(key for key in {*before, *after} if before.get(key) != after.get(key))
    both = old is not None and new is not None
    replacing = _REPLACING.get(step.type, set())
    return StepEvent(
        phase=phase,
        operation=operation,
        urn=urn,
        type=step.type,
        old=old,
        new=new,
        diff={key: "update-replace" if key in replacing else "update" for key in changed} if both else {},
    )


def _told(inputs: Mapping[str, Any], unknown: str) -> dict[str, Any]:
    return {key: unknown if value is UNKNOWN else value for key, value in inputs.items()}


def _stack_event(stack: str, outputs: Mapping[str, Any], before: Mapping[str, Any]) -> StepEvent:
    urn = urn_of(stack, STACK_TYPE, stack)
    old, new = (ResourceState(STACK_TYPE, urn, custom=False, outputs=each) for each in (before, outputs))
    return StepEvent("done", "same", urn, STACK_TYPE, old, new)


def _plan(stack: str, steps: Iterable[_Step]) -> dict[str, Any]:
    """The engine's plan: goals with what each input was computed from."""
    plans = {}
    for step in steps:
        urn = urn_of(stack, step.type, step.name)
        references = {}
        if step.type == SERVICE:
            references = {"taskDefinition": [urn_of(stack, TASK, step.name.rpartition("-")[0])]}
        plans[urn] = {"goal": {"propertyDependencies": references}, "steps": [step.operation]}
    return {"resourcePlans": plans}


def _in_state(stack: str, wanted: Declared, life: int) -> dict[str, Any]:
    return {
        "urn": urn_of(stack, wanted.type, wanted.name),
        "type": wanted.type,
        "custom": True,
        "id": f"{wanted.name}-id{life}",
        "inputs": _told(wanted.inputs, ""),
    }


def _state_of(one: Mapping[str, Any]) -> ResourceState:
    return ResourceState(one["type"], one["urn"], id=one.get("id", ""), inputs=one["inputs"] or {})


def _leave_as_killed(operation: StackOperation, step: _Step, resources: list[dict[str, Any]]) -> None:
    """What an engine leaves that is killed in the middle of a create: its lock, and a pending operation."""
    assert step.new is not None
    begun = {key: value for key, value in _in_state(operation.stack, step.new, 0).items() if key != "id"}
    pending = [{"resource": begun, "type": "creating"}]
    write_state(operation, {"resources": resources, "pending_operations": pending})
    write_lock(lock_folder(operation), ended_pid())
