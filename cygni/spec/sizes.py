"""What the size of an environment decides where cygni.yaml says nothing (pure).

The default of a field in its model is that of the smallest size; here stand the larger ones, in one table.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from cygni.policies.limits import LARGEST_INSTANCE

ANY: Final = "*"
"""In a path, stands for the name of every entry."""


class Size(StrEnum):
    """How large an environment is: `local` and `preview-NAME` are small and cheap, production is safe."""

    PREVIEW = "preview"
    STAGING = "staging"
    PRODUCTION = "production"


def size_of(environment: str) -> Size:
    return Size(environment) if environment in ("staging", "production") else Size.PREVIEW


def _every(entry: Mapping[str, Any]) -> bool:
    return True


def _makes_its_vpc(network: Mapping[str, Any]) -> bool:
    return network.get("vpc") is None


def _keeps_running(service: Mapping[str, Any]) -> bool:
    return service.get("kind", "web") in ("web", "worker")


def _answers_requests(service: Mapping[str, Any]) -> bool:
    return bool(service.get("kind", "web") == "web")


def _is_aurora(database: Mapping[str, Any]) -> bool:
    return bool(database.get("engine") == "aurora-postgres")


def _is_instance(database: Mapping[str, Any]) -> bool:
    return not _is_aurora(database)


def _has_room(database: Mapping[str, Any]) -> bool:
    """Whether what is written leaves the storage room to grow to the default of staging and production."""
    size = database.get("storage", 0)
    return _is_instance(database) and isinstance(size, int) and size <= _GROWS_TO["staging"] / 2


_GROWS_TO: Final[Mapping[str, Any]] = {"staging": 200, "production": 1000}
"""GiB."""


def _has_room_for_nodes(group: Mapping[str, Any]) -> bool:
    """Whether what is written of a node group allows as many nodes as the default of staging and production."""
    written = (group.get(key) for key in ("max", "desired"))
    return all(
        one is None or (isinstance(one, int) and one >= _FEWEST_NODES["production"]) for one in written
    )


_FEWEST_NODES: Final[Mapping[str, Any]] = {"staging": 2, "production": 3}


def _is_arm(group: Mapping[str, Any]) -> bool:
    return bool(group.get("architecture", "arm64") == "arm64")


_OPTIONAL: Final = frozenset({"kubernetes"})
"""Sections that are there only where they are written."""


@dataclass(frozen=True, slots=True)
class SizedDefault:
    """The default at `path` in larger environments. `path` ends with the key; at most one part is `ANY`.

    `applies` is asked with the mapping that holds the key, `entries` with what stands at `ANY`.
    """

    path: tuple[str, ...]
    staging: Any
    production: Any
    applies: Callable[[Mapping[str, Any]], bool] = _every
    entries: Callable[[Mapping[str, Any]], bool] = _every

    def at(self, size: Size) -> Any:
        """The default in an environment of a size above preview."""
        return self.staging if size is Size.STAGING else self.production


SIZED_DEFAULTS: Final = (
    SizedDefault(("network", "nat"), staging="single", production="per-zone", applies=_makes_its_vpc),
    SizedDefault(("network", "flow_logs"), staging="none", production="rejected", applies=_makes_its_vpc),
    SizedDefault(("network", "acls"), staging=False, production=True, applies=_makes_its_vpc),
    SizedDefault(("services", ANY, "count"), staging=1, production=2, applies=_keeps_running),
    SizedDefault(("services", ANY, "alarms"), staging=False, production=True, applies=_keeps_running),
    SizedDefault(
        ("services", ANY, "release", "pause"), staging=60, production=300, entries=_answers_requests
    ),
    SizedDefault(("services", ANY, "release", "bake"), staging=60, production=300, entries=_keeps_running),
    SizedDefault(
        ("services", ANY, "release", "warm"), staging=1800, production=3600, entries=_answers_requests
    ),
    SizedDefault(
        ("services", ANY, "release", "gates", "patience"),
        staging=120,
        production=900,
        entries=_answers_requests,
    ),
    SizedDefault(
        ("services", ANY, "release", "gates", "latency_factor"),
        staging=2,
        production=2,
        entries=_answers_requests,
    ),
    SizedDefault(("log_retention",), staging=30, production=90),
    SizedDefault(
        ("databases", ANY, "instance_class"),
        staging="db.t4g.small",
        production="db.m6g.large",
        applies=_is_instance,
    ),
    SizedDefault(("databases", ANY, "max_storage"), **_GROWS_TO, applies=_has_room),
    SizedDefault(("databases", ANY, "storage"), staging=20, production=100, applies=_is_instance),
    SizedDefault(("databases", ANY, "multi_az"), staging=False, production=True, applies=_is_instance),
    SizedDefault(("databases", ANY, "replicas"), staging=0, production=1, applies=_is_aurora),
    SizedDefault(("databases", ANY, "min_capacity"), staging=0.5, production=1, applies=_is_aurora),
    SizedDefault(("databases", ANY, "max_capacity"), staging=4, production=16, applies=_is_aurora),
    SizedDefault(("databases", ANY, "backup_retention"), staging=7, production=30),
    SizedDefault(("databases", ANY, "deletion_protection"), staging=False, production=True),
    SizedDefault(("databases", ANY, "final_snapshot"), staging=True, production=True),
    SizedDefault(("databases", ANY, "performance_insights"), staging=True, production=True),
    SizedDefault(("caches", ANY, "node_type"), staging="cache.t4g.micro", production="cache.t4g.medium"),
    SizedDefault(("caches", ANY, "nodes"), staging=1, production=2),
    SizedDefault(("caches", ANY, "snapshot_retention"), staging=1, production=7),
    SizedDefault(("caches", ANY, "final_snapshot"), staging=False, production=True),
    SizedDefault(("buckets", ANY, "versioning"), staging=False, production=True),
    SizedDefault(("kubernetes", "node_groups", ANY, "min"), **_FEWEST_NODES, applies=_has_room_for_nodes),
    SizedDefault(
        ("kubernetes", "node_groups", ANY, "instance_types"),
        staging=["t4g.medium"],
        production=["m7g.large"],
        applies=_is_arm,
    ),
    SizedDefault(("security", "waf"), staging=False, production=True),
    SizedDefault(
        ("policies", "instance_size"),
        staging=LARGEST_INSTANCE["staging"],
        production=LARGEST_INSTANCE["production"],
    ),
)


def sized(data: Mapping[str, Any], environment: str) -> dict[str, Any]:
    """`data`, the specification as written for `environment`, with the defaults of its size laid under it.

    Nothing that is written changes, and an entry that is no mapping is left for validation to refuse.
    """
    size = size_of(environment)
    result = dict(data)
    if size is Size.PREVIEW:
        return result
    for default in SIZED_DEFAULTS:
        _lay_under(result, default.path, default, size)
    return result


def _lay_under(mapping: dict[str, Any], path: tuple[str, ...], default: SizedDefault, size: Size) -> None:
    first, *rest = path
    if not rest:
        if first not in mapping and default.applies(mapping):
            mapping[first] = default.at(size)
        return
    names = list(mapping) if first == ANY else [first]
    for name in names:
        inner = mapping.get(name, None if rest[0] == ANY or name in _OPTIONAL else {})
        if isinstance(inner, Mapping) and (first != ANY or default.entries(inner)):
            mapping[name] = dict(inner)
            _lay_under(mapping[name], tuple(rest), default, size)
