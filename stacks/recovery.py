"""Mending a stack whose engine was killed.

The engine leaves a lock and, for each operation in flight, a pending entry; by itself it would create such a
resource a second time. Here each pending create is looked up in the cloud by the tags every resource of ours
carries: found, it is adopted into the state; not found, the entry is dropped.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from cygni.plan.steps import is_cloud
from stacks.operations import OperationKind, OperationResult, StackOperation, StackRunner
from stacks.state import StackState, look
from stacks.target import Environment

Lookup = Callable[[str, Mapping[str, Any], str], str | None]
"""From type token, inputs and region to the id of the resource in the cloud, or None."""


def recover(
    runner: StackRunner, environment: Environment, stack: str, state: StackState, lookup: Lookup | None = None
) -> StackState:
    """Removes a dead engine's lock and settles what it left pending; returns the state as it is then.

    The caller holds the environment's own lock, so a lock of the engine can only be a dead one's.
    """

    def run(kind: OperationKind, **given: Any) -> OperationResult:
        operation = StackOperation(kind=kind, stack=stack, settings=environment.engine, **given)
        return runner.run(operation, lambda event: None)

    if state.locked:
        run(OperationKind.CANCEL)
    if state.pending:
        exported = run(OperationKind.EXPORT).deployment
        if exported is not None:
            settled = adopt_pending(exported, lookup or _lookup_in(environment), environment.region)
            run(OperationKind.IMPORT, deployment=settled)
    return look(runner, environment.engine, stack)


def adopt_pending(exported: Mapping[str, Any], lookup: Lookup, region: str) -> dict[str, Any]:
    """The exported state with no pending operation left: what the cloud has is in it, the rest is not."""
    deployment = dict(exported["deployment"])
    resources = list(deployment.get("resources") or [])
    known = {resource["urn"] for resource in resources}
    for operation in deployment.get("pending_operations") or []:
        resource = dict(operation["resource"])
        if operation.get("type") != "creating" or resource["urn"] in known:
            continue
        if not resource.get("custom") or not is_cloud(resource["type"]):
            continue
        inputs = resource.get("inputs") or {}
        found = lookup(resource["type"], inputs, str(inputs.get("region") or region))
        if found is not None:
            resource["id"] = found
            resource.setdefault("outputs", inputs)
            resources.append(resource)
    deployment["resources"] = resources
    deployment["pending_operations"] = []
    return {"version": exported["version"], "deployment": deployment}


def _lookup_in(environment: Environment) -> Lookup:
    from cygni.local_cloud.provider.lookup import lookup

    def with_endpoint(resource_type: str, inputs: Mapping[str, Any], region: str) -> str | None:
        return lookup(resource_type, inputs, region, environment.engine.environment)

    return with_endpoint
