"""From a document to one environment's specification: defaults, overrides, and every problem with its place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from pydantic import TypeAdapter, ValidationError

from cygni.spec.fields import STANDING_ENVIRONMENTS, EnvironmentName
from cygni.spec.model import ProjectSpec
from cygni.spec.section import Finding, Path, findings_of
from cygni.spec.sizes import sized
from cygni.spec.yaml_document import BOOLEAN_IN_YAML_1_1, Document, Position, Problem
from cygni.wording import did_you_mean, one_of, quoted

MAX_ENVIRONMENTS: Final = 32
ENOUGH: Final = 100  # problems of the top level, after which the environments are not looked at
_ANY: Final = "*"
_MAPPINGS: Final[tuple[Path, ...]] = (
    ("network",),
    ("services",),
    ("services", _ANY),
    ("services", _ANY, "build"),
    ("services", _ANY, "env"),
    ("services", _ANY, "secrets"),
    ("services", _ANY, "health_check"),
    ("services", _ANY, "release"),
    ("services", _ANY, "release", "gates"),
    ("services", _ANY, "release", "gates", "http"),
    ("services", _ANY, "release", "gates", "http", _ANY),
    ("services", _ANY, "autoscale"),
    ("services", _ANY, "spot"),
    ("services", _ANY, "thresholds"),
    ("buckets",),
    ("buckets", _ANY),
    ("buckets", _ANY, "lifecycle"),
    ("databases",),
    ("databases", _ANY),
    ("caches",),
    ("caches", _ANY),
    ("kubernetes", "node_groups"),
    ("kubernetes", "node_groups", _ANY),
    ("security",),
    ("cost",),
    ("policies",),
    ("policies", "levels"),
    ("queues",),
    ("queues", _ANY),
    ("topics",),
    ("topics", _ANY),
    ("topics", _ANY, "subscriptions"),
    ("topics", _ANY, "subscriptions", _ANY),
    ("topics", _ANY, "subscriptions", _ANY, "filter"),
    ("usage",),
)
"""Where nothing written stands for an empty mapping, at the top level and in an environment."""

_environment_name: TypeAdapter[str] = TypeAdapter(EnvironmentName)


def resolve(document: Document, environment: str) -> tuple[ProjectSpec | None, list[Problem]]:
    """The specification for `environment`, or the problems of the whole file.

    The top level must be right on its own, and so must every environment once its overrides are merged in:
    a mistake in one environment is told whichever is asked for.
    """
    problems = list(document.problems)
    if not document.complete:
        return None, problems
    if document.empty:
        return None, problems or [_empty()]
    if not isinstance(document.data, dict):
        hint = "write `key: value` lines, starting with `project: NAME`"
        found = f"should be a mapping, not {quoted(document.data)}"
        return None, problems or [Problem(document.values.get((), Position(1, 1)), (), found, hint)]
    problems += _settle_scalars(document)
    base = {key: value for key, value in document.data.items() if key != "environments"}
    overrides, wrong = _environments(document)
    spec, findings = validated(base, environment if environment not in overrides else "local")
    problems += [*wrong, *_at_top(document, findings)]
    known = {(finding.path, finding.message) for finding in findings}
    if len(problems) > ENOUGH:
        overrides = {}
    for name, override in overrides.items():
        resolved, faults = validated(merged(base, override), name if is_environment(name) else "local")
        problems += _in_environment(document, name, _misnamed(faults, base, override), known)
        if name == environment:
            spec = resolved
    return (None if problems else spec), sorted(problems, key=lambda problem: problem.position)


def merged(base: Mapping[str, Any], override: Mapping[str, Any]) -> dict[str, Any]:
    """The top level with an environment's overrides laid over it: mappings merge, everything else replaces.

    `image` and `build` of a service exclude each other, so an override that has one of them replaces both.
    """
    services, changes = base.get("services"), override.get("services")
    if isinstance(services, Mapping) and isinstance(changes, Mapping):
        services = {name: _without_source(old, changes.get(name)) for name, old in services.items()}
        base = {**base, "services": services}
    return _laid_over(base, override)


def _without_source(service: Any, change: Any) -> Any:
    if isinstance(service, Mapping) and isinstance(change, Mapping) and {"image", "build"} & change.keys():
        dropped = {"image", "build"} - change.keys()
        return {key: value for key, value in service.items() if key not in dropped}
    return service


def _laid_over(base: Mapping[str, Any], override: Mapping[str, Any]) -> dict[str, Any]:
    result = dict(base)
    for key, value in override.items():
        former = result.get(key)
        if isinstance(former, Mapping) and isinstance(value, Mapping):
            result[key] = _laid_over(former, value)
        else:
            result[key] = value
    return result


def is_environment(name: str) -> bool:
    """Whether `name` may be an environment: local, staging, production or preview-NAME."""
    try:
        _environment_name.validate_python(name, strict=True)
    except ValidationError:
        return False
    return True


def validated(data: dict[str, Any], environment: str) -> tuple[ProjectSpec | None, list[Finding]]:
    """The specification that `data`, written for `environment`, makes with the defaults of its size; or findings."""
    written = [ProjectSpec.unknown_key("environment")] if "environment" in data else []
    try:
        spec = ProjectSpec.model_validate(sized(data, environment) | {"environment": environment})
    except ValidationError as error:
        return None, [*written, *findings_of(error)]
    return (None if written else spec), written


def _misnamed(findings: list[Finding], base: Mapping[str, Any], override: Mapping[str, Any]) -> list[Finding]:
    """`findings`, but of a service that only the override knows and that is incomplete, one: its name.

    `services: {wbe: {count: 2}}` is a mistyped `web` rather than a new service without an image.
    """
    known, changed = base.get("services"), override.get("services")
    if not isinstance(known, Mapping) or not isinstance(changed, Mapping) or not known:
        return findings
    for name in changed.keys() - known.keys():
        meant = did_you_mean(name, known)
        without_source = (
            not isinstance(changed[name], Mapping) or not {"image", "build"} & changed[name].keys()
        )
        if without_source:
            findings = [finding for finding in findings if finding.path[:2] != ("services", name)]
            message = f"no such service at the top level{meant}"
            hint = f"the services are {one_of(map(quoted, known))}; a new one needs `image` or `build`"
            findings.append(Finding(("services", name), message, hint, at_key=True))
    return findings


def _empty() -> Problem:
    hint = "start with `project:`, `region:` and `services:`; examples/hello/cygni.yaml shows how"
    return Problem(Position(1, 1), (), "is empty", hint)


def _settle_scalars(document: Document) -> list[Problem]:
    """Turns nothing into an empty mapping where one is meant, and numbers in `env` into text, in place."""
    problems: list[Problem] = []
    _settle(document, document.data, (), problems)
    return problems


def _settle(document: Document, container: Any, path: Path, problems: list[Problem]) -> None:
    items = list(container.items()) if isinstance(container, dict) else list(enumerate(container))
    for key, value in items:
        here = (*path, key)
        if isinstance(value, dict | list):
            _settle(document, value, here, problems)
        elif here in document.refused:
            continue
        elif value is None and _is_mapping(here):
            container[key] = {}
        elif value is None:
            hint = 'write a value, or remove the line; empty text is ""'
            problems.append(Problem(_position(document, here, at_key=True), here, "has no value", hint))
            _refuse(document, container, key, here)
        elif _is_variable(here) and (isinstance(value, bool) or _reads_as_boolean(document, here)):
            text = document.written[here]
            message = f"{text} is true or false to YAML, and an environment variable is text"
            problems.append(Problem(_position(document, here), here, message, f'put it in quotes: "{text}"'))
            _refuse(document, container, key, here)
        elif _is_variable(here) and isinstance(value, int | float):
            container[key] = document.written[here]


def _refuse(document: Document, container: Any, key: Any, path: Path) -> None:
    document.refused.add(path)
    if isinstance(container, dict):
        del container[key]


def _reads_as_boolean(document: Document, path: Path) -> bool:
    return document.ambiguous.get(path) == BOOLEAN_IN_YAML_1_1


def _without_environment(path: Path) -> Path:
    return path[2:] if path[:1] == ("environments",) else path


def _is_mapping(path: Path) -> bool:
    if path[:1] == ("environments",) and len(path) <= 2:
        return True
    inner = _without_environment(path)
    return any(
        len(inner) == len(pattern)
        and all(want in (_ANY, part) for part, want in zip(inner, pattern, strict=True))
        for pattern in _MAPPINGS
    )


def _is_variable(path: Path) -> bool:
    inner = _without_environment(path)
    return len(inner) == 4 and inner[0] == "services" and inner[2] == "env"


def _environments(document: Document) -> tuple[dict[str, dict[str, Any]], list[Problem]]:
    """The overrides by environment, and what is wrong with their names and shape."""
    written = document.data.get("environments", {})
    path: Path = ("environments",)
    if not isinstance(written, dict):
        hint = "write `NAME:` lines, indented, under it"
        message = f"should be a mapping, not {quoted(written)}"
        return {}, [Problem(_position(document, path), path, message, hint)]
    if len(written) > MAX_ENVIRONMENTS:
        hint = "a preview environment needs no entry unless it differs"
        message = f"has more than {MAX_ENVIRONMENTS} entries"
        return {}, [Problem(_position(document, path), path, message, hint)]
    overrides: dict[str, dict[str, Any]] = {}
    problems = []
    for name, override in written.items():
        here = (*path, name)
        if not is_environment(name):
            problems.append(_bad_name(document, name, here))
        if not isinstance(override, dict):
            message = f"should be a mapping, not {quoted(override)}"
            hint = "write what differs from the top level, indented, under it"
            problems.append(Problem(_position(document, here), here, message, hint))
            continue
        overrides[name] = {key: value for key, value in override.items() if key not in _NOT_IN_OVERRIDES}
        for key in _NOT_IN_OVERRIDES & override.keys():
            message = "cannot differ between environments" if key == "project" else "unknown key"
            hint = "it belongs at the top level" if key != "environment" else "remove it"
            problems.append(
                Problem(_position(document, (*here, key), at_key=True), (*here, key), message, hint)
            )
    return overrides, problems


_NOT_IN_OVERRIDES: Final = frozenset({"project", "environment", "environments"})


def _bad_name(document: Document, name: str, path: Path) -> Problem:
    message = f"{quoted(name)} is not an environment{did_you_mean(name, STANDING_ENVIRONMENTS)}"
    return Problem(_position(document, path, at_key=True), path, message, ENVIRONMENT_NAMES)


ENVIRONMENT_NAMES: Final = (
    f"environments are {one_of((*STANDING_ENVIRONMENTS, 'preview-NAME'))}, "
    "NAME being lower-case letters, digits and single hyphens; 32 characters in all"
)


def _position(document: Document, path: Path, *, at_key: bool = False) -> Position:
    """Where `path` is written; of something missing, where what should hold it is."""
    if not at_key and path in document.written:
        return document.values[path]
    while path:
        if place := document.keys.get(path) or document.values.get(path):
            return place
        path = path[:-1]
    return Position(1, 1)


def _hint(document: Document, path: Path, finding: Finding) -> str | None:
    why = document.ambiguous.get(path)
    if why and finding.message.startswith("should be a whole number"):
        return f"{quoted(document.written[path])} is {why}: write plain decimal digits"
    return finding.hint


def _is_consequence(document: Document, path: Path, finding: Finding, prefix: Path = ()) -> bool:
    """Whether the value in question was refused already, for a reason that was told."""
    asked = [path, *((*prefix, *near) for near in finding.related)]
    return any(near[:length] in document.refused for near in asked for length in range(1, len(near) + 1))


def _at_top(document: Document, findings: list[Finding]) -> Iterator[Problem]:
    for finding in findings:
        if not _is_consequence(document, finding.path, finding):
            related = [near for near in finding.related if near in document.values]
            unwritten = related and finding.path not in document.values
            cause = related[0] if unwritten else finding.path
            place = _position(document, cause, at_key=finding.at_key)
            hint = _hint(document, finding.path, finding)
            yield Problem(place, finding.path, finding.message, hint)


def _in_environment(
    document: Document, name: str, findings: list[Finding], known: set[tuple[Path, str]]
) -> Iterator[Problem]:
    """The problems an environment's overrides bring; those of the top level were told there (`known`)."""
    prefix: Path = ("environments", name)
    for finding in findings:
        path = (*prefix, *finding.path)
        own = path in document.written or (finding.at_key and path in document.keys)
        if (finding.path, finding.message) in known and not own:
            continue
        if _is_consequence(document, path, finding, prefix) or _is_consequence(
            document, finding.path, finding
        ):
            continue
        related = [(*prefix, *near) for near in finding.related if (*prefix, *near) in document.values]
        cause = path if own or not related else related[0]
        place = _position(document, cause, at_key=finding.at_key)
        yield Problem(place, path, finding.message, _hint(document, path, finding))
