"""What stands in two clouds, read by the same handlers and brought to the same names (one comparison is pure).

Ids, ARNs and addresses differ from cloud to cloud. Where both are known to belong to one resource, that of
Terraform's is written as that of ours before they are compared.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from benchmarks.terraform_json import snake_case
from cygni.local_cloud.provider import handlers, operations
from cygni.local_cloud.provider.cloud import Cloud, Connection
from cygni.local_cloud.provider.handlers.base import At

State = Mapping[str, Any]
_IDENTITY = re.compile(r"(id|arn|arn_suffix|name|url|dns|ip|endpoint|address|date|revision)$", re.IGNORECASE)
_NOTHING: tuple[Any, ...] = (None, "", [], {})
_OWN_IDS = frozenset({"aws:iam/rolePolicyAttachment:RolePolicyAttachment"})
"""Types whose id older providers make up for themselves, so that it tells nothing of the cloud."""

_SHORTEST = 6  # characters of a text that is taken for an identity


@dataclass(frozen=True)
class Pair:
    """One resource as Cygni made it (`ours`, from the engine's state) and Terraform's (`theirs`, its values)."""

    urn: str
    type: str
    ours: State
    theirs: State

    def id_of_theirs(self, back: Mapping[str, str]) -> str:
        """The id that a handler knows Terraform's by; `back` leads from identities of ours to those of theirs."""
        own = str(self.theirs["id"])
        return str(renamed(self.ours["id"], back)) if self.type in _OWN_IDS else own


@dataclass(frozen=True, order=True)
class Difference:
    """A property (a path such as `healthCheck.matcher`) that is not the same in both clouds."""

    type: str
    property: str
    ours: str
    theirs: str

    def __str__(self) -> str:
        return f"{self.type}.{self.property}: ours {self.ours}, theirs {self.theirs}"


class Reader:
    """Reads resources of one local cloud through the handlers of the local provider."""

    def __init__(self, endpoint: str, region: str) -> None:
        where = Connection(region, {"": endpoint}, access_key="local", secret_key="local")
        self.at = At(Cloud(where), region)

    def read(self, kind: str, id: str, known: State) -> State | None:
        """What the cloud has, None if it has no such resource."""
        return handlers.handler(operations.resource_type(kind).token).read(self.at, id, known)


def same_names(pairs: Sequence[Pair]) -> dict[str, str]:
    """From the identities of Terraform's resources to those of ours, the longest first."""
    found: dict[str, str] = {}
    for pair in pairs:
        theirs = {"id": pair.theirs.get("id"), **pair.theirs}
        ours = {snake_case(key): value for key, value in (pair.ours.get("outputs") or {}).items()}
        ours["id"] = pair.ours.get("id")
        for key, value in theirs.items():
            if key == "id" and pair.type in _OWN_IDS:
                continue
            mine = ours.get(key)
            if not isinstance(value, str) or not isinstance(mine, str) or value == mine:
                continue
            if _IDENTITY.search(key) and len(value) >= _SHORTEST:
                found.setdefault(value, mine)
    return dict(sorted(found.items(), key=lambda item: -len(item[0])))


def renamed(value: Any, names: Mapping[str, str]) -> Any:
    """`value` with every identity in its texts replaced."""
    if isinstance(value, str):
        for theirs, ours in names.items():
            if theirs in value:
                value = value.replace(theirs, ours)
        return value
    if isinstance(value, Mapping):
        return {renamed(key, names): renamed(inner, names) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [renamed(inner, names) for inner in value]
    return value


def differences(kind: str, ours: Any, theirs: Any, path: str = "") -> Iterator[Difference]:
    """Where two readings of a resource are not the same; the order in lists of texts has no meaning."""
    if isinstance(ours, Mapping) and isinstance(theirs, Mapping):
        for key in sorted({*ours, *theirs}):
            inner = f"{path}.{key}" if path else str(key)
            yield from differences(kind, ours.get(key), theirs.get(key), inner)
    elif isinstance(ours, list) and isinstance(theirs, list) and len(ours) == len(theirs):
        for mine, other in zip(_ordered(ours), _ordered(theirs), strict=True):
            yield from differences(kind, mine, other, f"{path}[]")
    elif not _same(ours, theirs):
        yield Difference(kind, path, _shown(ours), _shown(theirs))


def _ordered(items: Sequence[Any]) -> list[Any]:
    return sorted(items, key=lambda item: json.dumps(item, sort_keys=True, default=str))


def _same(ours: Any, theirs: Any) -> bool:
    if ours in _NOTHING and theirs in _NOTHING:
        return True
    if isinstance(ours, str) and isinstance(theirs, str):
        return bool(_document(ours) == _document(theirs))
    return bool(ours == theirs)


def _document(text: str) -> Any:
    """JSON in a text as what it says: the two write it with other spaces."""
    if text[:1] not in ("{", "["):
        return text
    try:
        return json.loads(text)
    except ValueError:
        return text


def _shown(value: Any) -> str:
    return json.dumps(value, sort_keys=True, default=str)[:200]
