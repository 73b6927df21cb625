"""What changes inside of a property that is JSON text, such as a task's containers or a policy (pure)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from cygni.plan.model import PropertyChange


def spelled_out(change: PropertyChange) -> tuple[PropertyChange, ...]:
    """A change for each value that differs where both sides are JSON objects or lists in text; else the change alone.

    Paths go on in the document: `containerDefinitions.app.image`. What is in a list goes by its `name` where each
    has one of its own, and a name with nothing but a `value`, as ECS has variables, by that value.
    """
    before, after = _document(change.before), _document(change.after)
    if before is None or after is None:
        return (change,)
    found = tuple(
        replace(change, path=path, before=old, after=new)
        for path, old, new in _differences(change.path, before, after)
    )
    return found or (change,)


def _document(value: Any) -> Any:
    if not isinstance(value, str) or not value.lstrip().startswith(("{", "[")):
        return None
    try:
        return json.loads(value)
    except (ValueError, RecursionError):
        return None


def _differences(path: str, before: Any, after: Any) -> Iterator[tuple[str, Any, Any]]:
    if before == after and type(before) is type(after):
        return
    old, new = _by_name(before), _by_name(after)
    if old is None or new is None:
        yield path, before, after
        return
    for key in sorted({*old, *new}):
        yield from _differences(f"{path}.{key}", old.get(key), new.get(key))


def _by_name(value: Any) -> Mapping[str, Any] | None:
    """An object, or a list whose items have names; None for anything else, and for what is empty, to tell it whole."""
    if isinstance(value, Mapping):
        return value or None
    if not isinstance(value, list) or not value or not all(isinstance(one, Mapping) for one in value):
        return None
    names = [one.get("name") for one in value]
    if not all(isinstance(name, str) for name in names) or len(set(names)) < len(names):
        return None
    return {str(one["name"]): _content(one) for one in value}


def _content(one: Mapping[str, Any]) -> Any:
    return one["value"] if set(one) == {"name", "value"} else one
