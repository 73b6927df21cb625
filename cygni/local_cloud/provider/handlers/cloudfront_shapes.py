"""A distribution's inputs <-> CloudFront's DistributionConfig, whose lists stand in `{Quantity, Items}`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from cygni.local_cloud.provider.schema import Property
from cygni.local_cloud.provider.shapes import plain

Values = dict[str, Any]

_NAMES: Final[Mapping[str, str]] = {
    "originId": "Id",
    "orderedCacheBehaviors": "CacheBehaviors",
    "loggingConfig": "Logging",
    "whitelistedNames": "WhitelistedNames",
    "locations": "Items",
    "name": "HeaderName",
    "value": "HeaderValue",
}
"""What matching by name alone does not find."""


def config(client: Any, inputs: Mapping[str, Any], reference: str) -> Values:
    """The DistributionConfig of these inputs. `reference` is the CallerReference, which never changes."""
    shape = client.meta.service_model.shape_for("DistributionConfig")
    found = _structure(shape, inputs)
    found["CallerReference"] = reference
    found.setdefault("Comment", "")
    found.setdefault("DefaultRootObject", "")
    found.setdefault("WebACLId", "")
    for name in ("Aliases", "CacheBehaviors", "CustomErrorResponses"):
        found.setdefault(name, {"Quantity": 0})
    if inputs.get("loggingConfig"):
        found["Logging"] = {
            "Bucket": "",
            "Prefix": "",
            "IncludeCookies": False,
            **found["Logging"],
            "Enabled": True,
        }
    behaviors = [found["DefaultCacheBehavior"], *found["CacheBehaviors"].get("Items", [])]
    for behavior, given in zip(behaviors, _behaviors(inputs), strict=True):
        _complete(behavior, given)
    return found


def _behaviors(inputs: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [inputs["defaultCacheBehavior"], *(inputs.get("orderedCacheBehaviors") or [])]


def _complete(behavior: Values, given: Mapping[str, Any]) -> None:
    """Methods that are cached are told inside those that are allowed; CloudFront sets TTLs only without a policy."""
    cached = list(given["cachedMethods"])
    behavior["AllowedMethods"]["CachedMethods"] = {"Quantity": len(cached), "Items": cached}
    for name in ("LambdaFunctionAssociations", "FunctionAssociations"):
        behavior.setdefault(name, {"Quantity": 0})
    for name in ("TrustedSigners", "TrustedKeyGroups"):
        behavior.setdefault(name, {"Enabled": False, "Quantity": 0})
    behavior.setdefault("FieldLevelEncryptionId", "")
    behavior.setdefault("SmoothStreaming", False)
    if given.get("cachePolicyId"):
        for name in ("MinTTL", "DefaultTTL", "MaxTTL"):
            behavior.pop(name, None)


def _structure(shape: Any, given: Mapping[str, Any]) -> Values:
    members = {plain(name): name for name in shape.members}
    found: Values = {}
    for name, value in given.items():
        member = _NAMES.get(name, members.get(plain(name), ""))
        if member not in shape.members or value is None or (value == "" and member != "OriginPath"):
            continue
        found[member] = _value(shape.members[member], value)
    if "Quantity" in shape.members and "Items" in found:
        found["Quantity"] = len(found["Items"])
    elif "Quantity" in shape.members:
        found["Quantity"] = 0
    return found


def _value(shape: Any, given: Any) -> Any:
    if shape.type_name == "structure" and isinstance(given, list):
        found: Values = {"Quantity": len(given)}
        if given:
            found["Items"] = [_value(shape.members["Items"].member, one) for one in given]
        if "Enabled" in shape.members:
            found["Enabled"] = bool(given)
        return found
    if shape.type_name == "structure":
        return _structure(shape, given)
    if shape.type_name == "list":
        return [_value(shape.member, one) for one in given]
    if shape.type_name in ("integer", "long"):
        return int(given)
    return str(given) if shape.type_name == "string" else given


def properties(known: Mapping[str, Property], answer: Mapping[str, Any]) -> Values:
    """The inputs that make this DistributionConfig. What CloudFront calls off or empty is None."""
    found = _object(known, answer)
    logging = answer.get("Logging") or {}
    if not logging.get("Enabled"):
        found["loggingConfig"] = None
    given = [answer["DefaultCacheBehavior"], *(answer.get("CacheBehaviors") or {}).get("Items", [])]
    behaviors = [found["defaultCacheBehavior"], *(found.get("orderedCacheBehaviors") or [])]
    for behavior, told in zip(behaviors, given, strict=True):
        behavior["cachedMethods"] = list(told["AllowedMethods"]["CachedMethods"]["Items"])
    return found


def _object(known: Mapping[str, Property], answer: Mapping[str, Any]) -> Values:
    members = {plain(name): name for name in answer}
    found: Values = {}
    for name, prop in known.items():
        member = _NAMES.get(name, members.get(plain(name), ""))
        if member in answer and answer[member] is not None:
            found[name] = _property(prop, answer[member])
    return found


def _property(prop: Property, told: Any) -> Any:
    if prop.type == "list":
        items = told.get("Items") or [] if isinstance(told, Mapping) else told
        return [_object(prop.nested, item) for item in items] if prop.item == "object" else list(items)
    if prop.type == "object":
        return _object(prop.nested, told)
    return told
