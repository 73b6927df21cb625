"""What the cloud answered -> outputs and inputs of the state, in the words the program used.

AWS answers in its own order and spelling. Where that says the same as the program, the program's form is
kept, so that a refresh right after an update finds nothing to report.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cygni.local_cloud.provider import rules
from cygni.local_cloud.provider.check import DEFAULTS, Setting
from cygni.local_cloud.provider.compare import is_empty, item_property, matches, same
from cygni.local_cloud.provider.schema import Property, ResourceType
from cygni.local_cloud.provider.wire import Values

# Inputs that the provider adds itself: never dropped from the inputs, never drift.
_OWN = frozenset({"region", DEFAULTS})


def settle(
    kind: ResourceType, known: Mapping[str, Any], remote: Mapping[str, Any], setting: Setting
) -> Values:
    """Outputs from `remote`, what a handler read. A property it did not read stays as `known` has it; one it
    read as None is gone. `tags` is made from `tagsAll`, all tags the cloud reports."""
    remote = {**remote, **_tags(kind, known, remote, setting)}
    outputs: Values = {}
    for name, prop in kind.properties.items():
        value = known.get(name)
        if name in remote:
            value = _merged(prop, known.get(name), remote[name])
        if value is not None:
            outputs[name] = value
    return outputs


def _tags(
    kind: ResourceType, known: Mapping[str, Any], remote: Mapping[str, Any], setting: Setting
) -> dict[str, Any]:
    if "tagsAll" not in kind.properties or remote.get("tagsAll") is None:
        return {}
    every = {
        key: value
        for key, value in remote["tagsAll"].items()
        if not key.startswith("aws:") and not setting.ignores(key)
    }
    own = known.get("tags") or {}
    tags = {
        key: value for key, value in every.items() if key in own or setting.default_tags.get(key) != value
    }
    return {"tagsAll": every, "tags": tags if tags or "tags" in known else None}


def _merged(prop: Property, known: Any, remote: Any) -> Any:
    """The known form with the cloud's additions where they agree, the cloud's value where they do not."""
    if known is None:
        return remote
    if remote is None:
        return known if is_empty(known) else None
    if prop.type == "object" and isinstance(known, Mapping) and isinstance(remote, Mapping):
        return _merged_object(prop, known, remote)
    if prop.type == "list" and isinstance(known, list) and isinstance(remote, list):
        return _merged_list(prop, known, remote)
    return known if same(prop, remote, known) else remote


def _merged_object(prop: Property, known: Mapping[str, Any], remote: Mapping[str, Any]) -> Values:
    if not prop.nested:
        return dict(known) if same(prop, remote, known) else dict(remote)
    merged = {}
    for name, member in prop.nested.items():
        value = _merged(member, known.get(name), remote[name]) if name in remote else known.get(name)
        if value is not None:
            merged[name] = value
    return merged


def _merged_list(prop: Property, known: list[Any], remote: list[Any]) -> list[Any]:
    item = item_property(prop)
    if not prop.set:
        head = [_merged(item, one, other) for one, other in zip(known, remote, strict=False)]
        return head + remote[len(known) :]
    found = matches(item, remote, known)
    merged = [_merged(item, known[i], remote[j]) for i, j in enumerate(found) if j is not None]
    return merged + [value for j, value in enumerate(remote) if j not in found]


def inputs_of(kind: ResourceType, old_inputs: Mapping[str, Any], outputs: Mapping[str, Any]) -> Values:
    """The inputs that would make what the cloud has. A difference to `old_inputs` is drift.

    Without old inputs (an import) every input the cloud reports is taken; otherwise only those the program
    set, and those it did not set although a plain comparison would report them.
    """
    importing = not old_inputs
    inputs: Values = {name: old_inputs[name] for name in _OWN if name in old_inputs}
    for name, prop in kind.properties.items():
        value = outputs.get(name)
        if name in inputs or value is None or not (prop.input or name == "tagsAll"):
            continue
        if name in old_inputs:
            old = old_inputs[name]
            alike = same(prop, value, old) or rules.is_suppressed(
                kind.token, name, value, old, outputs, old_inputs
            )
            inputs[name] = old if alike else _input_form(prop, old, value)
        elif importing or not prop.computed:
            form = _input_form(prop, None, value)
            if (not is_empty(form) and form != prop.default) or (importing and prop.required):
                inputs[name] = form
    for name in old_inputs:
        if name not in inputs and is_empty(old_inputs[name]):
            inputs[name] = old_inputs[name]
    if importing and "region" in kind.properties and "region" in outputs:
        inputs["region"] = outputs["region"]
    return inputs


def _unsaid(prop: Property, value: Any) -> bool:
    """A member that may be there although the program said nothing."""
    return not prop.required and (prop.computed or is_empty(value) or value == prop.default)


def _input_form(prop: Property, old: Any, value: Any) -> Any:
    """`value` without what the program never wrote and the cloud fills by itself."""
    if prop.type == "object" and prop.nested and isinstance(value, Mapping):
        before = old if isinstance(old, Mapping) else {}
        return {
            name: _input_form(prop.nested[name], before.get(name), inner)
            for name, inner in value.items()
            if name in prop.nested
            and inner is not None
            and (name in before or not _unsaid(prop.nested[name], inner))
        }
    if prop.type == "list" and prop.nested and isinstance(value, list):
        item = item_property(prop)
        before_items = old if isinstance(old, list) else []
        return [
            _input_form(item, before_items[i] if i < len(before_items) else None, inner)
            for i, inner in enumerate(value)
        ]
    return value
