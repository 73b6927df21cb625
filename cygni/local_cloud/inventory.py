"""What exists in the local cloud, read from moto's backends: the proof that a destroy left nothing behind.

Every backend that was ever used is walked whole, so a kind of resource that nobody thought of is listed too, under
the name moto gives it. What a backend holds at its creation is AWS's own (the default VPC, the default event bus)
and is not listed; nor is what AWS makes and removes together with a resource, nor what is only remembered.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from enum import Enum
from typing import Any

from cygni.local_cloud.inventory_kinds import ENABLED, IGNORED, INSIDE, KINDS, Kind

Place = tuple[str, ...]
_DEEPEST = 3  # containers within containers, as EC2's security groups by VPC


class Inventory:
    """The resources of every service that was used since the start or the last reset.

    `watch` must be called once, before the first AWS call. Nothing here locks: the caller keeps AWS calls out.
    """

    def __init__(self) -> None:
        self._given: dict[int, set[Place]] = {}

    def watch(self) -> None:
        """Remember what each backend holds when moto creates it."""
        from moto.core.base_backend import AccountSpecificBackend

        original: Callable[[Any, str], Any] = AccountSpecificBackend.__getitem__
        given = self._given

        def getitem(account: Any, region: str) -> Any:
            known = len(account.keys())
            backend = original(account, region)
            if len(account.keys()) != known:
                given[id(backend)] = {place for place, _ in _held(account.service_name, backend)}
            return backend

        AccountSpecificBackend.__getitem__ = getitem

    def forget(self) -> None:
        """After a reset: the backends are gone, and their addresses may be used again."""
        self._given.clear()

    def resources(self) -> list[dict[str, Any]]:
        """Each resource as {service, kind, region, id, name, tags}, ordered; region is "" for global services."""
        found = [
            {
                "service": service,
                "kind": kind.name,
                "region": "" if region == "aws" else region,
                "id": _text(resource, kind.ids, place),
                "name": tags.get("Name") or _text(resource, kind.names, place),
                "tags": tags,
            }
            for service, region, backend, kind, place, resource in self._existing()
            for tags in [_tags(backend, resource, place)]
        ]
        return sorted(found, key=lambda item: (item["service"], item["kind"], item["region"], item["id"]))

    def counts(self) -> dict[str, int]:
        """How many resources exist, by service."""
        return dict(sorted(Counter(service for service, *_ in self._existing()).items()))

    def _existing(self) -> Iterator[tuple[str, str, Any, Kind, Place, Any]]:
        for service, region, backend in _backends():
            given = self._given.get(id(backend), set())
            for place, resource in _held(service, backend):
                kind = KINDS.get((service, place[0])) or Kind.unknown(place[0])
                if place not in given and not kind.is_not_counted(resource):
                    yield service, region, backend, kind, place, resource
            switch = ENABLED.get(service)
            if switch is not None and getattr(backend, switch.attribute, False):
                yield service, region, backend, switch.kind, (backend.account_id,), backend


def _backends() -> Iterator[tuple[str, str, Any]]:
    """Service, region ("aws" for global services) and backend, of all that were used."""
    from moto.core.base_backend import BackendDict

    for backends in list(BackendDict._instances):  # noqa: SLF001
        for account in list(dict.values(backends)):
            for region, backend in list(dict.items(account)):
                yield backends.service_name, region, backend


def _held(service: str, backend: Any) -> Iterator[tuple[Place, Any]]:
    """Everything a backend holds, with its place: the attribute, then the keys that lead to it."""
    for attribute, value in list(vars(backend).items()):
        if attribute in IGNORED["*"] or attribute in IGNORED.get(service, ()):
            continue
        for keys, resource in _leaves(value, _DEEPEST):
            yield (attribute, *keys), resource
            for inner in INSIDE.get((service, attribute), ()):
                for more, inside in _leaves(getattr(resource, inner, None), _DEEPEST):
                    yield (inner, *keys, *more), inside


def _leaves(value: Any, depth: int) -> Iterator[tuple[tuple[str, ...], Any]]:
    """The objects of moto's own that are held in containers, with the keys that lead to each."""
    if depth == 0:
        return
    if isinstance(value, Mapping):
        # dict.items: some of moto's dictionaries load data when they are asked in their own way.
        items = list(dict.items(value) if isinstance(value, dict) else value.items())
    elif isinstance(value, list | tuple | set):
        items = [(id(item), item) for item in list(value)]
    else:
        return
    for key, item in items:
        if _is_resource(item):
            yield (str(key),), item
        else:
            for keys, resource in _leaves(item, depth - 1):
                yield (str(key), *keys), resource


def _is_resource(value: Any) -> bool:
    return type(value).__module__.startswith("moto.") and not isinstance(value, Mapping | Enum)


def _text(resource: Any, attributes: tuple[str, ...], place: Place) -> str:
    for attribute in attributes:
        value = getattr(resource, attribute, None)
        if isinstance(value, str) and value:
            return value
    return place[-1]


def _tags(backend: Any, resource: Any, place: Place) -> dict[str, str]:
    """The tags of a resource, wherever moto keeps them for its service."""
    for attribute in ("tags", "_tags"):
        tags = _as_map(getattr(resource, attribute, None))
        if tags:
            return tags
    names = [getattr(resource, name, None) for name in ("arn", "id", "name", "alarm_arn")]
    names = [name for name in (*names, place[-1]) if isinstance(name, str)]
    for attribute in ("tagger", "tagging_service"):
        service = getattr(backend, attribute, None)
        for name in names:
            if service is not None and service.has_tags(name):
                return _as_map(service.get_tag_dict_for_resource(name))
    stores = [getattr(backend, "tags", None)]  # EC2: by resource id
    stores += list((getattr(backend, "_resource_tags", None) or {}).values())  # SSM: by type, then name
    stores.append(getattr(backend, "resource_tags", None))  # Route 53: by zone id
    for store in stores:
        for name in names:
            if isinstance(store, dict) and name in store:
                return _as_map(store[name])
    return {}


def _as_map(tags: Any) -> dict[str, str]:
    if isinstance(tags, Mapping):
        return {str(key): str(_plain(value)) for key, value in tags.items()}
    if isinstance(tags, list):
        pairs = [tag for tag in tags if isinstance(tag, Mapping)]
        return {
            str(tag.get("Key") or tag.get("key") or tag.get("TagKey")): str(
                tag.get("Value") or tag.get("value") or tag.get("TagValue") or ""
            )
            for tag in pairs
        }
    return {}


def _plain(value: Any) -> Any:
    """A tag's value; IAM keeps {"Key": ..., "Value": ...} under the key."""
    return value.get("Value", "") if isinstance(value, Mapping) else value
