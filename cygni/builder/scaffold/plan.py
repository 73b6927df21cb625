"""The services of what was detected, and of what was answered (pure)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import Final, Literal

from cygni.builder.detect import Detection, Kind
from cygni.builder.detect.answer import Program
from cygni.builder.scaffold.bundle import DEFAULT_PORT, Bundle, bundle_of, in_shell, started
from cygni.spec.fields import RESERVED_BEGINNINGS

_FRONT: Final = ("web", "frontend", "front", "www", "site", "app", "ui", "client", "pages")
_PROJECT_LENGTH: Final = 24
_SERVICE_LENGTH: Final = 20


@dataclass(frozen=True, slots=True)
class PlannedService:
    """A service to be written. `context` is a folder below that of cygni.yaml, `because` what it was told by.

    `sure` is false where nothing tells whether it answers requests. `dockerfile` is a path below `context`. `member` is
    the folder of its program below `context`, where that is the root of its workspace. `process` starts it, where it is
    another process than the program's own.
    """

    name: str
    kind: Literal["web", "worker", "job"]
    bundle: Bundle
    context: str = "."
    port: int = DEFAULT_PORT
    path: str = "/"
    health_path: str = "/"
    because: str = ""
    sure: bool = True
    static: bool = False
    before: str | None = None
    dockerfile: str | None = None
    member: str = ""
    process: str | None = None


def project_name(wanted: str) -> str:
    """A name for a project that AWS takes everywhere: `My_Shop.v2` is `my-shop-v2`."""
    name = _plain(wanted, _PROJECT_LENGTH)
    if any(f"{name}-".startswith(f"{first}-") for first in RESERVED_BEGINNINGS):
        name = _plain(f"my-{name}", _PROJECT_LENGTH)
    return name if len(name) >= 2 else f"my-{name or 'project'}"


def _plain(wanted: str, longest: int) -> str:
    words = re.sub(r"[^a-z0-9]+", "-", wanted.lower())
    return re.sub(r"^[^a-z]+", "", words)[:longest].strip("-")


def services_of(found: Detection) -> list[PlannedService]:
    """What is to run of a folder, the one that answers at `/` first."""
    services = [one for one in _all_of(found) if _writable(one)]
    return _apart(services)


def _writable(service: PlannedService) -> bool:
    """Whether all of it can be written on one line; what cannot, nobody has typed."""
    return all(text.isprintable() for text in (service.bundle.start, *service.bundle.steps, service.context))


def _all_of(found: Detection) -> list[PlannedService]:
    services = _of_program(found.program, "web", ".", "")
    inside = found.program.language is not None
    if not services:
        for member in found.members:
            name = member.name.rpartition("/")[2]
            context, folder = (".", member.path) if inside else (member.path, "")
            services += _of_program(member.program, name, context, folder, found.program if inside else None)
    return services


def _of_program(
    program: Program, name: str, context: str, folder: str, root: Program | None = None
) -> list[PlannedService]:
    bundle = bundle_of(program)
    if bundle is None:
        return []
    if folder:
        bundle = _below(folder, bundle, root)
    kind: Literal["web", "worker"] = "worker" if program.kind is Kind.WORKER else "web"
    main = PlannedService(
        name=_plain("worker" if kind == "worker" and name == "web" else name, _SERVICE_LENGTH) or "web",
        kind=kind,
        bundle=bundle,
        context=context,
        port=program.port or DEFAULT_PORT,
        health_path=program.health_path or "/",
        because=_because(program),
        sure=program.kind is not None,
        static=program.kind is Kind.STATIC,
        dockerfile=_dockerfile(program, folder),
        member=folder,
    )
    return [main, *_other_processes(program, main, folder)]


def _dockerfile(program: Program, folder: str) -> str | None:
    """From the root of the workspace; None where it is written for the folder of its member alone."""
    if program.dockerfile is None or (folder and not program.dockerfile_from_root):
        return None
    return PurePosixPath(folder, program.dockerfile).as_posix()


def _other_processes(program: Program, main: PlannedService, folder: str) -> list[PlannedService]:
    """The processes of a Procfile beside the one that was taken: workers, and a job for `release`."""
    found = []
    for name, command in program.processes.items():
        if command == program.start_command:
            continue
        line = in_shell(started(program, command)) if not folder else in_shell(f"cd {folder} && {command}")
        kind: Literal["worker", "job"] = "job" if name == "release" else "worker"
        bundle = Bundle(main.bundle.steps, line, main.bundle.memory)
        found.append(
            PlannedService(
                _plain(name, _SERVICE_LENGTH) or "worker",
                kind,
                bundle,
                main.context,
                because=f"Procfile has {name}",
                member=main.member,
                process=command,
            )
        )
    return found


def _below(folder: str, bundle: Bundle, root: Program | None) -> Bundle:
    """The program of a member, made and started from the root, whose lock file and packages it shares."""
    install = root.install_command if root else None
    if root is not None and root.package_manager == "uv":
        bundle = _by_uv(folder, bundle, install)
        install = None
    steps = [step if step == install else f"cd {folder} && {step}" for step in bundle.steps]
    start = re.fullmatch(r"sh -c '(?:exec )?(.*)'", bundle.start)
    line = start[1] if start and "'" not in start[1] else bundle.start
    return Bundle(tuple(steps), in_shell(f"cd {folder} && exec {line}"), bundle.memory)


def _by_uv(folder: str, bundle: Bundle, install: str | None) -> Bundle:
    """uv installs what the member needs where it is asked to, and into the root's environment; not other members as
    links to where they are, since all of it is moved afterwards."""
    up = "../" * len(PurePosixPath(folder).parts)
    lines = [f"{step} --no-editable" if step == install else step for step in bundle.steps]
    steps = [line.replace(".venv/bin/", f"{up}.venv/bin/") for line in lines]
    return replace(bundle, steps=tuple(steps), start=bundle.start.replace(".venv/bin/", f"{up}.venv/bin/"))


def _because(program: Program) -> str:
    for about in ("framework", "start_command", "kind", "language"):
        reason = next((one for one in program.reasons if one.about == about), None)
        if reason:
            what = program.framework or program.language
            return f"{what}: {reason.because}" if what else reason.because
    return ""


def _apart(services: Iterable[PlannedService]) -> list[PlannedService]:
    """With names of their own, paths of their own, and the job before the release of the web service."""
    named: list[PlannedService] = []
    for service in services:
        name, number = service.name, 2
        while any(one.name == name for one in named):
            name, number = f"{service.name[: _SERVICE_LENGTH - 3]}-{number}", number + 1
        named.append(replace(service, name=name))
    webs = [one for one in named if one.kind == "web"]
    pages = [one for one in webs if one.static]
    front = next((one for one in webs if one.name in _FRONT), next(iter([*pages, *webs]), None))
    job = next((one.name for one in named if one.kind == "job"), None)
    found = []
    for service in named:
        if service.kind == "web":
            path = "/" if service is front else f"/{service.name}"
            found.append(replace(service, path=path, before=job if service is front else None))
        else:
            found.append(service)
    return sorted(found, key=lambda one: one.path != "/" or one.kind != "web")
