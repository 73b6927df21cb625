"""From the engine's events to the plan of one stack (pure)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from cygni.engine_documents.values import with_unknowns
from cygni.naming import Part
from cygni.plan.drift import drift_of
from cygni.plan.events import STACK_TYPE, ResourceState, StackEvent, StepEvent, name_of
from cygni.plan.model import Change, Drift, PropertyChange, StackPlan, StackStatus, Step
from cygni.plan.property_paths import value_at
from cygni.resources import References, Resource, is_cloud

STATEFUL_TYPES = frozenset(
    {
        "aws:s3/bucket:Bucket",
        "aws:rds/instance:Instance",
        "aws:rds/cluster:Cluster",
        "aws:efs/fileSystem:FileSystem",
        "aws:eks/cluster:Cluster",  # what was deployed to it is told in it alone
        "aws:elasticache/replicationGroup:ReplicationGroup",
        "aws:sqs/queue:Queue",
        "aws:kms/key:Key",  # with it goes what it encrypts, final snapshots too
    }
)
"""Types whose replacement or deletion loses data.

Not log groups, which keep what they hold for a time only: a question at each service that goes would soon be answered
without reading it. Nor repositories, whose images are built from source.
"""

_CHANGES = {
    "create": Change.CREATE,
    "import": Change.CREATE,
    "update": Change.UPDATE,
    "replace": Change.REPLACE,
    "import-replacement": Change.REPLACE,
    "delete": Change.DELETE,
}
# The physical halves of a replacement: its logical step, `replace`, has told already.
_HALVES = frozenset({"create-replacement", "delete-replaced", "remove-pending-replace", "discard-replaced"})


def stack_plan(
    part: Part,
    events: Iterable[StackEvent],
    *,
    region: str,
    references: Mapping[str, References] | None = None,
    stored: Mapping[str, References] | None = None,
    refreshed: bool = False,
) -> StackPlan:
    """The plan of a stack, from all events of its preview.

    `references` are the plan's property dependencies by URN, `stored` the state's: prices go by them. With
    `refreshed` the events of the refresh that came before are told apart: what the world changed is listed as drift.
    """
    reader = _Reader(part, region, references or {}, stored or {})
    for event in events:
        if isinstance(event, StepEvent):
            reader.read(event)
    reader.steps.update(reader.leftovers())
    status = StackStatus.CHANGED if reader.steps else StackStatus.UNCHANGED
    return StackPlan(
        part=part,
        status=status,
        # The engine reports in the order things happen to be ready; the same plan should read the same.
        steps=tuple(sorted(reader.steps.values(), key=lambda step: (step.type, step.name, step.urn))),
        before=reader.all_before(),
        after=tuple(reader.after[urn] for urn in sorted(reader.after)),
        outputs=reader.outputs,
        stored_outputs=reader.stored_outputs,
        unchanged=reader.unchanged,
        drift=tuple(reader.drift.values()) if refreshed else (),
        outputs_change=reader.outputs != reader.stored_outputs,
    )


class _Reader:
    def __init__(
        self,
        part: Part,
        region: str,
        references: Mapping[str, References],
        stored: Mapping[str, References],
    ) -> None:
        self.part = part
        self.region = region
        self.references = references
        self.stored = stored
        self.steps: dict[str, Step] = {}
        self.before: dict[tuple[str, str], Resource] = {}  # by URN and id: a leftover has its successor's URN
        self.after: dict[str, Resource] = {}
        self.outputs: Mapping[str, Any] = {}
        self.stored_outputs: Mapping[str, Any] = {}
        self.replaced: dict[tuple[str, str], StepEvent] = {}  # by URN and id
        self.unchanged = 0
        self.drift: dict[str, Drift] = {}

    def read(self, event: StepEvent) -> None:
        if event.type == STACK_TYPE:
            self.outputs = with_unknowns(event.new.outputs) if event.new is not None else {}
            self.stored_outputs = event.old.outputs if event.old is not None else {}
        if event.operation == "delete-replaced":
            self.replaced[event.urn, _id(event)] = event
            self._was(event)
        if not is_cloud(event.type) or event.operation in _HALVES:
            return
        if event.operation == "refresh":
            self._refresh(event)
        elif event.phase == "planned":
            self._planned(event)
        elif event.phase == "done" and event.new is not None and event.urn in self.after:
            self.after[event.urn] = self._resource(event.new, self.references)

    def leftovers(self) -> Mapping[str, Step]:
        """The deletion of what an interrupted update had replaced already: a half without its logical step."""
        return {
            f"{urn}#replaced:{resource_id}": Step(
                part=self.part,
                urn=urn,
                type=event.type,
                name=f"{name_of(urn)} (replaced)",
                change=Change.DELETE,
                stateful=_stateful(event, Change.DELETE),
                protected=_is_protected(event),
                id=resource_id,
                leftover=True,
            )
            for (urn, resource_id), event in self.replaced.items()
            if self._is_left((urn, resource_id))
        }

    def all_before(self) -> tuple[Resource, ...]:
        """What there was, by URN; of one URN the leftovers come first, so that references mean the live one."""
        return tuple(
            self.before[key]
            for key in sorted(self.before, key=lambda key: (key[0], not self._is_left(key), key))
        )

    def _was(self, event: StepEvent) -> None:
        if event.old is not None:
            self.before.setdefault((event.urn, event.old.id), self._resource(event.old, self.stored))

    def _is_left(self, key: tuple[str, str]) -> bool:
        return key in self.replaced and not self._is_half(*key)

    def _is_half(self, urn: str, resource_id: str) -> bool:
        """Whether a deletion is one half of a replacement that this plan makes."""
        step = self.steps.get(urn)
        return step is not None and step.change is Change.REPLACE and step.id == resource_id

    def _refresh(self, event: StepEvent) -> None:
        if event.phase != "done" or event.old is None:
            return
        self._was(event)
        drift = drift_of(self.part, event)
        if drift is not None:
            self.drift[event.urn] = drift

    def _planned(self, event: StepEvent) -> None:
        self._was(event)
        if event.new is not None:
            self.after[event.urn] = self._resource(event.new, self.references)
        change = _CHANGES.get(event.operation)
        if change is None:
            self.unchanged += 1
            return
        self.steps[event.urn] = Step(
            part=self.part,
            urn=event.urn,
            type=event.type,
            name=name_of(event.urn),
            change=change,
            properties=_properties(event) if change in (Change.UPDATE, Change.REPLACE) else (),
            stateful=_stateful(event, change),
            protected=change in (Change.REPLACE, Change.DELETE) and _is_protected(event),
            id=_id(event),
        )

    def _resource(self, state: ResourceState, references: Mapping[str, References]) -> Resource:
        return Resource(
            urn=state.urn,
            type=state.type,
            name=name_of(state.urn),
            inputs=with_unknowns(state.inputs),
            region=str(state.inputs.get("region") or self.region),
            references=references.get(state.urn, {}),
        )


def _id(event: StepEvent) -> str:
    return event.old.id if event.old is not None else ""


def _stateful(event: StepEvent, change: Change) -> str | None:
    """The name `cygni.yaml` gives what would lose its data, or None when nothing would."""
    if event.type not in STATEFUL_TYPES or change not in (Change.REPLACE, Change.DELETE):
        return None
    if event.old is not None and event.old.inputs.get("replicateSourceDb") is not None:
        return None  # a copy: the data is its source's
    stack = event.urn.removeprefix("urn:pulumi:").split("::", 1)[0]
    project_and_environment = stack.rsplit(".", 1)[0].replace(".", "-")
    return name_of(event.urn).removeprefix(f"{project_and_environment}-")


def _is_protected(event: StepEvent) -> bool:
    """Whether AWS itself would refuse to delete what is there."""
    return event.old is not None and event.old.inputs.get("deletionProtection") is True


def _properties(event: StepEvent) -> tuple[PropertyChange, ...]:
    old = with_unknowns(event.old.inputs) if event.old else {}
    new = with_unknowns(event.new.inputs) if event.new else {}
    paths = list(event.diff) or list(event.changed_keys)
    return tuple(
        PropertyChange(
            path=path,
            before=value_at(old, path),
            after=value_at(new, path),
            replaces=event.diff.get(path, "").endswith("-replace") or path in event.replace_keys,
        )
        for path in sorted(paths)
        if not path.startswith("tagsAll")
    )
