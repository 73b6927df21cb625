"""Mending a stack whose engine was killed.

The engine leaves a lock and, for each operation in flight, a pending entry; by itself it would create such a
resource a second time. Here each pending create is looked up in the cloud by the tags every resource of ours
carries: found, it is adopted into the state and read; not found, the entry is dropped. A state that a full disk or
a power cut damaged is first put back from its newest readable copy.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from cygni.errors import CREDENTIALS_HINT, AuthError, LockHeld, StateError
from cygni.naming import Part
from cygni.resources import is_cloud
from stacks.child_process import GRACE_SECONDS
from stacks.engine_failures import is_denied
from stacks.engine_locks import EngineLock
from stacks.fenced_runs import PATIENCE_SECONDS as FENCED_PATIENCE_SECONDS
from stacks.fenced_runs import noted_runs, was_taken_over
from stacks.operations import OperationKind, OperationResult, StackOperation, StackRunner
from stacks.refresh_owed import owe_refresh, refresh_done, refresh_is_owed
from stacks.started_engines import witness_of
from stacks.state import StackState, look
from stacks.state_copy import is_damaged, restore_newest
from stacks.target import AWS, Environment
from stacks.unheard import forget_unheard, read_unheard, with_pending

Lookup = Callable[[str, Mapping[str, Any], str, Collection[str]], str | None]
"""From type token, inputs, region and the ids and ARNs that the state has under the same URN (which do not count)
to the id of the resource in the cloud, or None."""

PATIENCE_SECONDS = GRACE_SECONDS + 5.0
"""How long to wait for an engine that is at work: after a killed command it has the grace time to finish."""


def is_unsettled(environment: Environment, stack: str, state: StackState) -> bool:
    """Whether an engine or a provider was interrupted here, or is at work, or a recovery was. Raises StateError."""
    return state.unsettled or bool(read_unheard(environment, stack)) or refresh_is_owed(environment, stack)


def unsettled_warning(part: Part) -> str:
    """What to tell where `is_unsettled`, and nothing is to be recovered."""
    return f"{part}: a deploy is at work or was interrupted, so this may not be the whole difference"


def recover(
    runner: StackRunner,
    environment: Environment,
    stack: str,
    state: StackState,
    lookup: Lookup | None = None,
    *,
    patience: float | None = None,
) -> StackState:
    """Removes a dead engine's lock and settles what it left pending; returns the state as it is then.

    The caller holds the environment's own lock, so an engine that is still at work belongs to a command that
    was killed, and is ending, or was called by hand. Raises LockHeld if it does not end within `patience`
    seconds, StateError or AuthError if the cloud cannot be asked. One on another host, of which nobody can tell,
    has ended by then if an earlier lease of the control plane began it.
    """

    def run(kind: OperationKind, **given: Any) -> OperationResult:
        operation = StackOperation(kind=kind, stack=stack, settings=environment.engine, **given)
        return runner.run(operation, lambda event: None)

    if patience is None:
        patience = PATIENCE_SECONDS if environment.fence is None else FENCED_PATIENCE_SECONDS
    state = _at_rest(runner, environment, stack, state, patience)
    for note in state.torn:
        note.unlink(missing_ok=True)
    if state.locked:
        run(OperationKind.CANCEL)
    unheard = read_unheard(environment, stack)
    if state.exists and (state.pending or unheard):
        exported = run(OperationKind.EXPORT).deployment
        if exported is not None:
            uncertain = with_pending(exported, unheard)
            settled = adopt_pending(uncertain, lookup or _lookup_in(environment), environment.region)
            # An import leaves nothing pending, so after it the state would not tell what is still to be done.
            owe_refresh(environment, stack)
            run(OperationKind.IMPORT, deployment=settled)
    if not state.exists or refresh_is_owed(environment, stack):
        # What was adopted is known by its id alone: its other outputs are read from the cloud.
        if state.exists:
            run(OperationKind.REFRESH)
        forget_unheard(environment, stack)
        refresh_done(environment, stack)
    return look(runner, environment.engine, stack)


def mend(environment: Environment, stack: str) -> str | None:
    """Puts the newest readable copy in the place of a damaged state, and sees to it that a recovery follows.

    Returns what to tell of it, None if there was nothing to mend. The caller holds the environment's lock. Raises
    StateError if no copy can be read.
    """
    if not is_damaged(environment.engine, stack):
        return None
    owe_refresh(environment, stack)
    return (
        f"the state of {stack} was damaged and is restored from {restore_newest(environment.engine, stack)}; "
        "what the cloud has since is looked up and adopted"
    )


def _at_rest(
    runner: StackRunner, environment: Environment, stack: str, state: StackState, patience: float
) -> StackState:
    until, knows = time.monotonic() + patience, witness_of(environment.engine)
    while held := [lock for lock in state.locks if knows.lives(stack, lock) is not False]:
        if time.monotonic() >= until:
            held = _not_taken_over(environment, stack, held)
            if not held:
                break
            raise LockHeld(
                f"stack {stack} is being worked on by {held[0].holder}",
                hint="Wait for it to end. If it is of a machine that is no more, remove its lock with: "
                f"cx unlock -e {environment.name} --force {stack}",
            )
        time.sleep(0.2)
        state = look(runner, environment.engine, stack)
    return state


def _not_taken_over(environment: Environment, stack: str, held: Sequence[EngineLock]) -> list[EngineLock]:
    """Those of engines that live, or may: not what an earlier lease began on a host that cannot be asked."""
    if environment.fence is None:
        return list(held)
    knows, runs = witness_of(environment.engine), noted_runs(environment)
    return [
        lock
        for lock in held
        if knows.lives(stack, lock) is not None or not was_taken_over(lock, runs, environment.fence)
    ]


def adopt_pending(exported: Mapping[str, Any], lookup: Lookup, region: str) -> dict[str, Any]:
    """The exported state with no pending operation left: what the cloud has is in it, the rest is not.

    What was being replaced has its successor beside it, or after it where the old one was deleted first; it
    is left to be deleted, as the engine itself would have left it.
    """
    deployment = dict(exported["deployment"])
    resources = [dict(resource) for resource in deployment.get("resources") or []]
    for operation in deployment.get("pending_operations") or []:
        resource = dict(operation["resource"])
        if operation.get("type") != "creating":
            continue
        if not resource.get("custom") or not is_cloud(resource["type"]):
            continue
        before = [one for one in resources if one["urn"] == resource["urn"]]
        inputs = resource.get("inputs") or {}
        found = lookup(resource["type"], inputs, str(inputs.get("region") or region), _ids(before))
        if found is None:
            continue
        resources = [one for one in resources if one not in before or not _is_deleted(one)]
        for one in before:
            one["delete"] = True
        resource["id"] = found
        resource.setdefault("outputs", inputs)
        resources.append(resource)
    deployment["resources"] = resources
    deployment["pending_operations"] = []
    return {"version": exported["version"], "deployment": deployment}


def _is_deleted(resource: Mapping[str, Any]) -> bool:
    """Whether a resource was deleted to make room for its successor; the engine keeps its entry until then."""
    return bool(resource.get("pendingReplacement"))


def _ids(resources: Collection[Mapping[str, Any]]) -> set[str]:
    existing = [one for one in resources if not _is_deleted(one)]
    ids = {str(one["id"]) for one in existing if one.get("id")}
    arns = {str(arn) for one in existing if (arn := (one.get("outputs") or {}).get("arn"))}
    return ids | arns


def _lookup_in(environment: Environment) -> Lookup:
    from botocore.exceptions import BotoCoreError, ClientError

    from cygni.local_cloud.provider.cloud import NoEndpoint
    from cygni.local_cloud.provider.lookup import lookup
    from cygni.local_cloud.provider.operations import NotServed

    endpoint = environment.engine.environment.get("AWS_ENDPOINT_URL", "")
    # Reads only. The provider that changes things refuses to call AWS itself, whatever it is told.
    as_caller = environment.target == AWS

    def in_the_cloud(
        resource_type: str, inputs: Mapping[str, Any], region: str, known: Collection[str]
    ) -> str | None:
        try:
            return lookup(resource_type, inputs, region, endpoint=endpoint, known=known, as_caller=as_caller)
        except (NoEndpoint, NotServed, BotoCoreError, ClientError) as error:
            said = f"an interrupted deploy may have left a {resource_type} behind, and it cannot be looked up: {error}"
            if is_denied(str(error)):
                again = "Then run the same command again."
                raise AuthError(said, hint=f"{CREDENTIALS_HINT} {again}") from None
            raise StateError(
                said,
                hint="If it is for want of a connection, mend that and run the same command again. "
                "Else look for it by its tag cygni:urn; `pulumi refresh` settles what is pending by hand.",
            ) from None
        except KeyError as error:  # a look-up by an input that is secret, so that nobody remembers it
            raise StateError(
                f"an interrupted deploy may have left a {resource_type} behind, and it cannot be looked up without "
                f"its {error}",
                hint="Look for it by its tag cygni:urn. `pulumi refresh` settles what is pending by hand.",
            ) from None

    return in_the_cloud
