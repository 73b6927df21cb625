"""Reading what a resource is given, of which anything may be missing, unknown, secret or of another type."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from cygni.pricing.inputs import flag


def entries(value: Any) -> Iterator[Mapping[str, Any]]:
    """The objects that are known of a list of objects; one object counts as a list of it."""
    if isinstance(value, Mapping):
        yield value
    elif isinstance(value, list | tuple):
        yield from (entry for entry in value if isinstance(entry, Mapping))


def texts(value: Any) -> Iterator[str]:
    """The texts that are known of a list of texts; one text counts as a list of it."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list | tuple):
        yield from (entry for entry in value if isinstance(entry, str))


def is_off(inputs: Mapping[str, Any], path: str, *, default: bool = False) -> bool:
    """Whether the switch at a dotted path is known to be false; `default` counts where it is not set."""
    *parents, key = path.split(".")
    for parent in parents:
        inner = inputs.get(parent)
        if inner is None:
            inner = {}
        known = next(entries(inner), None)
        if known is None:
            return False
        inputs = known
    return flag(inputs, key, default) is False


def is_on(inputs: Mapping[str, Any], key: str) -> bool:
    """Whether the switch `key` is known to be true; it counts as false where it is not set."""
    return flag(inputs, key) is True
