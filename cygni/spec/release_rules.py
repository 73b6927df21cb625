"""Rules about releases between services. They look at what was written, where any value may have any type."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from cygni.releases.settings import ReleaseSettings, Strategy
from cygni.releases.strategy import waves
from cygni.spec.section import Finding
from cygni.wording import did_you_mean, one_of, quoted

_KEEPS_RUNNING = ("web", "worker")


def release_findings(services: Mapping[Any, Any]) -> Iterator[Finding]:
    """What is wrong with jobs, dependencies and groups that services name."""
    kinds = {name: _get(service, "kind", "web") for name, service in services.items()}
    running = [name for name, kind in kinds.items() if kind in _KEEPS_RUNNING]
    yield from _unknown_jobs(services, kinds)
    known = True
    for finding in _unknown_dependencies(services, running):
        known = False
        yield finding
    yield from _odd_groups(services, running)
    if known:
        yield from _circles(services, running)


def _get(holder: Any, key: str, otherwise: Any = None) -> Any:
    """A key of a section or of what was written."""
    if isinstance(holder, Mapping):
        return holder.get(key, otherwise)
    return getattr(holder, key, otherwise)


def _release(service: Any, key: str) -> Any:
    return _get(_get(service, "release"), key)


def _unknown_jobs(services: Mapping[Any, Any], kinds: Mapping[Any, Any]) -> Iterator[Finding]:
    jobs = [name for name, kind in kinds.items() if kind == "job"]
    for name, service in services.items():
        job = _release(service, "before")
        if not isinstance(job, str) or job in jobs:
            continue
        what = f"is a {kinds[job]}, and no job" if job in kinds else f"is no service{did_you_mean(job, jobs)}"
        hint = f"the jobs are {one_of(jobs)}" if jobs else "add a service of `kind: job`"
        yield Finding(("services", name, "release", "before"), f"{quoted(job)} {what}", hint)


def _unknown_dependencies(services: Mapping[Any, Any], running: list[Any]) -> Iterator[Finding]:
    for name, service in services.items():
        for index, other in enumerate(_names(_release(service, "depends_on"))):
            path = ("services", name, "release", "depends_on", index)
            if other == name:
                yield Finding(path, f"{quoted(name)} depends on itself", "remove it")
            elif other not in running:
                meant = did_you_mean(other, running)
                hint = f"those that keep running are {one_of(running)}" if running else "none here does"
                yield Finding(path, f"{quoted(other)} is no service that keeps running{meant}", hint)


def _names(value: Any) -> list[str]:
    return [one for one in value if isinstance(one, str)] if isinstance(value, list | tuple) else []


def _odd_groups(services: Mapping[Any, Any], running: list[Any]) -> Iterator[Finding]:
    first: dict[str, Any] = {}
    for name in running:
        group = _release(services[name], "group")
        if not isinstance(group, str):
            continue
        path = ("services", name, "release", "group")
        if group in services:
            yield Finding(path, f"{quoted(group)} is the name of a service", "give the group another name")
        if group in first and _manner(services[name]) != _manner(services[first[group]]):
            message = f"{quoted(name)} is not released as {quoted(first[group])}, which is in the same group"
            hint = "give both the same strategy, and the same steps of a canary"
            yield Finding(path, message, hint, (("services", first[group], "release", "group"),))
        first.setdefault(group, name)


def _manner(service: Any) -> tuple[Any, ...]:
    strategy = _get(service, "strategy", Strategy.BLUE_GREEN)
    if strategy != Strategy.CANARY:
        return (strategy,)
    release = _get(service, "release")
    return strategy, _names_or_numbers(_get(release, "canary")), _get(release, "pause")


def _names_or_numbers(value: Any) -> Any:
    return tuple(value) if isinstance(value, list | tuple) else value


def _circles(services: Mapping[Any, Any], running: list[Any]) -> Iterator[Finding]:
    settings = {
        name: ReleaseSettings(
            depends_on=tuple(_names(_release(services[name], "depends_on"))),
            group=group if isinstance(group := _release(services[name], "group"), str) else "",
        )
        for name in running
        if isinstance(name, str)
    }
    try:
        waves(settings)
    except ValueError as error:
        circle = str(error).split(", ")
        inside = next(name for name, one in settings.items() if (one.group or name) in circle)
        message = f"{' → '.join([*circle, circle[0]])} is a circle: none of them can be first"
        related: Iterable[tuple[str, ...]] = (("services", inside, "release"),)
        yield Finding(
            ("services", inside, "release", "depends_on"),
            message,
            "take one of the dependencies away",
            tuple(related),
        )
