"""A cloud resource as a program declares it: what prices, plans and policies all look at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Final


class Unknown(Enum):
    """A value that is known only after the resource it comes from exists."""

    UNKNOWN = "unknown"

    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN: Final = Unknown.UNKNOWN


References = Mapping[str, tuple[str, ...]]
"""From an input's name to the URNs of the resources it was computed from."""


@dataclass(frozen=True, slots=True)
class Resource:
    """One resource of a stack, before or after a change.

    `type` is the Pulumi type token (`aws:ec2/natGateway:NatGateway`), `name` the last part of the URN.
    `inputs` are camelCase, as the engine reports them; a value not yet known is `UNKNOWN`, a secret is the
    text `[secret]`. `references` maps an input's name to the URNs of the resources it was computed from, so
    that a value unknown in a preview can still be followed to the resource that will give it.
    """

    urn: str
    type: str
    name: str
    inputs: Mapping[str, Any]
    region: str
    references: References = field(default_factory=dict)


def has_unknown(value: Any) -> bool:
    """Whether `value` is `UNKNOWN` or holds it anywhere."""
    if isinstance(value, Mapping):
        return any(map(has_unknown, value.values()))
    if isinstance(value, list | tuple):
        return any(map(has_unknown, value))
    return value is UNKNOWN


def is_cloud(resource_type: str) -> bool:
    """Whether a type token is of something in the cloud, which may cost, rather than of the engine's own (stacks,
    providers) or of a component that groups resources."""
    return not resource_type.startswith(("pulumi:", "cygni:"))


def short_type(token: str) -> str:
    """`aws:ec2/natGateway:NatGateway` as `ec2.NatGateway`, `random:index/randomId:RandomId`, of a provider without
    modules, as `random.RandomId`; any other token as it is."""
    pieces = token.split(":")
    if len(pieces) != 3 or "/" not in pieces[1]:
        return token
    module = pieces[1].split("/")[0]
    return f"{pieces[0] if module == 'index' else module}.{pieces[2]}"
