"""What was changed outside of Cygni, from the events of a refresh (pure)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from cygni.naming import Part
from cygni.plan.events import ResourceState, StackEvent, StepEvent, name_of
from cygni.plan.model import Drift, PropertyChange
from cygni.plan.property_paths import value_at
from cygni.resources import is_cloud


def drift_in(part: Part, events: Iterable[StackEvent]) -> tuple[Drift, ...]:
    """The drift of a stack, by type and name, from all events of a preview of a refresh alone."""
    read = (event for event in events if isinstance(event, StepEvent) and is_cloud(event.type))
    found = [drift for event in read if (drift := drift_of(part, event)) is not None]
    return tuple(sorted(found, key=lambda drift: (drift.type, drift.name, drift.urn)))


def drift_of(part: Part, event: StepEvent) -> Drift | None:
    """What one reading of a resource found; None if it is as the state has it, or was not read yet."""
    if event.phase != "done" or event.old is None:
        return None
    gone = event.new is None
    if not gone and not event.diff:
        return None
    return Drift(
        part=part,
        urn=event.urn,
        type=event.type,
        name=name_of(event.urn),
        id=event.old.id,
        gone=gone,
        properties=() if event.new is None else _properties(event.diff, event.old, event.new),
    )


def _properties(
    diff: Mapping[str, str], old: ResourceState, new: ResourceState
) -> tuple[PropertyChange, ...]:
    """`before` is what the state has, `after` what the cloud has. Tags are told once: `tagsAll` repeats them."""
    paths = [path for path in diff if not path.startswith("tagsAll")] or list(diff)
    return tuple(PropertyChange(path, _value(old, path), _value(new, path)) for path in sorted(paths))


def _value(state: ResourceState, path: str) -> Any:
    found = value_at(state.outputs, path)
    return value_at(state.inputs, path) if found is None else found
