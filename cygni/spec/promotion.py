"""What an environment becomes when it is given what another one runs (pure).

A release is what is the same wherever it runs: image, command, port, variables, processor and the time to stop.
What cygni.yaml writes under an environment belongs to that environment and stays there, images apart: they are what
promotion is for. Everything else, sizes above all, is the receiving environment's own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from cygni.errors import NotPromotable, SpecError
from cygni.spec.layers import Layers
from cygni.spec.model import ProjectSpec
from cygni.spec.resolve import validated
from cygni.spec.services import WebService
from cygni.wording import one_line, shown_path

_FOLLOWS_ITS_IMAGE = ("architecture",)
_OF_THE_RELEASE = ("command", "port", "stop_timeout", *_FOLLOWS_ITS_IMAGE)


@dataclass(frozen=True, slots=True)
class ServiceRelease:
    """What one service runs. Of `image` and `tag` one is given: a tag is in the service's own repository.

    `environment` are the variables that cygni.yaml gives, without those of what the service is bound to;
    `stop_timeout` is in seconds, `port` None for a service that listens on none.
    """

    architecture: str
    stop_timeout: int
    image: str = ""
    tag: str = ""
    environment: Mapping[str, str] = field(default_factory=dict)
    command: tuple[str, ...] = ()
    port: int | None = None

    @property
    def shown_image(self) -> str:
        """The image as people are told of it."""
        return self.image or f"tag {self.tag}"


def promoted(source: Layers, target: Layers, releases: Mapping[str, ServiceRelease]) -> ProjectSpec:
    """The specification of `target` with the releases that are deployed in `source`.

    Raises NotPromotable if the two do not have the same services, SpecError if the whole is not valid.
    """
    written = target.written
    services: Mapping[str, Any] = written.get("services") or {}
    given = {name: one for name, one in releases.items() if name in services}
    _refuse_other_services(source, target, services, releases)
    _refuse_other_kinds(target.spec, given, source.environment)
    promoted_services = {
        name: _with_release(
            dict(entry or {}), given[name], _own(source, name), _own(target, name), _is_web(target, name)
        )
        if name in given
        else entry
        for name, entry in services.items()
    }
    spec, findings = validated({**written, "services": promoted_services}, target.environment)
    if spec is None:
        told = [one_line(f"{shown_path(one.path)}: {one.message}") for one in findings]
        raise SpecError(
            f"what {source.environment} runs does not fit {target.environment}:\n" + "\n".join(told),
            hint=f"See what is written under environments: {target.environment}: in cygni.yaml.",
        )
    return spec


def differences(promoted_spec: ProjectSpec, target: ProjectSpec) -> dict[str, list[str]]:
    """By service, the keys in which a promoted specification is not what cygni.yaml says for the environment."""
    found: dict[str, list[str]] = {}
    for name, service in promoted_spec.services.items():
        new, old = service.model_dump(mode="json"), target.services[name].model_dump(mode="json")
        if keys := [key for key in new if new[key] != old.get(key)]:
            found[name] = keys
    return found


def _own(layers: Layers, name: str) -> Mapping[str, Any]:
    """What is written of a service under the environment alone."""
    return (layers.override.get("services") or {}).get(name) or {}


def _is_web(layers: Layers, name: str) -> bool:
    return isinstance(layers.spec.services[name], WebService)


def _with_release(
    entry: dict[str, Any],
    release: ServiceRelease,
    theirs: Mapping[str, Any],
    own: Mapping[str, Any],
    is_web: bool,
) -> dict[str, Any]:
    """A service's entry with a release; `theirs` and `own` is what the two environments write of it themselves."""
    values = {
        "command": list(release.command) or None,
        "port": release.port if is_web else None,
        "stop_timeout": release.stop_timeout,
        "architecture": release.architecture,
    }
    kept = {*own, *(key for key in theirs if key not in _FOLLOWS_ITS_IMAGE)}
    result = {**entry, **{key: values[key] for key in _OF_THE_RELEASE if key not in kept}}
    build = result.pop("build", None) or {}
    if release.tag:
        result.pop("image", None)
        result["build"] = {**build, "tag": release.tag}
    else:
        result["image"] = release.image
    result["env"] = _variables(entry, release, {*(theirs.get("env") or {}), *(own.get("env") or {})})
    return {key: value for key, value in result.items() if value is not None}


def _variables(entry: Mapping[str, Any], release: ServiceRelease, kept: Iterable[str]) -> dict[str, str]:
    """The release's variables, but for those that one of the environments writes for itself."""
    kept = set(kept)
    mine = {name: value for name, value in (entry.get("env") or {}).items() if name in kept}
    return {**{name: value for name, value in release.environment.items() if name not in kept}, **mine}


def _refuse_other_services(
    source: Layers, target: Layers, services: Mapping[str, Any], releases: Mapping[str, ServiceRelease]
) -> None:
    there = source.written.get("services") or {}
    own = source.override.get("services") or {}
    missing = sorted(name for name in services if name in there and name not in releases)
    strange = sorted(name for name in releases if name not in services and name not in own)
    told = []
    if missing:
        told.append(f"not deployed in {source.environment}: {', '.join(missing)}")
    if strange:
        told.append(f"deployed in {source.environment} and not in cygni.yaml: {', '.join(strange)}")
    if told:
        raise NotPromotable(
            f"{source.environment} and {target.environment} do not have the same services ({'; '.join(told)})",
            hint=f"Deploy first what cygni.yaml says by now: cx deploy -e {source.environment}",
            details={"missing": missing, "strange": strange},
        )


def _refuse_other_kinds(spec: ProjectSpec, given: Mapping[str, ServiceRelease], source: str) -> None:
    changed = sorted(
        name
        for name, release in given.items()
        if isinstance(spec.services[name], WebService) != (release.port is not None)
    )
    if changed:
        raise NotPromotable(
            f"what cygni.yaml has as a web service is none in {source}, or the other way: {', '.join(changed)}",
            hint=f"Deploy first what cygni.yaml says by now: cx deploy -e {source}",
            details={"services": changed},
        )
