"""New code of services that are deployed, without the engine: for `cx dev`, where nothing else has changed.

The revision that the stacks made is registered again with another image, and released. The state of the stacks does not
know of it: their next deploy makes a revision of its own, which is what it would do anyway for another image.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, Final

from cygni.releases.settings import GateSettings, ReleaseSettings, Strategy
from cygni.spec import ProjectSpec
from cygni.targets.fargate.clients import Clients, asking
from cygni.targets.fargate.logs import CONTAINER

_KEPT: Final = (
    "family", "taskRoleArn", "executionRoleArn", "networkMode", "volumes", "placementConstraints",
    "requiresCompatibilities", "cpu", "memory", "runtimePlatform", "ephemeralStorage",
)  # fmt: skip
"""What of a description RegisterTaskDefinition takes as it is (ECS API reference)."""


def changed_images(before: ProjectSpec, after: ProjectSpec) -> frozenset[str] | None:
    """The services and jobs whose image is another, between two specifications that have their tags; None where
    anything else differs too (pure)."""
    if _without_tags(before) != _without_tags(after):
        return None
    return frozenset(name for name in after.services if _tag(before, name) != _tag(after, name))


def with_dependents(changed: Iterable[str], settings: Mapping[str, ReleaseSettings]) -> frozenset[str]:
    """What is to be released: services that wait for a changed job too, as jobs run before services alone (pure)."""
    names = frozenset(changed)
    return names | {name for name, one in settings.items() if one.before in names}


def hasty(settings: Mapping[str, ReleaseSettings], changed: Iterable[str]) -> dict[str, ReleaseSettings]:
    """How services are released while somebody waits for it: nothing is watched beyond the health check, the old
    colour stops at once, and jobs run only where they are new (pure)."""
    names = frozenset(changed)
    return {
        name: replace(
            one,
            strategy=one.strategy if one.strategy is Strategy.RECREATE else Strategy.BLUE_GREEN,
            canary=(),
            bake=0.0,
            warm=0.0,
            approve=False,
            before=one.before if one.before in names else "",
            crash_limit=1,
            gates=GateSettings(error_tolerance=None, latency_factor=None),
        )
        for name, one in settings.items()
    }


def with_revisions(
    outputs: Mapping[str, Any], spec: ProjectSpec, names: Iterable[str], clients: Clients
) -> dict[str, Any]:
    """The outputs of the services stack with new revisions, of the images of `spec`, for services and jobs of these
    names; crons are left as they are. Raises what `asking` raises."""
    found = {
        **outputs,
        "running": dict(outputs.get("running") or {}),
        "jobs": dict(outputs.get("jobs") or {}),
    }
    for name in names:
        for section, key in (("running", "taskDefinition"), ("jobs", "taskDefinitionArn")):
            one = found[section].get(name)
            if one is not None:
                revision = _register(clients, one[key], _tag(spec, name))
                found[section][name] = {**one, key: revision}
    return found


def _register(clients: Clients, revision: str, tag: str) -> str:
    """A revision like the one given, of the image with this tag; its ARN."""
    with asking(f"{revision} could not be registered with another image"):
        ecs = clients("ecs")
        answer = ecs.describe_task_definition(taskDefinition=revision, include=["TAGS"])
        known = answer["taskDefinition"]
        containers = [
            {**one, "image": f"{one['image'].rpartition(':')[0]}:{tag}"} if one["name"] == CONTAINER else one
            for one in known["containerDefinitions"]
        ]
        given = {key: known[key] for key in _KEPT if known.get(key)}
        if answer.get("tags"):
            given["tags"] = answer["tags"]
        made = ecs.register_task_definition(containerDefinitions=containers, **given)
    return str(made["taskDefinition"]["taskDefinitionArn"])


def _tag(spec: ProjectSpec, name: str) -> str:
    service = spec.services.get(name)
    build = service.build if service is not None else None
    return (build.tag or "") if build is not None else ""


def _without_tags(spec: ProjectSpec) -> ProjectSpec:
    services = {}
    for name, service in spec.services.items():
        build = service.build
        if build is None or not build.made_locally:
            services[name] = service
        else:
            bare = build.model_copy(update={"tag": None})
            services[name] = service.model_copy(update={"build": bare})
    return spec.model_copy(update={"services": services})
