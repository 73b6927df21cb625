"""Reading a resource's inputs, which may be missing, unknown, secret or of any type."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from cygni.pricing.charges import Gap, Quantity
from cygni.resources import UNKNOWN, Resource

_MOST: Final = 1_000_000


def text(inputs: Mapping[str, Any], name: str, default: str = "") -> str | Gap:
    """A text input; the default when it is not set."""
    value = inputs.get(name)
    if value is None:
        return default
    if value is UNKNOWN:
        return Gap(f"{name} is known only after the deploy")
    return value if isinstance(value, str) else Gap(f"{name} is not text")


def flag(inputs: Mapping[str, Any], name: str, default: bool = False) -> bool | Gap:
    """A boolean input; the default when it is not set."""
    value = inputs.get(name)
    if value is None:
        return default
    if value is UNKNOWN:
        return Gap(f"{name} is known only after the deploy")
    if isinstance(value, str) and value in ("true", "false"):
        return value == "true"
    return value if isinstance(value, bool) else Gap(f"{name} is not true or false")


def whole(inputs: Mapping[str, Any], name: str, default: int | None = None) -> Quantity:
    """A whole number from 0 to a million; whole floats and digits in text count, as the engine lets them."""
    value = inputs.get(name)
    if value is None:
        return Gap(f"{name} is not set") if default is None else Decimal(default)
    if value is UNKNOWN:
        return Gap(f"{name} is known only after the deploy")
    if isinstance(value, str) and re.fullmatch(r"[0-9]{1,7}", value):
        value = int(value)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= _MOST:
        return Gap(f"{name} is not a whole number from 0 to {_MOST}")
    return Decimal(value)


def length(resource: Resource, name: str) -> Quantity:
    """How many entries a list input has; when it is unknown, how many resources it was computed from."""
    value = resource.inputs.get(name)
    if value is None:
        return Decimal(0)
    if value is UNKNOWN:
        referred = len(set(resource.references.get(name, ())))
        return Decimal(referred) if referred else Gap(f"{name} is known only after the deploy")
    if isinstance(value, Sequence) and not isinstance(value, str):
        return Decimal(len(value))
    return Gap(f"{name} is not a list")


def mapping(inputs: Mapping[str, Any], name: str) -> Mapping[str, Any] | Gap:
    """A nested object; empty when it is not set."""
    value = inputs.get(name)
    if value is None:
        return {}
    if value is UNKNOWN:
        return Gap(f"{name} is known only after the deploy")
    return value if isinstance(value, Mapping) else Gap(f"{name} is not an object")


def objects(inputs: Mapping[str, Any], name: str) -> Sequence[Mapping[str, Any]] | Gap:
    """A list of nested objects; empty when it is not set."""
    value = inputs.get(name)
    if value is None:
        return ()
    if value is UNKNOWN:
        return Gap(f"{name} is known only after the deploy")
    if isinstance(value, Sequence) and all(isinstance(entry, Mapping) for entry in value):
        return value
    return Gap(f"{name} is not a list of objects")
