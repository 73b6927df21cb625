"""How the served resource types behave, read from the JSON files beside this module.

One file per Pulumi module (`ec2.json`, `lb.json`), read when the first of its types is asked for. The
facts are those of pulumi-aws 7 (required, computed by the cloud, replaces on change, limits, defaults).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from functools import cache
from importlib.resources import files
from typing import Any, Literal

__all__ = ["AutoName", "Property", "ResourceType", "find", "served"]

# Other spellings of a module under which pulumi-aws offers the same resources.
_MODULE_ALIASES = {"elasticloadbalancingv2": "lb", "alb": "lb"}


@dataclass(frozen=True, slots=True)
class Property:
    """One property. `force_new` "conditional" means rules.py decides; `set` means order has no meaning.

    `format` is one of arn, cidr4, cidr6, json, policy (JSON compared as an IAM policy). `nested` holds the
    members of an object, or of a list's objects; without, an object is taken as it is.
    """

    type: Literal["string", "number", "bool", "map", "list", "object", "asset"]
    item: str = ""
    required: bool = False
    computed: bool = False
    force_new: bool | Literal["conditional"] = False
    input: bool = True
    default: Any = None
    enum: tuple[Any, ...] = ()
    min: float | None = None
    max: float | None = None
    min_length: int | None = None
    max_length: int | None = None
    min_items: int | None = None
    max_items: int | None = None
    pattern: str = ""
    format: str = ""
    set: bool = False
    sensitive: bool = False
    omitted_is_not_empty: bool = False
    conflicts_with: tuple[str, ...] = ()
    exactly_one_of: tuple[str, ...] = ()
    at_least_one_of: tuple[str, ...] = ()
    requires: tuple[str, ...] = ()
    nested: Mapping[str, Property] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AutoName:
    """How a name is made when the program gives none: `hex` adds a hyphen and 7 random hex digits, `lower` in lower
    case too, `joined` without the hyphen, `exact` adds none. `prefix` comes before all of it."""

    property: str
    max_length: int | None = None
    style: Literal["hex", "lower", "joined", "exact"] = "hex"
    prefix: str = ""


@dataclass(frozen=True, slots=True)
class ResourceType:
    token: str
    properties: Mapping[str, Property]
    auto_name: AutoName | None = None
    delete_before_replace: bool = False
    aliases: tuple[str, ...] = ()


_TUPLES = {f.name for f in fields(Property) if str(f.type).startswith("tuple")}


def _property(raw: Mapping[str, Any]) -> Property:
    values: dict[str, Any] = {name: tuple(value) if name in _TUPLES else value for name, value in raw.items()}
    if "nested" in values:
        values["nested"] = _properties(values["nested"])
    return Property(**values)


def _properties(raw: Mapping[str, Any]) -> dict[str, Property]:
    return {name: _property(value) for name, value in raw.items()}


def _module(token: str) -> str:
    parts = token.split(":")
    if len(parts) != 3 or parts[0] != "aws":
        return ""
    module = parts[1].split("/")[0]
    return _MODULE_ALIASES.get(module, module)


@cache
def _read(module: str) -> dict[str, dict[str, Any]]:
    path = files(__package__) / f"{module}.json"
    if not module.isidentifier() or not path.is_file():
        return {}
    raw: dict[str, dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))
    return raw


@cache
def find(token: str) -> ResourceType | None:
    """The type named by a Pulumi type token (`aws:ec2/vpc:Vpc`) or by an alias of it; None if not served."""
    module = _module(token)
    types = _read(module)
    # aws:alb/x and aws:elasticloadbalancingv2/x are aws:lb/x under another module name.
    canonical = f"aws:{module}/{token.split('/', 1)[-1]}"
    for name, raw in types.items():
        if name == canonical or token in raw.get("aliases", ()):
            auto = raw.get("auto_name")
            return ResourceType(
                token=name,
                properties=_properties(raw["properties"]),
                auto_name=AutoName(**auto) if auto else None,
                delete_before_replace=raw.get("delete_before_replace", False),
                aliases=tuple(raw.get("aliases", ())),
            )
    return None


def served() -> tuple[str, ...]:
    """Every type token there are facts for, sorted. Reads all files: for messages and tests, not for starts."""
    modules = (entry.name.removesuffix(".json") for entry in files(__package__).iterdir())
    return tuple(sorted(token for module in modules for token in _read(module)))
