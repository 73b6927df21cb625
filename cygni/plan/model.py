"""A plan: what a deploy would change, and what it would cost."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Any

from cygni.naming import Part
from cygni.pricing import CostDiff
from cygni.pricing.exchange import USD
from cygni.resources import Resource


class Change(StrEnum):
    """What happens to one resource."""

    CREATE = "create"
    UPDATE = "update"
    REPLACE = "replace"
    DELETE = "delete"


class StackStatus(StrEnum):
    """`skipped`: its inputs are those of its last success, so the engine was not asked. `unchanged`: the
    engine was asked and has nothing to do. `changed`: there are steps."""

    SKIPPED = "skipped"
    UNCHANGED = "unchanged"
    CHANGED = "changed"


@dataclass(frozen=True)
class PropertyChange:
    """One property of a step: its path, its values before and after (None where there is none), and whether
    this change is what forces a replacement. Secrets read `[secret]`, values not known yet are `UNKNOWN`."""

    path: str
    before: Any
    after: Any
    replaces: bool = False


@dataclass(frozen=True)
class Step:
    """One resource that will change. `stateful` names what holds data under its name in the specification.

    `id` is the cloud's id of what is there before the step, where it is known. `leftover` tells the deletion of
    what an interrupted replacement left beside its successor, which has the same URN. `protected` tells that AWS
    refuses to delete what is there, until its protection is switched off.
    """

    part: Part
    urn: str
    type: str
    name: str
    change: Change
    properties: tuple[PropertyChange, ...] = ()
    stateful: str | None = None
    id: str = ""
    leftover: bool = False
    protected: bool = False


@dataclass(frozen=True)
class Drift:
    """A resource that was changed outside of Cygni, or is `gone`. The `before` of a property is what the state has, its
    `after` what the cloud has. `id` is the cloud's."""

    part: Part
    urn: str
    type: str
    name: str
    id: str = ""
    gone: bool = False
    properties: tuple[PropertyChange, ...] = ()


@dataclass(frozen=True)
class PolicyFinding:
    """What a policy says of a plan. `level` is the engine's word (advisory, mandatory, ...), `resource` the name and
    `type` the type token of the resource it is about, empty for all of them together. `why` it matters and the `fix`
    are empty where the policy does not tell."""

    policy: str
    pack: str
    level: str
    message: str
    resource: str = ""
    type: str = ""
    why: str = ""
    fix: str = ""

    @property
    def mandatory(self) -> bool:
        return self.level == "mandatory"


@dataclass(frozen=True)
class StackPlan:
    """The plan of one stack. `before` and `after` are its cloud resources, `outputs` what it will export
    (values not known yet are `UNKNOWN`), `stored_outputs` what the state has now; `outputs_change` when these
    differ."""

    part: Part
    status: StackStatus
    steps: tuple[Step, ...] = ()
    before: tuple[Resource, ...] = ()
    after: tuple[Resource, ...] = ()
    outputs: Mapping[str, Any] = field(default_factory=dict)
    stored_outputs: Mapping[str, Any] = field(default_factory=dict)
    unchanged: int = 0
    drift: tuple[Drift, ...] = ()
    outputs_change: bool = False
    findings: tuple[PolicyFinding, ...] = ()

    @property
    def has_work(self) -> bool:
        """Whether applying it does anything: steps, or outputs or what changed outside to be taken into the
        state."""
        return self.status is StackStatus.CHANGED or bool(self.drift) or self.outputs_change

    @property
    def drifted(self) -> tuple[str, ...]:
        """The names of what was changed outside of Cygni."""
        return tuple(dict.fromkeys(drift.name for drift in self.drift))


class Rollout(StrEnum):
    """Why a service is released: it runs for the first time, it is to run another task, the same with what its secrets
    are now, or another number of tasks."""

    FIRST = "first"
    VERSION = "version"
    SECRETS = "secrets"
    COUNT = "count"


@dataclass(frozen=True)
class PlannedRelease:
    """A service that is released after the stacks have been applied. `before` and `after` are numbers of tasks,
    `secrets` the variables whose secrets have changed since its tasks were started."""

    service: str
    rollout: Rollout
    strategy: str
    before: int
    after: int
    secrets: tuple[str, ...] = ()


@dataclass(frozen=True)
class TemporaryCost:
    """Something that costs only while a plan is carried out: `hourly` an hour, None where that is not known and
    `hourly_at_most` bounds it, if anything does; for at least so many `seconds`, 0 where it is not known how long."""

    what: str
    hourly: Decimal | None
    seconds: float
    hourly_at_most: Decimal | None = None
    currency: str = USD


@dataclass(frozen=True)
class Plan:
    """Everything a person should see before saying yes. `warnings` are of the specification
    and of the engine, each once; `account` is the AWS account's number, empty for the local cloud; `emptied` says that
    the local cloud was restarted or reset and has nothing of what the state lists; `own_findings` are what policies say
    of all stacks together; `floor` is the least time in seconds that its releases take, `temporary` what costs
    only until it is carried out."""

    project: str
    environment: str
    region: str
    target: str
    stacks: tuple[StackPlan, ...]
    cost: CostDiff
    warnings: tuple[str, ...] = ()
    destroy: bool = False
    account: str = ""
    emptied: bool = False
    own_findings: tuple[PolicyFinding, ...] = ()
    releases: tuple[PlannedRelease, ...] = ()
    floor: float = 0.0
    temporary: tuple[TemporaryCost, ...] = ()

    @property
    def steps(self) -> tuple[Step, ...]:
        return tuple(step for stack in self.stacks for step in stack.steps)

    @property
    def findings(self) -> tuple[PolicyFinding, ...]:
        """What policies say of any stack, and of all of them together."""
        return (*(finding for stack in self.stacks for finding in stack.findings), *self.own_findings)

    @property
    def has_changes(self) -> bool:
        return bool(self.steps)

    @property
    def drifted(self) -> tuple[str, ...]:
        """The names of what was changed outside of Cygni, in any stack; known after a refresh alone."""
        return tuple(name for stack in self.stacks for name in stack.drifted)

    @property
    def needs_consent(self) -> bool:
        """Whether applying it makes changes, releases a service, or takes into the state what others have made."""
        return self.has_changes or bool(self.releases) or bool(self.drifted)

    def counts(self) -> dict[Change, int]:
        """How many resources are created, updated, replaced and deleted."""
        return {change: sum(step.change is change for step in self.steps) for change in Change}

    def unprotected(self, allowed: Iterable[str]) -> tuple[Step, ...]:
        """The steps that would destroy data and are not allowed by name."""
        names = set(allowed)
        return tuple(step for step in self.steps if step.stateful is not None and step.stateful not in names)
