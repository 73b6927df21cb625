"""From a document of the engine to the resources before and after it; and from a plan of Cygni's own to its cost.

Read are the outputs of `pulumi preview --json` and `pulumi stack export`, and the files in which the engine keeps its
states. The source of their shapes is the engine itself (pulumi, `display.PreviewDigest`, `apitype.UntypedDeployment`
and `apitype.VersionedCheckpoint`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final, NoReturn

from cygni.engine_documents.json_stream import BEGINS, ENTRY, JsonStream, Path, Read
from cygni.engine_documents.outputs import carried, completed, told
from cygni.engine_documents.stored import (
    PROVIDER_PREFIX,
    Identity,
    Regions,
    Stored,
    Unreadable,
    stored_resource,
)
from cygni.engine_documents.values import printable, readable_value
from cygni.errors import DocumentError
from cygni.plan.document import FORMAT_VERSION as PLAN_VERSION
from cygni.plan.events import STACK_TYPE
from cygni.pricing import CostDiff
from cygni.pricing.exchange import USD
from cygni.pricing.written import cost_diff_of
from cygni.resources import Resource

MOST_RESOURCES: Final = 250_000
"""The engine itself is slow long before; without a limit a made-up document could take all memory."""

VERSIONS: Final = (3, 4)
"""Of the engine's states; 3 since 2018, 4 where a state says which features it uses."""

_LONGEST: Final = 600  # characters of a message
_STEPS: Final = ("steps", ENTRY)
_DIAGNOSTICS: Final = ("diagnostics", ENTRY)
_STATES: Final = (("deployment", "resources", ENTRY), ("checkpoint", "latest", "resources", ENTRY))
_PENDING: Final = tuple((*path[:-2], "pending_operations", ENTRY) for path in _STATES)
_COSTS: Final = ("cost", "resources", ENTRY)
_COSTS_AFTER: Final = ("cost", "after")
_CURRENCY: Final = ("cost", "currency")
_LISTS: Final = frozenset(path[:-1] for path in (_STEPS, _DIAGNOSTICS, _COSTS, *_STATES, *_PENDING))

# What each kind of step tells, and the states that the engine always gives with it; a refresh that finds a resource
# gone has no new one. Read resources are somebody else's; the rest are what the engine forgets.
_LEAVES: Final = frozenset({"delete"})
_IN_PLACE: Final = frozenset({"same", "update", "refresh"})
_BOTH: Final = ("oldState", "newState")
_TELLING: Final[Mapping[str, tuple[str, ...]]] = {
    **dict.fromkeys(("same", "update", "replace", "create-replacement"), _BOTH),
    **dict.fromkeys(("create", "import", "import-replacement"), ("newState",)),
    **dict.fromkeys(("delete", "delete-replaced", "refresh"), ("oldState",)),
}
_SILENT: Final = frozenset(
    {
        "read",
        "read-replacement",
        "read-discard",
        "discard",
        "discard-replaced",
        "remove-pending-replace",
        "diff",
    }
)


class DocumentKind(StrEnum):
    PREVIEW = "preview"
    STATE = "state"


@dataclass(frozen=True, slots=True)
class EngineDocument:
    """What a document says of resources that may cost. A state has the same `before` and `after`.

    `hidden` is how many resources a preview counts as unchanged and does not list: their cost is in neither side.
    `pending` is how many operations of a state were begun and never finished. `identities` are those of what exists, by
    URN. The outputs are those of the stack; a preview may not have them yet. `settled` says that they were heeded
    (`cygni.engine_documents.costs.settled`).
    """

    kind: DocumentKind
    stack: str
    project: str
    before: tuple[Resource, ...]
    after: tuple[Resource, ...]
    hidden: int = 0
    pending: int = 0
    identities: Mapping[str, Identity] = field(default_factory=dict)
    outputs_before: Mapping[str, Any] = field(default_factory=dict)
    outputs_after: Mapping[str, Any] = field(default_factory=dict)
    settled: bool = False


@dataclass(frozen=True, slots=True)
class PlannedCost:
    """A plan of Cygni's own (`cx diff --json`), which is priced already: without inputs, it is not priced again."""

    project: str
    environment: str
    diff: CostDiff
    warnings: tuple[str, ...] = ()


Document = EngineDocument | PlannedCost


def read_document(read: Read, name: str, *, region: str = "") -> Document:
    """Reads a document, which errors call `name`. `region` is for resources of which it does not say where they are.

    Raises DocumentError for anything but a whole preview, state or plan.
    """
    reader = _Reader(name, Regions(region))
    for path, value in JsonStream(read, name).pieces(_LISTS):
        try:
            reader.take(path, value)
        except Unreadable as error:
            reader.refuse(f"cannot be read: {error}")
    return reader.document()


def state_document(
    states: Iterable[Mapping[str, Any]], name: str, *, region: str, pending: int = 0
) -> EngineDocument:
    """The document of a state that somebody else has read. Raises DocumentError, as `read_document`."""
    reader = _Reader(name, Regions(region))
    for state in states:
        try:
            reader.take(_STATES[0], state)
        except Unreadable as error:
            reader.refuse(f"cannot be read: {error}")
    reader.pending = pending
    return reader.state_document()


class _Reader:
    def __init__(self, name: str, regions: Regions) -> None:
        self.name = name
        self.regions = regions
        self.values: dict[str, Any] = {}  # of the top level
        self.begun: set[str] = set()  # keys of the top level that were read piece by piece
        self.before: dict[tuple[str, str], Stored] = {}  # by URN and id: a leftover has its successor's URN
        self.after: dict[str, Stored] = {}
        self.gone: set[str] = set()
        self.states: list[Stored] = []
        self.stack = ""
        self.same = 0
        self.pending = 0
        self.outputs: dict[str, Mapping[str, Any]] = {}  # by side
        self.failed = ""
        self.costs: list[Any] = []  # of a plan
        self.free_tier = False  # deducted from them
        self.currency: Any = USD

    def take(self, path: Path, value: Any) -> None:
        if value is BEGINS:
            self.begun.add(path[0])
        elif path == _STEPS:
            self._step(value)
        elif path in _STATES:
            self._state(value)
        elif path in _PENDING:
            self.pending += 1
        elif path == _COSTS:
            self.costs.append(value)
        elif path == _COSTS_AFTER:
            self.free_tier = isinstance(value, dict) and value.get("free_tier") is True
        elif path == _CURRENCY:
            self.currency = value
        elif path == _DIAGNOSTICS:
            self._diagnostic(value)
        elif path == ("config",) and isinstance(value, dict):
            for key, one in value.items():
                self.regions.configure(key, one)
        elif len(path) == 1:
            self.values[path[0]] = value
        if len(self.before) + len(self.after) + len(self.states) + len(self.costs) > 2 * MOST_RESOURCES:
            self.refuse(f"has more than {MOST_RESOURCES:,} resources")

    def _step(self, step: Any) -> None:
        if not isinstance(step, dict) or not isinstance(step.get("op"), str):
            raise Unreadable("a step without an operation")
        operation = step["op"]
        if operation not in _TELLING and operation not in _SILENT:
            raise Unreadable(f"a step of an unknown kind, {operation!r}")
        for side in _TELLING.get(operation, ()):
            if step.get(side) is None:
                raise Unreadable(f"a step {operation!r} without its {side}")
        old, new = self._sides(step, operation)
        if operation == "same":
            self.same += 1
        if operation in _SILENT:
            return
        if old is not None:
            self.before.setdefault((old.urn, _id(step["oldState"])), old)
        if new is not None and operation not in _LEAVES:
            if old is not None and old is not new and old.inputs == new.inputs:
                new.inputs = old.inputs  # the same in memory, too
            self.after[new.urn] = new
        elif operation in _LEAVES and old is not None:
            self.gone.add(old.urn)
        elif operation == "refresh" and old is not None:
            self.after.pop(old.urn, None)

    def _sides(self, step: Mapping[str, Any], operation: str) -> tuple[Stored | None, Stored | None]:
        """The resource before and after, each with what the cloud has told of it; of one that stays in place, that is
        what was told before."""
        old = self._side(step, "oldState")
        was = {} if old is None else told(step["oldState"].get("outputs"))
        if old is not None and step.get("newState") == step["oldState"]:
            old.inputs = completed(old.inputs, was)
            return old, old
        new = self._side(step, "newState")
        if new is not None:
            kept = carried(was, old.inputs, new.inputs) if old is not None and operation in _IN_PLACE else {}
            new.inputs = completed(completed(new.inputs, told(step["newState"].get("outputs"))), kept)
        if old is not None:
            old.inputs = completed(old.inputs, was)
        return old, new

    def _side(self, step: Mapping[str, Any], side: str) -> Stored | None:
        state = step.get(side)
        if state is None:
            return None
        if not isinstance(state, dict):
            raise Unreadable(f"the {side} of a step is no object")
        return self._stored(state, side)

    def _stored(self, state: Mapping[str, Any], side: str) -> Stored | None:
        found, urn = stored_resource(state), str(state["urn"])
        if state["type"] == STACK_TYPE and isinstance(state.get("outputs"), dict):
            self.outputs[side] = readable_value(state["outputs"])
        if not self.stack:
            self.stack = printable(urn)
        if str(state["type"]).startswith(PROVIDER_PREFIX):
            self.regions.provider(urn, state.get("inputs"))
        return found

    def _state(self, state: Any) -> None:
        if not isinstance(state, dict):
            raise Unreadable("a resource that is no object")
        found = self._stored(state, "oldState")
        if found is not None:
            found.inputs = completed(found.inputs, told(state.get("outputs")))
            self.states.append(found)

    def _diagnostic(self, told: Any) -> None:
        if isinstance(told, dict) and told.get("severity") == "error" and not self.failed:
            self.failed = str(told.get("message", "")).strip().partition("\n")[0][:200] or "an error"

    def document(self) -> Document:
        if "cost" in self.begun and "environment" in self.values:
            return self._plan()
        summary = self.values.get("changeSummary")
        if isinstance(summary, dict):
            return self._preview(summary)
        if self.begun & {"deployment", "checkpoint"}:
            self._demand_version()
            return self.state_document()
        return self.refuse(f"{_foreign(self.values)}, and no preview or state of Pulumi")

    def _preview(self, summary: Mapping[str, Any]) -> EngineDocument:
        if self.failed:
            self.refuse(
                f"is of a preview that failed: {self.failed.removeprefix('error: ')}",
                "Mend what it says, and preview it again.",
            )
        after = [one for urn, one in self.after.items() if urn not in self.gone]
        same = summary.get("same", 0)
        hidden = same - self.same if isinstance(same, int) else 0
        before = self.before.values()
        return self._document(DocumentKind.PREVIEW, list(before), after, hidden=max(hidden, 0))

    def _plan(self) -> PlannedCost:
        if self.values.get("version") != PLAN_VERSION:
            self.refuse(
                f"is a plan of version {self.values.get('version')!r}, and Cygni reads {PLAN_VERSION}"
            )
        if self.currency != USD:
            self.refuse(
                f"is a plan with amounts in {self.currency!r}, and only those in USD are exact",
                "Make it with: cx diff --json --currency USD",
            )
        try:
            diff = cost_diff_of(self.costs, free_tier=self.free_tier)
        except ValueError as error:
            self.refuse(
                f"is a plan whose costs cannot be read: {error}", "Give the whole output of: cx diff --json"
            )
        warnings = self.values.get("warnings")
        told = tuple(one for one in warnings if isinstance(one, str)) if isinstance(warnings, list) else ()
        return PlannedCost(str(self.values.get("project")), str(self.values["environment"]), diff, told)

    def _demand_version(self) -> None:
        version = self.values.get("version")
        if version not in VERSIONS or isinstance(version, bool):
            self.refuse(
                f"is a state of version {version!r}, and Cygni reads 3 and 4",
                "Export it again with a pulumi of today: pulumi stack export",
            )

    def state_document(self) -> EngineDocument:
        return self._document(DocumentKind.STATE, self.states, None)

    def _document(
        self, kind: DocumentKind, before: list[Stored], after: list[Stored] | None, *, hidden: int = 0
    ) -> EngineDocument:
        stack, _, rest = self.stack.removeprefix("urn:pulumi:").partition("::")
        was = tuple(self.regions.resource(one) for one in before)
        then = was if after is None else tuple(self.regions.resource(one) for one in after)
        old = self.outputs.get("oldState", {})
        new = old if after is None else self.outputs.get("newState", {})
        known = {one.urn: one.identity for one in before if one.identity is not None}
        project = rest.partition("::")[0]
        return EngineDocument(kind, stack, project, was, then, hidden, self.pending, known, old, new)

    def refuse(self, what: str, hint: str = "") -> NoReturn:
        raise DocumentError(
            printable(f"{self.name} {what}")[:_LONGEST],
            hint=hint or "Give the whole output of: pulumi preview --json   or of: pulumi stack export",
        )


def _id(state: Mapping[str, Any]) -> str:
    return str(state.get("id") or "")


_FOREIGN: Final[Mapping[str, str]] = {
    "planned_values": "is a plan of Terraform",
    "terraform_version": "is a document of Terraform",
    "AWSTemplateFormatVersion": "is a template of CloudFormation",
    "resourcePlans": "is an update plan",
    "sequence": "is a stream of the engine's events",
}


def _foreign(values: Mapping[str, Any]) -> str:
    """What another document is, as far as it is known."""
    return next((what for key, what in _FOREIGN.items() if key in values), "is another JSON document")
