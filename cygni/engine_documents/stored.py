"""Resources as the engine stores them, in previews and in states alike, and the region each one is in (pure).

Source: pulumi sdk, `apitype.ResourceV3`. The region is told by the first of these that has it: the resource's own
input, its provider where the document has it, `aws:region` of the configuration where the provider is the default
one, and what the cloud has said of the resource: its region, ARN or zone.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from cygni.engine_documents.values import ENGINE_UNKNOWNS, printable, readable_value
from cygni.resources import References, Resource, is_cloud

UNKNOWN_REGION: Final = "unknown-region"
"""Stands for a region that nothing tells. No price book has it."""

PROVIDER_PREFIX: Final = "pulumi:providers:"
_DEFAULT_PROVIDER: Final = re.compile(r"default(_[0-9_]+.*)?")
_REGION: Final = re.compile(r"[a-z]{2}(-[a-z]+)+-[0-9]+")
_NOTE: Final = "__defaults"
"""The engine's own note of which inputs are defaults."""

_NO_REFERENCES: Final[References] = {}


class Unreadable(Exception):
    """A part of a document is not what the engine writes; the text says how."""


@dataclass(frozen=True, slots=True)
class Identity:
    """What the cloud calls a resource that exists: its id, its name where that is another, its ARN if it has one."""

    id: str
    name: str
    arn: str


@dataclass(slots=True)
class Stored:
    """One resource of a document. `said` is the region that the cloud has told of it, if it has; `identity` is None
    where it does not exist yet."""

    urn: str
    type: str
    inputs: Mapping[str, Any]
    provider: str
    references: References
    said: str
    identity: Identity | None


class Regions:
    """What a document says of regions. `given` is what the caller says where the document does not."""

    def __init__(self, given: str = "") -> None:
        self.given = given
        self.configured = ""
        self._providers: dict[str, str] = {}

    def configure(self, key: str, value: Any) -> None:
        """Reads one value of the configuration of a stack."""
        if key in ("aws:region", "aws:config:region") and isinstance(value, str):
            self.configured = value

    def provider(self, urn: str, inputs: Any) -> None:
        """Reads a provider; a region that AWS does not have counts, too, so that nothing is priced as of another."""
        region = inputs.get("region") if isinstance(inputs, dict) else None
        if isinstance(region, str) and region and region not in ENGINE_UNKNOWNS:
            self._providers[urn] = printable(region)

    def of(self, stored: Stored) -> str:
        own = stored.inputs.get("region")
        if isinstance(own, str) and own:
            return sys.intern(own)
        if own is not None:  # known only after the deploy, or no region at all
            return UNKNOWN_REGION
        urn = stored.provider.rpartition("::")[0]
        found = self._providers.get(urn)
        if not found and (not urn or _DEFAULT_PROVIDER.fullmatch(urn.rpartition("::")[2])):
            found = self.configured
        return sys.intern(found or stored.said or self.given or UNKNOWN_REGION)

    def resource(self, stored: Stored) -> Resource:
        return Resource(
            urn=stored.urn,
            type=stored.type,
            name=stored.urn.rsplit("::", 1)[-1],
            inputs=stored.inputs,
            region=self.of(stored),
            references=stored.references,
        )


def stored_resource(state: Mapping[str, Any]) -> Stored | None:
    """The resource that `state` describes; None for what is nobody's cost: components, the engine's own, and what is
    only read and belongs to somebody else. Raises Unreadable for what is no resource."""
    urn, token = state.get("urn"), state.get("type")
    if not isinstance(urn, str) or not isinstance(token, str) or not urn.startswith("urn:pulumi:"):
        raise Unreadable("a resource without URN or type")
    if state.get("custom") is not True or state.get("external") is True or not is_cloud(token):
        return None
    inputs = state.get("inputs")
    if inputs is None:
        inputs = {}
    if not isinstance(inputs, dict):
        raise Unreadable(f"the inputs of {urn} are no object")
    provider = state.get("provider")
    return Stored(
        urn=printable(urn),
        type=sys.intern(printable(token)),
        inputs={sys.intern(key): readable_value(value) for key, value in inputs.items() if key != _NOTE},
        provider=sys.intern(provider) if isinstance(provider, str) else "",
        references=_references(state.get("propertyDependencies")),
        said=_said(state.get("outputs")),
        identity=_identity(state.get("id"), state.get("outputs")),
    )


def _identity(id: Any, outputs: Any) -> Identity | None:
    if not isinstance(id, str) or not id or id in ENGINE_UNKNOWNS:
        return None
    told = outputs if isinstance(outputs, dict) else {}
    name, arn = told.get("name"), told.get("arn")
    return Identity(id, name if isinstance(name, str) else id, arn if isinstance(arn, str) else "")


def _references(dependencies: Any) -> References:
    if not isinstance(dependencies, dict):
        return _NO_REFERENCES
    found = {
        sys.intern(key): tuple(printable(urn) for urn in urns if isinstance(urn, str))
        for key, urns in dependencies.items()
        if urns and isinstance(urns, list)
    }
    return found or _NO_REFERENCES


def _said(outputs: Any) -> str:
    """The region in what the cloud has told of a resource."""
    if not isinstance(outputs, dict):
        return ""
    arn, zone = outputs.get("arn"), outputs.get("availabilityZone")
    pieces = arn.split(":", 5) if isinstance(arn, str) else []
    candidates = [
        outputs.get("region"),
        pieces[3] if len(pieces) == 6 else None,
        zone[:-1] if isinstance(zone, str) else None,
    ]
    return next((one for one in candidates if isinstance(one, str) and _REGION.fullmatch(one)), "")
