"""What the engine's state says of a stack: its cloud resources and its outputs (pure).

Source: the engine's checkpoint format, version 3 (pulumi sdk, `apitype.ResourceV3`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cygni.engine_documents.values import readable_value
from cygni.plan.events import STACK_TYPE, name_of
from cygni.resources import References, Resource, is_cloud
from stacks.state import StackState


def resources_in(state: StackState, region: str) -> tuple[Resource, ...]:
    """The cloud resources of a stack as they were last asked for, by URN; `region` is that of the environment.

    What an interrupted replacement left comes before its successor of the same URN. What is only read, and
    belongs to somebody else, is left out. Secrets read `[secret]`.
    """
    found = [one for one in state.resources if is_cloud(str(one.get("type"))) and not one.get("external")]
    found.sort(key=lambda one: (str(one.get("urn")), not one.get("delete")))
    return tuple(_resource(one, region) for one in found)


def stored_references(state: StackState) -> Mapping[str, References]:
    """For each URN of a state, the URNs each of its inputs was computed from."""
    return {one.urn: one.references for one in resources_in(state, "")}


def outputs_in(state: StackState) -> Mapping[str, Any]:
    """What the stack last exported: the outputs of its own resource. Secrets read `[secret]`."""
    for one in state.resources:
        if one.get("type") == STACK_TYPE:
            return _mapping(one.get("outputs"))
    return {}


def _resource(stored: Mapping[str, Any], region: str) -> Resource:
    urn, inputs = str(stored.get("urn")), _mapping(stored.get("inputs"))
    references = _mapping(stored.get("propertyDependencies"))
    return Resource(
        urn=urn,
        type=str(stored.get("type")),
        name=name_of(urn),
        inputs=inputs,
        region=str(inputs.get("region") or region),
        references={key: tuple(urns) for key, urns in references.items() if urns},
    )


def _mapping(value: Any) -> dict[str, Any]:
    return readable_value(value) if isinstance(value, Mapping) else {}
