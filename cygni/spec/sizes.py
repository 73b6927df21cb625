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


def _keeps_running(service: Mapping[str, Any]) -> bool:
    return service.get("kind", "web") in ("web", "worker")


@dataclass(frozen=True, slots=True)
class SizedDefault:
    """The default at `path` in larger environments. `path` ends with the key; at most one part is `ANY`.

    `applies` is asked with the mapping that holds the key.
    """

    path: tuple[str, ...]
    staging: Any
    production: Any
    applies: Callable[[Mapping[str, Any]], bool] = _every

    def at(self, size: Size) -> Any:
        """The default in an environment of a size above preview."""
        return self.staging if size is Size.STAGING else self.production


SIZED_DEFAULTS: Final = (
    SizedDefault(("network", "nat"), staging="single", production="per-zone"),
    SizedDefault(("services", ANY, "count"), staging=1, production=2, applies=_keeps_running),
    SizedDefault(("log_retention",), staging=30, production=90),
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
        inner = mapping.get(name, {} if rest[0] != ANY else None)
        if isinstance(inner, Mapping):
            mapping[name] = dict(inner)
            _lay_under(mapping[name], tuple(rest), default, size)
