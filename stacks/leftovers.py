"""What an environment has left in the cloud that no state knows: found by its tags, priced, and deleted.

A leftover is put into the state of the stack that made it, by its id, and deleted by the engine as anything else is:
so it goes the same way on AWS as on the local cloud.
"""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from cygni.errors import ResourceFailed
from cygni.naming import Part, stack_name
from cygni.plan.model import Change, Plan, StackPlan, StackStatus, Step
from cygni.plan.steps import STATEFUL_TYPES
from cygni.pricing import estimate
from cygni.pricing.books import book_in_use
from cygni.pricing.exchange import USD, Exchange
from cygni.pricing.usage import UsageSource
from cygni.resources import Resource
from stacks.data_loss import BUCKET, marked
from stacks.manifest import empty_inputs
from stacks.operations import OperationKind, OperationResult, StackOperation, StackRunner
from stacks.planning import Progress, cloud_resources, priced
from stacks.pulumi_project import PULUMI_PROJECT
from stacks.state import StackState, look
from stacks.tagged import Tagged
from stacks.target import AWS, Environment

_ROLE = "aws:iam/role:Role"
_ROUNDS = 5
"""How often deleting is tried again: of what depends on each other the state of a leftover says nothing."""


@dataclass(frozen=True)
class Leftover:
    """A resource that is in the cloud and in no state. `resource` is what the cloud says of it, for its price."""

    part: Part
    id: str
    resource: Resource

    @property
    def step(self) -> Step:
        prefix = self.resource.urn.removeprefix("urn:pulumi:").split("::")[0].rsplit(".", 1)[0]
        name = self.resource.name.removeprefix(f"{prefix.replace('.', '-')}-")
        return Step(
            part=self.part,
            urn=self.resource.urn,
            type=self.resource.type,
            name=f"{self.resource.name} (left over)",
            change=Change.DELETE,
            stateful=name if self.resource.type in STATEFUL_TYPES else None,
            id=self.id,
        )


def unknown_to(states: Iterable[StackState], tagged: Iterable[Tagged]) -> list[Tagged]:
    """What of `tagged` no state has (pure): by its tag `cygni:urn`, and of several with the same by its id."""
    resources = [one for state in states for one in cloud_resources(state)]
    known = Counter(
        str(((one.get("inputs") or {}).get("tags") or {}).get("cygni:urn", "")) for one in resources
    )
    ids = {str(value) for one in resources for value in _names(one)}
    there = list(tagged)
    in_cloud = Counter(one.urn for one in there)
    return [
        one
        for one in there
        if one.urn and in_cloud[one.urn] > known[one.urn] and not (known[one.urn] and ids & set(one.ids))
    ]


def _names(resource: Mapping[str, Any]) -> list[Any]:
    outputs = resource.get("outputs") or {}
    return [value for value in (resource.get("id"), outputs.get("arn"), outputs.get("name")) if value]


def find_leftovers(environment: Environment, tagged: Iterable[Tagged]) -> list[Leftover]:
    """The resources among `tagged` that can be told from their tags, each once. Raises botocore's errors."""
    from cygni.local_cloud.provider.lookup import identify
    from cygni.local_cloud.provider.operations import NotServed

    endpoint = environment.engine.environment.get("AWS_ENDPOINT_URL", "")
    found: dict[tuple[str, str], Leftover] = {}
    for one in tagged:
        stack, _, rest = one.urn.partition("/")
        resource_type, _, name = rest.rpartition("/")
        part = stack.rpartition(".")[2]
        if part not in tuple(Part) or stack != stack_name(environment.project, environment.name, Part(part)):
            continue
        try:
            known = identify(
                resource_type,
                one.ids,
                one.tags,
                environment.region,
                endpoint=endpoint,
                as_caller=environment.target == AWS,
            )
        except NotServed:
            continue
        if known is not None:
            urn = f"urn:pulumi:{stack}::{PULUMI_PROJECT}::{resource_type}::{name}"
            resource = Resource(urn, resource_type, name, known[1], environment.region)
            found[urn, known[0]] = Leftover(Part(part), known[0], resource)
    return list(found.values())


def with_leftovers(plan: Plan, leftovers: Sequence[Leftover], usage: UsageSource | None = None) -> Plan:
    """The plan of a destroy with the leftovers among its steps and in its cost."""
    if not leftovers:
        return plan
    stacks = {stack.part: stack for stack in plan.stacks}
    for one in leftovers:
        stack = stacks.get(one.part) or StackPlan(one.part, StackStatus.UNCHANGED)
        stacks[one.part] = replace(
            stack,
            status=StackStatus.CHANGED,
            steps=(*stack.steps, one.step),
            before=(*stack.before, one.resource),
        )
    merged = tuple(stacks[part] for part in reversed(Part) if part in stacks)
    return replace(plan, stacks=merged, cost=priced(list(merged), usage))


@dataclass(frozen=True)
class Remains:
    """What is still in the cloud after a destroy: `things` in words, and what is known of their cost per month, in USD
    unless converted to be shown; `unknown` counts those whose cost is not in it, `monthly_at_most` is the most that all
    of it costs, None where nothing bounds it."""

    things: tuple[str, ...]
    monthly: Decimal
    unknown: int
    monthly_at_most: Decimal | None = None
    currency: str = USD

    def shown_in(self, exchange: Exchange) -> Remains:
        """In another currency than dollars, in which it must be."""
        most = self.monthly_at_most
        return replace(
            self,
            monthly=exchange.of_usd(self.monthly),
            monthly_at_most=None if most is None else exchange.of_usd(most),
            currency=exchange.currency,
        )

    def to_dict(self) -> dict[str, Any]:
        """As JSON values; money is text."""
        most = self.monthly_at_most
        return {
            "things": list(self.things),
            "monthly": str(self.monthly),
            "monthly_at_most": None if most is None else str(most),
            "unknown": self.unknown,
            "currency": self.currency,
        }


def remains(
    tagged: Sequence[Tagged], leftovers: Sequence[Leftover], usage: UsageSource | None = None
) -> Remains:
    """What to tell of what is still there; `leftovers` are those of `tagged` that can be told from their tags."""
    costs = estimate([one.resource for one in leftovers], book_in_use(), usage)
    things = tuple(sorted(f"{one.kind} {one.ids[0]}" for one in tagged))
    untold = max(0, len(tagged) - len(leftovers))
    at_most = None if untold else costs.at_most.monthly
    return Remains(things, costs.monthly, costs.unknown + untold, at_most)


def kept_snapshots(plan: Plan) -> tuple[str, ...]:
    """The last snapshots that AWS makes of what this destroy deletes, and keeps: the name of each, and whose it is."""
    deleted = {step.urn for step in plan.steps if step.change is Change.DELETE}
    return tuple(
        f"{one.inputs['finalSnapshotIdentifier']} of {one.name}"
        for stack in plan.stacks
        for one in stack.before
        if one.urn in deleted
        and one.inputs.get("finalSnapshotIdentifier")
        and not one.inputs.get("skipFinalSnapshot")
    )


def sweep(
    runner: StackRunner,
    environment: Environment,
    leftovers: Sequence[Leftover],
    allowed: Collection[str],
    progress: Progress,
) -> int:
    """Deletes leftovers whose stacks are gone by now; returns how many. What holds data is emptied only if it is
    `allowed` by name. Raises what the runner raises for what cannot be deleted."""
    for part in reversed(Part):
        own = [one for one in leftovers if one.part is part]
        if own:
            progress.stack(part, "sweep")
            _sweep(runner, environment, part, own, allowed)
    return len(leftovers)


def _sweep(
    runner: StackRunner,
    environment: Environment,
    part: Part,
    leftovers: Sequence[Leftover],
    allowed: Collection[str],
) -> None:
    name = stack_name(environment.project, environment.name, part)
    inputs = empty_inputs(part, environment.project, environment.name)

    def run(kind: OperationKind, **given: Any) -> OperationResult:
        operation = StackOperation(kind=kind, stack=name, settings=environment.engine, inputs=inputs, **given)
        return runner.run(operation, lambda event: None)

    run(OperationKind.INIT)
    exported = run(OperationKind.EXPORT).deployment or {}
    run(OperationKind.IMPORT, deployment=_with(exported, name, leftovers, environment.region))
    run(OperationKind.REFRESH)
    found = run(OperationKind.EXPORT).deployment or {}
    run(OperationKind.IMPORT, deployment=_released(found, leftovers, allowed))
    left = len(leftovers)
    for attempt in range(1, _ROUNDS + 1):
        try:
            run(OperationKind.DESTROY)
            break
        except ResourceFailed:
            now = len(cloud_resources(look(runner, environment.engine, name)))
            if attempt == _ROUNDS or now >= left:
                raise
            left = now
    run(OperationKind.REMOVE)


def _released(
    exported: Mapping[str, Any], leftovers: Sequence[Leftover], allowed: Collection[str]
) -> dict[str, Any]:
    """The exported state in which a bucket that is `allowed` goes with its objects, and a role with its policies, which
    carry no tags."""
    steps = [one.step for one in leftovers if one.step.stateful in allowed]
    released = marked(exported, [step for step in steps if step.type == BUCKET])
    for resource in released["deployment"].get("resources") or []:
        if resource["type"] == _ROLE:
            for values in ("inputs", "outputs"):
                resource[values] = {**(resource.get(values) or {}), "forceDetachPolicies": True}
    return released


def _with(
    exported: Mapping[str, Any], stack: str, leftovers: Sequence[Leftover], region: str
) -> dict[str, Any]:
    """An empty stack's state with the leftovers in it, known by their ids alone: a refresh reads the rest."""
    from importlib.metadata import version

    sdk = version("pulumi-aws")
    kind = "pulumi:providers:aws"
    urn = f"urn:pulumi:{stack}::{PULUMI_PROJECT}::{kind}::default_{sdk.replace('.', '_')}"
    values = {"region": region, "version": sdk}
    made = {"urn": urn, "custom": True, "id": str(uuid.uuid4()), "type": kind}
    provider = {**made, "inputs": values, "outputs": values}
    resources: list[dict[str, Any]] = []
    for one in leftovers:
        entry = {"urn": one.resource.urn, "custom": True, "id": one.id, "type": one.resource.type}
        entry |= {"inputs": {}, "outputs": {}, "provider": f"{urn}::{provider['id']}"}
        if any(other["urn"] == entry["urn"] for other in resources):
            entry["delete"] = True  # of one URN a state has one that lives, and others that are to go
        resources.append(entry)
    deployment = {**(exported.get("deployment") or {}), "resources": [provider, *resources]}
    return {"version": exported.get("version") or 3, "deployment": deployment}
