"""What the outputs will be: the inputs, with everything the cloud decides unknown until it has decided."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cygni.local_cloud.provider import rules
from cygni.local_cloud.provider.check import DEFAULTS
from cygni.local_cloud.provider.schema import Property, ResourceType
from cygni.local_cloud.provider.wire import UNKNOWN, Values


def created(kind: ResourceType, inputs: Mapping[str, Any]) -> Values:
    """Outputs of a resource that is to be created from checked `inputs`."""
    given = {name: value for name, value in inputs.items() if name != DEFAULTS}
    return _to_come(kind.properties, given)


def _to_come(properties: Mapping[str, Property], given: Mapping[str, Any]) -> Values:
    """`given` with what the cloud is to decide, in objects too."""
    outputs = {name: _inside(properties.get(name), value) for name, value in given.items()}
    return {
        name: UNKNOWN for name, prop in properties.items() if prop.computed and name not in given
    } | outputs


def _inside(prop: Property | None, value: Any) -> Any:
    if prop is None or prop.type != "object" or not isinstance(value, Mapping):
        return value
    return _to_come(prop.nested, value)


def updated(
    kind: ResourceType, olds: Mapping[str, Any], news: Mapping[str, Any], changed: set[str]
) -> Values:
    """Outputs after an update in place: computed values stay, except those the changed inputs move."""
    outputs = {name: value for name, value in news.items() if name != DEFAULTS}
    for name, prop in kind.properties.items():
        if prop.computed and name not in outputs and name in olds:
            outputs[name] = UNKNOWN if rules.moves(kind.token, name, changed) else olds[name]
        elif name in outputs:
            outputs[name] = _with_decided(prop, outputs[name], olds.get(name))
    return outputs


def _with_decided(prop: Property, new: Any, old: Any) -> Any:
    """An object with what the cloud has decided inside of it."""
    if prop.type != "object" or not isinstance(new, Mapping) or not isinstance(old, Mapping):
        return new
    kept = {name: old[name] for name, member in prop.nested.items() if member.computed and name in old}
    return kept | {
        name: _with_decided(prop.nested[name], value, old.get(name)) if name in prop.nested else value
        for name, value in new.items()
    }
