"""When an old and a new value of a property mean the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cygni.local_cloud.provider import documents
from cygni.local_cloud.provider.schema import Property
from cygni.local_cloud.provider.wire import UNKNOWN, is_asset

TEXT = Property(type="string")


def is_empty(value: Any) -> bool:
    """Unset, and what AWS' API does not tell from unset: "", 0, false, an empty list, an object of such."""
    if value is None or value is False or value == "":
        return True
    if isinstance(value, Mapping):
        return all(is_empty(inner) for inner in value.values())
    if isinstance(value, list):
        return all(isinstance(inner, Mapping) and is_empty(inner) for inner in value)
    return not isinstance(value, bool) and value == 0


def item_property(prop: Property) -> Property:
    """What one item of a list or one value of a map is like."""
    if prop.item == "object":
        return Property(type="object", nested=prop.nested, computed=prop.computed)
    return Property(type="number" if prop.item == "number" else "string", format=prop.format)


def same(prop: Property, old: Any, new: Any) -> bool:
    """Whether going from `old` to `new` is no change. A computed value left out is none; unknown always is."""
    if new is UNKNOWN or old is UNKNOWN:
        return old is new
    if new is None:
        return prop.computed or is_empty(old)
    if old is None:
        return is_empty(new) or (prop.type == "object" and _same_object(prop, {}, new))
    if prop.type == "object" and isinstance(old, Mapping) and isinstance(new, Mapping):
        return _same_object(prop, old, new)
    if prop.type == "map" and isinstance(old, Mapping) and isinstance(new, Mapping):
        return old.keys() == new.keys() and all(same(TEXT, old[key], new[key]) for key in new)
    if prop.type == "list" and isinstance(old, list) and isinstance(new, list):
        return _same_list(prop, old, new)
    return _same_scalar(prop, old, new)


def _same_object(prop: Property, old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    if not prop.nested:
        return dict(old) == dict(new)
    return all(same(member, old.get(name), new.get(name)) for name, member in prop.nested.items())


def _same_list(prop: Property, old: Sequence[Any], new: Sequence[Any]) -> bool:
    if len(old) != len(new):
        return False
    item = item_property(prop)
    if not prop.set:
        return all(same(item, one, other) for one, other in zip(old, new, strict=True))
    return all(index is not None for index in matches(item, old, new))


def matches(item: Property, old: Sequence[Any], new: Sequence[Any]) -> list[int | None]:
    """For every new item the index of an old one that is the same, each old one used once; None without."""
    free = list(range(len(old)))
    found: list[int | None] = []
    for value in new:
        index = next((i for i in free if same(item, old[i], value)), None)
        if index is not None:
            free.remove(index)
        found.append(index)
    return found


def _same_scalar(prop: Property, old: Any, new: Any) -> bool:
    if is_asset(old) or is_asset(new):
        return bool(old == new or (is_asset(old) and is_asset(new) and old.get("hash") == new.get("hash")))
    if old == new or (is_empty(old) and is_empty(new)):
        return True
    if prop.format in documents.FORMS:
        return documents.equivalent(old, new, prop.format)
    if isinstance(old, Mapping | list) or isinstance(new, Mapping | list):
        return False
    return as_text(old) == as_text(new)


def as_text(value: Any) -> str:
    """A scalar as AWS writes it: true, 8, 0.5."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
