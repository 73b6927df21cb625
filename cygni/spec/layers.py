"""Where each value of an environment's specification comes from (pure).

Four layers lie over each other: the model's defaults, those of the environment's size, what cygni.yaml writes at its
top level, and what it writes under the environment.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from cygni.spec.model import ProjectSpec
from cygni.spec.resolve import merged
from cygni.spec.section import Path
from cygni.spec.sizes import sized
from cygni.spec.yaml_document import Document


class Source(StrEnum):
    """The layer a value comes from, the one that wins first."""

    ENVIRONMENT = "environment"
    TOP_LEVEL = "top level"
    SIZE = "size"
    DEFAULT = "default"


@dataclass(frozen=True, slots=True)
class Setting:
    """One value of a specification, as JSON has it. `line` counts from 1; it is None for what is not written."""

    path: Path
    value: Any
    source: Source
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Layers:
    """A specification and the document it was resolved from, which is valid and settled."""

    document: Document
    spec: ProjectSpec

    @property
    def environment(self) -> str:
        return self.spec.environment

    @property
    def top_level(self) -> dict[str, Any]:
        """What is written at the top level, `environments` apart."""
        return {key: value for key, value in self.document.data.items() if key != "environments"}

    @property
    def override(self) -> dict[str, Any]:
        """What is written under the environment; nothing where it is not listed."""
        environments: Mapping[str, Any] = self.document.data.get("environments") or {}
        return dict(environments.get(self.environment) or {})

    @property
    def written(self) -> dict[str, Any]:
        """The two together."""
        return merged(self.top_level, self.override)


def settings(layers: Layers) -> tuple[Setting, ...]:
    """Every value of the specification in the order of the model, lists whole. What is not there is left out."""
    resolved = layers.spec.model_dump(mode="json", exclude={"environment"})
    under_sizes = sized(layers.written, layers.environment)
    return tuple(_setting(layers, under_sizes, path, value) for path, value in _leaves(resolved, ()))


def _leaves(value: Any, path: Path) -> Iterator[tuple[Path, Any]]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _leaves(inner, (*path, key))
    elif value is not None:
        yield path, value


def _setting(layers: Layers, under_sizes: Mapping[str, Any], path: Path, value: Any) -> Setting:
    place: Path = ("environments", layers.environment, *path)
    if is_written(layers.override, path):
        return Setting(path, value, Source.ENVIRONMENT, _line(layers.document, place))
    if is_written(layers.top_level, path):
        return Setting(path, value, Source.TOP_LEVEL, _line(layers.document, path))
    return Setting(path, value, Source.SIZE if is_written(under_sizes, path) else Source.DEFAULT)


def is_written(data: Mapping[str, Any], path: Path) -> bool:
    """Whether `data` has `path`, or in its place a short form that stands for a whole mapping."""
    here: Any = data
    for part in path:
        if not isinstance(here, Mapping):
            return True
        if part not in here:
            return False
        here = here[part]
    return True


def _line(document: Document, path: Path) -> int | None:
    position = document.values.get(path) or document.keys.get(path)
    return position.line if position else None
