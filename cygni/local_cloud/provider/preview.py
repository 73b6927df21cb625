"""What the outputs will be: the inputs, with everything the cloud decides unknown until it has decided."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cygni.local_cloud.provider import rules
from cygni.local_cloud.provider.check import DEFAULTS
from cygni.local_cloud.provider.schema import ResourceType
from cygni.local_cloud.provider.wire import UNKNOWN, Values


def created(kind: ResourceType, inputs: Mapping[str, Any]) -> Values:
    """Outputs of a resource that is to be created from checked `inputs`."""
    outputs = {name: value for name, value in inputs.items() if name != DEFAULTS}
    for name, prop in kind.properties.items():
        if prop.computed and name not in outputs:
            outputs[name] = UNKNOWN
    return outputs


def updated(
    kind: ResourceType, olds: Mapping[str, Any], news: Mapping[str, Any], changed: set[str]
) -> Values:
    """Outputs after an update in place: computed values stay, except those the changed inputs move."""
    outputs = {name: value for name, value in news.items() if name != DEFAULTS}
    for name, prop in kind.properties.items():
        if prop.computed and name not in outputs and name in olds:
            outputs[name] = UNKNOWN if rules.moves(kind.token, name, changed) else olds[name]
    return outputs
