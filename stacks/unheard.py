"""Creates whose answer nobody heard.

When the provider dies in the middle of an update, or loses its connection to the cloud, the engine takes the
step for failed and forgets it, though the cloud may have done it. Such steps are noted (`stacks.notes`) until
`stacks.recovery` has looked them up before the next plan. So is every create of an update whose state was lost on a
full disk: the copy that takes its place may be older than they are. (The engine's own list of pending operations
cannot hold them: an import of the state empties it.)
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from cygni.errors import StateError
from cygni.plan.events import DiagnosticEvent, StackEvent, StepEvent
from cygni.resources import is_cloud
from stacks.engine_plan import goals_in
from stacks.notes import Note
from stacks.target import Environment

# What gRPC says of a provider that is gone, and botocore and Go of an answer that did not come.
_BROKEN_OFF = re.compile(
    r"error reading from server|transport is closing|code = Unavailable|connection error: desc"
    r"|closed before we received a valid response|Read timeout on endpoint|Connection broken"
    r"|connection reset by peer|broken pipe|unexpected EOF|i/o timeout",
    re.IGNORECASE,
)
_MASK = "[secret]"
_CREATES = frozenset({"create", "create-replacement"})

Resources = Sequence[Mapping[str, Any]]


def unheard_creates(
    events: Sequence[StackEvent], goals: Mapping[str, Mapping[str, Any]], *, state_lost: bool = False
) -> Resources:
    """The resources, as a state has them but without an id, whose create ended without the cloud's word; with
    `state_lost` all whose create began (pure).

    `goals` are those of the engine's plan by URN: they know what each depends on.
    """
    broken = {
        event.urn
        for event in events
        if isinstance(event, DiagnosticEvent)
        and event.severity == "error"
        and _BROKEN_OFF.search(event.message)
    }
    found: dict[str, Mapping[str, Any]] = {}
    for event in events:
        if not isinstance(event, StepEvent) or event.new is None or not event.new.custom:
            continue
        if event.operation not in _CREATES or not is_cloud(event.type):
            continue
        if state_lost or (event.phase == "failed" and event.urn in broken):
            goal = goals.get(event.urn) or {}
            # Events hide secrets. What is hidden is no input to remember: the state is to have what is true.
            masked = sorted(name for name, value in event.new.inputs.items() if _is_masked(value))
            found[event.urn] = {
                "urn": event.urn,
                "custom": True,
                "type": event.type,
                "inputs": {name: value for name, value in event.new.inputs.items() if name not in masked},
                "additionalSecretOutputs": masked,  # which the engine keeps secret when it reads them
                "parent": event.new.parent,
                "provider": goal.get("provider") or "",
                "dependencies": goal.get("dependencies") or [],
                "propertyDependencies": goal.get("propertyDependencies") or {},
            }
    return list(found.values())


def _is_masked(value: Any) -> bool:
    """Whether a value, or anything inside it, is what an event says in place of a secret."""
    if isinstance(value, Mapping):
        return any(_is_masked(inner) for inner in value.values())
    if isinstance(value, list | tuple):
        return any(_is_masked(inner) for inner in value)
    return isinstance(value, str) and _MASK in value


def with_pending(exported: Mapping[str, Any], unheard: Resources) -> dict[str, Any]:
    """An exported state with `unheard` among its pending operations, which refer to nothing but what is in it
    (pure)."""
    deployment = dict(exported["deployment"])
    resources = deployment.get("resources") or []
    pending = list(deployment.get("pending_operations") or [])
    known = {operation["resource"]["urn"] for operation in pending}
    pending += [
        {"type": "creating", "resource": _fitted(one, resources)}
        for one in unheard
        if one["urn"] not in known
    ]
    return {**exported, "deployment": {**deployment, "pending_operations": pending}}


def _fitted(resource: Mapping[str, Any], resources: Resources) -> dict[str, Any]:
    there = {one["urn"] for one in resources}
    fitted = {
        **resource,
        "dependencies": [urn for urn in resource["dependencies"] if urn in there],
        "propertyDependencies": {
            name: [urn for urn in urns or [] if urn in there]
            for name, urns in resource["propertyDependencies"].items()
        },
    }
    if resource["parent"] not in there:
        del fitted["parent"]
    # In a plan the provider may have no id yet: its reference ends with the engine's word for unknown.
    provider = str(fitted.pop("provider")).rpartition("::")[0]
    ids = [one.get("id") for one in resources if one["urn"] == provider and not one.get("delete")]
    if ids:
        fitted["provider"] = f"{provider}::{ids[-1]}"
    return fitted


def remember_unheard(
    environment: Environment,
    stack: str,
    events: Sequence[StackEvent],
    plan: Path | None,
    *,
    state_lost: bool = False,
) -> None:
    """Keeps the unheard creates of an update that failed, if there are any; `state_lost` tells that its state
    cannot be read any more. Raises StateError if it cannot."""
    unheard = unheard_creates(events, goals_in(plan), state_lost=state_lost)
    if unheard:
        note = _note(environment, stack)
        note.write(lambda known: json.dumps([*_noted(known or b"[]", stack), *unheard]))


def read_unheard(environment: Environment, stack: str) -> Resources:
    """What was remembered of `stack` and not settled yet. Raises StateError if it cannot be read, AuthError."""
    noted = _note(environment, stack).read()
    return [one for where, content in noted.items() for one in _noted(content, where)]


def _noted(content: bytes, where: str) -> Resources:
    try:
        resources: Resources = json.loads(content)
    except ValueError as error:
        raise StateError(
            f"cannot read {where}: {error}",
            hint="It lists what an interrupted deploy may have left in the cloud. Look there by the tag cygni:urn, "
            "then remove the file.",
        ) from None
    return resources


def forget_unheard(environment: Environment, stack: str) -> None:
    """To be called when all of it was settled. Raises StateError, AuthError."""
    _note(environment, stack).forget()


def _note(environment: Environment, stack: str) -> Note:
    return Note(environment, stack, "unheard.json")
