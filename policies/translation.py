"""From what the engine hands to a policy to Cygni's resources (pure)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from pulumi_policy import PolicyResource, ResourceValidationArgs
from pulumi_policy.deserialize import SPECIAL_SECRET_SIG, SPECIAL_SIG_KEY, serialize_properties

from cygni.engine_documents.values import with_unknowns
from cygni.resources import Resource

_HIDDEN: Final = "[secret]"


def inputs_of(props: Mapping[str, Any]) -> Mapping[str, Any]:
    """Properties as Cygni reads them: what is not known is UNKNOWN, a secret the text `[secret]`.

    The SDK's own objects raise an error where an unknown value is looked at; here it is a value like others.
    """
    known: Mapping[str, Any] = _without_secrets(with_unknowns(serialize_properties(props)))
    return known


def _without_secrets(value: Any) -> Any:
    if isinstance(value, Mapping):
        if value.get(SPECIAL_SIG_KEY) == SPECIAL_SECRET_SIG:
            return _HIDDEN
        return {key: _without_secrets(inner) for key, inner in value.items()}
    return [_without_secrets(inner) for inner in value] if isinstance(value, list) else value


def resource_of(given: ResourceValidationArgs | PolicyResource) -> Resource:
    """One resource, with the URNs its inputs were computed from where the engine tells them."""
    inputs = inputs_of(given.props)
    references = {}
    if isinstance(given, PolicyResource):
        references = {
            key: tuple(one.urn for one in found) for key, found in given.property_dependencies.items()
        }
    return Resource(given.urn, given.resource_type, given.name, inputs, _region(inputs, given), references)


def _region(inputs: Mapping[str, Any], given: ResourceValidationArgs | PolicyResource) -> str:
    """Empty where nobody says it: then it has no price, rather than one of another region."""
    provider = inputs_of(given.provider.props) if given.provider is not None else {}
    found = inputs.get("region") or provider.get("region")
    return found if isinstance(found, str) else ""
