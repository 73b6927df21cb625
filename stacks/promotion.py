"""What an environment runs, as its state has it, and whether that can be given to another (pure)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from cygni.engine_documents.values import SECRET
from cygni.errors import NotPromotable
from cygni.naming import Part
from cygni.plan.events import name_of
from cygni.resources import Resource
from cygni.spec.promotion import ServiceRelease
from stacks.drift import DriftReport
from stacks.state import StackState
from stacks.status import Deployed, status_of

_TASK_DEFINITION = "aws:ecs/taskDefinition:TaskDefinition"


def releases_in(deployed: Deployed) -> dict[str, ServiceRelease]:
    """What each service runs by the task definitions in the state.

    Raises NotPromotable if the last deploy did not finish or something else happened since, or if the state does
    not tell.
    """
    name = deployed.spec.environment
    warnings = status_of(deployed).warnings
    if warnings:
        raise _refused(name, f"{name} is not in a state to promote:\n" + "\n".join(warnings))
    definitions = [one for one in deployed.resources(Part.SERVICES) if one.type == _TASK_DEFINITION]
    if not definitions:
        raise _refused(name, f"{name} has no service that runs")
    own = _own_variables(deployed.states[Part.SERVICES])
    repositories = deployed.outputs.get(Part.FOUNDATION, {}).get("repositoryUrls") or {}
    prefix = f"{deployed.spec.project}-{name}-"
    return {
        service: _release(one, own.get(one.name), str(repositories.get(service) or ""), name)
        for one in definitions
        for service in [one.name.removeprefix(prefix)]
    }


def refuse_drift(found: DriftReport) -> None:
    """Raises NotPromotable if an environment was changed outside of Cygni."""
    drifted = sorted({one.name for one in found.drift})
    if drifted:
        raise NotPromotable(
            f"{found.environment} was changed outside of Cygni, so what runs there is not what would be promoted: "
            f"{', '.join(drifted)}",
            hint=f"See what it is with: cx drift -e {found.environment}   and mend it with: "
            f"cx deploy -e {found.environment} --refresh",
            details={"drifted": drifted},
        )


def _own_variables(state: StackState) -> dict[str, frozenset[str]]:
    """The variables that cygni.yaml gives, by the name of the task definition that has them."""
    found = {}
    for one in state.resources:
        names = (one.get("outputs") or {}).get("ownVariables")
        if str(one.get("type")).startswith("cygni:") and isinstance(names, list):
            found[name_of(str(one["urn"]))] = frozenset(map(str, names))
    return found


def _release(
    definition: Resource, own: frozenset[str] | None, repository: str, environment: str
) -> ServiceRelease:
    text = definition.inputs.get("containerDefinitions")
    if not isinstance(text, str) or text == SECRET or own is None:
        raise _refused(environment, f"the state of {environment} does not tell what {definition.name} runs")
    [container] = json.loads(text)
    image = str(container["image"])
    built = bool(repository) and image.startswith(f"{repository}:")
    ports = [one["containerPort"] for one in container.get("portMappings") or ()]
    platform: Mapping[str, Any] = definition.inputs.get("runtimePlatform") or {}
    return ServiceRelease(
        architecture=str(platform["cpuArchitecture"]).lower(),
        stop_timeout=int(container["stopTimeout"]),
        image="" if built else image,
        tag=image.removeprefix(f"{repository}:") if built else "",
        environment={one["name"]: one["value"] for one in container["environment"] if one["name"] in own},
        command=tuple(container.get("command") or ()),
        port=ports[0] if ports else None,
    )


def _refused(environment: str, message: str) -> NotPromotable:
    return NotPromotable(message, hint=f"Run: cx deploy -e {environment}   and promote then.")
