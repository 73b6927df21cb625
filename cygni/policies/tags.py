"""Whose a resource is, told by its tags."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from cygni.policies.limits import OWN_TAGS
from cygni.policies.rule import Level, Levels, ResourceRule, Scene
from cygni.policies.taggable import TAGGABLE_TYPES
from cygni.resources import UNKNOWN, Resource


def missing_tags(resource_type: str, inputs: Mapping[str, Any], wanted: Iterable[str]) -> tuple[str, ...]:
    """The keys of `wanted` that a resource lacks; none where that is not known or it cannot carry tags."""
    tags = inputs.get("tags")
    if resource_type not in TAGGABLE_TYPES or not (tags is None or isinstance(tags, Mapping)):
        return ()
    every = inputs.get("tagsAll")  # with what the provider adds by itself
    if every is UNKNOWN and tags is None:
        return ()
    there = {*(tags or {}), *(every if isinstance(every, Mapping) else ())}
    return tuple(key for key in wanted if key not in there)


def tags_of(urn: str) -> Mapping[str, str]:
    """The values that Cygni's own tags have in a program that Cygni does not run: from the resource's URN
    (`urn:pulumi:STACK::PROJECT::TYPE::NAME`). Empty for what is no URN."""
    parts = urn.removeprefix("urn:pulumi:").split("::")
    if not urn.startswith("urn:pulumi:") or len(parts) < 4:
        return {}
    stack, project = parts[:2]
    return dict(zip(OWN_TAGS, (project, stack, f"{project}.{stack}"), strict=True))


def _problems(resource: Resource, scene: Scene) -> Iterator[str]:
    missing = missing_tags(resource.type, resource.inputs, scene.limits.tags)
    if missing:
        yield f"lacks the tag{'' if len(missing) == 1 else 's'} {', '.join(missing)}"


REQUIRED_TAGS = ResourceRule(
    name="required-tags",
    checks=f"Everything that can carry tags has {', '.join(OWN_TAGS)}.",
    why="What has no tags belongs to nobody: it cannot be charged to a project, found after a failure, or cleaned up.",
    fix="Set these tags, on each resource or once in the provider's defaultTags.",
    levels=Levels.everywhere(Level.MANDATORY),
    types=TAGGABLE_TYPES,
    problems=_problems,
)
