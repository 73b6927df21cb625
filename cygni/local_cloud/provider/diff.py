"""Old and new inputs -> what changes, property by property, and whether it replaces the resource."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from cygni.local_cloud.provider import rules
from cygni.local_cloud.provider.check import DEFAULTS
from cygni.local_cloud.provider.compare import TEXT, item_property, matches, same
from cygni.local_cloud.provider.schema import Property, ResourceType
from cygni.local_cloud.provider.wire import UNKNOWN

_PLAIN_KEY = re.compile(r"[A-Za-z_$][\w$-]*")


class Kind(StrEnum):
    ADD = "ADD"
    UPDATE = "UPDATE"
    DELETE = "DELETE"


@dataclass(frozen=True, slots=True)
class Change:
    """One changed value. `path` is written as Pulumi does: `tags["a:b"]`, `rules[0].status`."""

    path: str
    kind: Kind
    replace: bool = False


@dataclass(frozen=True, slots=True)
class Difference:
    changes: tuple[Change, ...] = ()
    delete_before_replace: bool = False

    @property
    def properties(self) -> tuple[str, ...]:
        """The changed top-level properties, in order."""
        return tuple(dict.fromkeys(_head(change.path) for change in self.changes))

    @property
    def replaces(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(_head(change.path) for change in self.changes if change.replace))


def diff(
    kind: ResourceType, old_inputs: Mapping[str, Any], olds: Mapping[str, Any], news: Mapping[str, Any]
) -> Difference:
    """What differs between the state (`old_inputs`, outputs `olds`) and the checked inputs `news`.

    An input that was not given before is compared with what the cloud reported for it, so that writing down
    a value that is already there changes nothing.
    """
    changes: list[Change] = []
    for name, prop in kind.properties.items():
        if name == DEFAULTS or not (prop.input or name == "tagsAll"):
            continue
        new = news.get(name)
        old = _known(prop, old_inputs.get(name), olds.get(name), new)
        if old is None and name in news.get(DEFAULTS, ()):
            continue  # a default where nothing is known to be otherwise
        if rules.is_suppressed(kind.token, name, old, new, olds, news):
            continue
        found = list(_changes(prop, old, new, name, prop.force_new is True))
        if found and prop.force_new == "conditional":
            replace = rules.replaces(kind.token, name, old, new, olds, news)
            found = [Change(change.path, change.kind, replace) for change in found]
        changes += found
    replaced = any(change.replace for change in changes)
    return Difference(tuple(changes), replaced and _deletes_first(kind, old_inputs, news))


def _known(prop: Property, given: Any, reported: Any, new: Any) -> Any:
    """The old value of what `new` says: as it was given before or, where it was not, as the cloud reports it."""
    if given is None:
        return None if new is None else reported
    if prop.type == "object" and all(isinstance(value, Mapping) for value in (given, reported, new)):
        return {**given, **_reported(prop, given, reported, new)}
    lists = all(isinstance(value, list) for value in (given, reported, new))
    if prop.type == "list" and prop.nested and lists and len(given) == len(reported) == len(new):
        item = item_property(prop)
        return [_known(item, *values) for values in zip(given, reported, new, strict=True)]
    return given


def _reported(
    prop: Property, given: Mapping[str, Any], reported: Mapping[str, Any], new: Mapping[str, Any]
) -> dict[str, Any]:
    found = {
        name: _known(member, given.get(name), reported.get(name), new.get(name))
        for name, member in prop.nested.items()
    }
    return {name: value for name, value in found.items() if value is not None}


def _deletes_first(kind: ResourceType, old_inputs: Mapping[str, Any], news: Mapping[str, Any]) -> bool:
    """True where a second one could not exist beside the first: by type, or by a name that stays."""
    if kind.delete_before_replace:
        return True
    if kind.auto_name is None or kind.auto_name.property in news.get(DEFAULTS, ()):
        return False
    name = kind.auto_name.property
    return name in news and news[name] is not UNKNOWN and news[name] == old_inputs.get(name)


def _changes(prop: Property, old: Any, new: Any, path: str, replace: bool) -> Iterator[Change]:
    if same(prop, old, new):
        return
    if old is None:
        yield Change(path, Kind.ADD, replace or _any_force_new(prop))
    elif new is None:
        yield Change(path, Kind.DELETE, replace or _any_force_new(prop))
    elif prop.type == "object" and prop.nested and isinstance(old, Mapping) and isinstance(new, Mapping):
        for name, member in prop.nested.items():
            inner = replace or member.force_new is True
            yield from _changes(member, old.get(name), new.get(name), f"{path}.{name}", inner)
    elif prop.type == "map" and isinstance(old, Mapping) and isinstance(new, Mapping):
        yield from _map_changes(old, new, path, replace)
    elif prop.type == "list" and isinstance(old, list) and isinstance(new, list):
        yield from _list_changes(prop, old, new, path, replace)
    else:
        yield Change(path, Kind.UPDATE, replace)


def _any_force_new(prop: Property) -> bool:
    return any(member.force_new is True or _any_force_new(member) for member in prop.nested.values())


def _map_changes(
    old: Mapping[str, Any], new: Mapping[str, Any], path: str, replace: bool
) -> Iterator[Change]:
    for key in sorted(old.keys() | new.keys()):
        inner = f"{path}.{key}" if _PLAIN_KEY.fullmatch(key) else f'{path}["{key}"]'
        if key not in new:
            yield Change(inner, Kind.DELETE, replace)
        elif key not in old:
            yield Change(inner, Kind.ADD, replace)
        elif not same(TEXT, old[key], new[key]):
            yield Change(inner, Kind.UPDATE, replace)


def _list_changes(
    prop: Property, old: list[Any], new: list[Any], path: str, replace: bool
) -> Iterator[Change]:
    item = item_property(prop)
    pairs: list[tuple[int | None, int | None]]
    if prop.set:
        found = matches(item, old, new)
        left = [i for i in range(len(old)) if i not in found]
        added = [i for i, match in enumerate(found) if match is None]
        pairs = [(i, None) for i in left] + [(None, i) for i in added]
    else:
        pairs = [
            (i if i < len(old) else None, i if i < len(new) else None) for i in range(max(len(old), len(new)))
        ]
    nested = replace or _any_force_new(item)
    updated = {i for _, i in pairs if i is not None} & {i for i, _ in pairs if i is not None}
    for one, other in pairs:
        if one is not None and other is not None:
            yield from _changes(item, old[one], new[other], f"{path}[{other}]", replace)
        elif one is not None and one not in updated:
            yield Change(f"{path}[{one}]", Kind.DELETE, nested)
        elif other is not None:
            yield Change(f"{path}[{other}]", Kind.UPDATE if other in updated else Kind.ADD, nested)


def _head(path: str) -> str:
    return re.split(r"[.\[]", path, maxsplit=1)[0]
