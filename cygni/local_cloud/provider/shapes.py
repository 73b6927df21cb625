"""Pulumi's property names <-> the members of botocore's service models.

`securityGroupIds` is `SecurityGroupIds` in one API and `securityGroupId` in another; a block that Pulumi
shows as one object is a list of one there. Matching ignores case and plural, so most properties need no
mapping of their own; the rest is named in `rename`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import lru_cache
from typing import Any

from cygni.local_cloud.provider.compare import as_text
from cygni.local_cloud.provider.schema import Property


@lru_cache(maxsize=4096)
def plain(name: str) -> str:
    """A name without case, separators and plural."""
    lowered = name.replace("_", "").replace("-", "").lower()
    if lowered.endswith("ies"):
        return lowered[:-3] + "y"
    if lowered.endswith("sses"):
        return lowered[:-2]
    return lowered[:-1] if lowered.endswith("s") and not lowered.endswith("ss") else lowered


def request(
    client: Any,
    operation: str,
    inputs: Mapping[str, Any],
    *,
    rename: Mapping[str, str] | None = None,
    drop: Collection[str] = (),
) -> dict[str, Any]:
    """Parameters of `operation` (`CreateVpc`) for those `inputs` it takes; unset and empty ones are left out."""
    shape = client.meta.service_model.operation_model(operation).input_shape
    return _to_structure(shape, inputs, rename or {}, drop)


def value(
    client: Any,
    shape: str,
    given: Any,
    *,
    rename: Mapping[str, str] | None = None,
    keep_empty: bool = False,
) -> Any:
    """`given` as the named shape of the service model (`DeploymentConfiguration`). `keep_empty` is for APIs in which
    an empty structure says something by being there."""
    return _to(client.meta.service_model.shape_for(shape), given, rename or {}, keep_empty)


def _to_structure(
    shape: Any,
    given: Mapping[str, Any],
    rename: Mapping[str, str],
    drop: Collection[str],
    keep_empty: bool = False,
) -> dict[str, Any]:
    members = {plain(name): name for name in shape.members}
    result: dict[str, Any] = {}
    for name, inner in given.items():
        member = rename.get(name, "")
        if member not in shape.members:
            member = members.get(plain(name), "")
        if name in drop or not member or inner in (None, ""):
            continue
        converted = _to(shape.members[member], inner, rename, keep_empty)
        if converted not in ([], {}) or (keep_empty and converted == {}):
            result[member] = converted
    return result


def _to(shape: Any, given: Any, rename: Mapping[str, str], keep_empty: bool = False) -> Any:
    if shape.type_name == "structure" and isinstance(given, Mapping):
        return _to_structure(shape, given, rename, (), keep_empty)
    if shape.type_name == "list":
        items = given if isinstance(given, list) else [given]
        return [_to(shape.member, item, rename, keep_empty) for item in items if item is not None]
    if shape.type_name == "map" and isinstance(given, Mapping):
        return {key: _to(shape.value, inner, rename, keep_empty) for key, inner in given.items()}
    if shape.type_name == "blob" and isinstance(given, str):
        return given.encode()
    if shape.type_name in ("integer", "long"):
        return int(given)
    if shape.type_name == "boolean" and isinstance(given, str):
        return given.lower() == "true"
    if shape.type_name in ("double", "float") and isinstance(given, str):
        return float(given)
    if shape.type_name == "string" and not isinstance(given, str):
        return as_text(given)
    return given


def outputs(
    properties: Mapping[str, Property],
    answer: Mapping[str, Any],
    *,
    rename: Mapping[str, str] | None = None,
    clears: Collection[str] = (),
) -> dict[str, Any]:
    """Properties found in an API's answer; one renamed to "" is not looked for.

    Those in `clears` are None when the answer lacks them. Any other that is lacking is left out, for a local
    cloud does not store everything it accepts.
    """
    members = {plain(name): name for name in answer}
    result: dict[str, Any] = {}
    for name, prop in properties.items():
        renamed = (rename or {}).get(name)
        found = answer.get(renamed) if renamed else None
        if found is None and renamed != "":
            found = answer.get(members.get(plain(name), ""))
        if found is not None:
            result[name] = _from(prop, found, rename)
        elif name in clears:
            result[name] = None
    return result


def _from(prop: Property, found: Any, rename: Mapping[str, str] | None) -> Any:
    if prop.type == "object":
        if isinstance(found, list):
            found = found[0] if found else None
        return outputs(prop.nested, found, rename=rename) if isinstance(found, Mapping) else None
    if prop.type == "list":
        items = found if isinstance(found, list) else [found]
        if prop.item == "object":
            return [outputs(prop.nested, item, rename=rename) for item in items]
        return [_scalar(prop.item, item) for item in items]
    if prop.type == "map":
        return {key: as_text(inner) for key, inner in found.items()} if isinstance(found, Mapping) else None
    return _scalar(prop.type, found)


def _scalar(kind: str, found: Any) -> Any:
    if kind == "string":
        return found.isoformat() if hasattr(found, "isoformat") else as_text(found)
    if kind == "bool" and isinstance(found, str):
        return found.lower() == "true"
    if kind == "number" and isinstance(found, str):
        return float(found) if "." in found else int(found)
    return found
