"""`cx init`."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from cli.options import Debug, Json
from cygni.errors import UsageError

if TYPE_CHECKING:
    from cygni.builder.detect import Detection
    from cygni.builder.scaffold.plan import PlannedService

EXAMPLES = (
    "cx init",
    "cx init --template fastapi shop",
    "cx init --ci github",
    'cx init --start "./serve" --port 8000',
)

_DEFAULT_REGION = "us-east-1"


class Forge(StrEnum):
    """Whose CI a pipeline is for."""

    GITHUB = "github"
    GITLAB = "gitlab"
    BITBUCKET = "bitbucket"


Folder = Annotated[
    Path, typer.Argument(metavar="FOLDER", help="The folder of the project.", show_default="here")
]
Template = Annotated[
    str | None, typer.Option("--template", metavar="NAME", help="Begin with a small program of this stack.")
]
Templates = Annotated[bool, typer.Option("--templates", help="List the templates.")]
Name = Annotated[str | None, typer.Option("--name", help="Name of the project.", show_default="the folder's")]
Region = Annotated[
    str | None, typer.Option("--region", help="AWS region.", show_default="AWS_REGION, us-east-1")
]
Start = Annotated[
    str | None,
    typer.Option("--start", metavar="COMMAND", help="What starts the program, where it is not found."),
]
Port = Annotated[
    int | None,
    typer.Option("--port", min=1, max=65535, help="Port the program listens on, where it is not found."),
]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask. Never overwrites a file.")]
Overwrite = Annotated[bool, typer.Option("--overwrite", help="Overwrite a cygni.yaml that is there.")]
Ci = Annotated[
    Forge | None,
    typer.Option(
        "--ci", help="Write a pipeline, too, that plans on pull requests and deploys what is merged."
    ),
]
Dockerfiles = Annotated[
    bool, typer.Option("--dockerfile", help="Write the Dockerfile too, to keep and to change.")
]
Explain = Annotated[bool, typer.Option("--explain", help="Tell what was detected, and why.")]


def init(
    folder: Folder = Path(),
    template: Template = None,
    templates: Templates = False,
    name: Name = None,
    region: Region = None,
    start: Start = None,
    port: Port = None,
    yes: Yes = False,
    overwrite: Overwrite = False,
    ci: Ci = None,
    dockerfile: Dockerfiles = False,
    explain: Explain = False,
    as_json: Json = False,
    debug: Debug = False,
) -> None:
    """Begin: write cygni.yaml and .dockerignore for what a folder holds, or for a template.

    Looks at the folder without running anything, asks for little, and overwrites nothing that is there.
    """
    from cli.init_pipeline import write_pipeline
    from cygni.builder.detect import detect
    from cygni.builder.scaffold.ignore import ignore_text, languages_of
    from cygni.builder.scaffold.template import template_for, write_template
    from cygni.builder.scaffold.writing import write_new
    from cygni.spec import FILE_NAME, parse_spec

    if templates:
        _list_templates(as_json=as_json)
        return
    spec = folder / FILE_NAME
    asked = not yes and not as_json
    if ci is not None and spec.exists() and not (overwrite or template or dockerfile):
        _add_pipeline(ci, folder, asked=asked, as_json=as_json)
        return
    overwrite = _may_write(spec, asked=asked, overwrite=overwrite)
    chosen = template_for(template, folder) if template else None
    # Nothing is written before all is answered: a template is looked at in a place of its own.
    with tempfile.TemporaryDirectory(prefix="cx-init-") as aside:
        if chosen:
            write_template(chosen, Path(aside))
        found = detect(Path(aside) if chosen else folder)
    if explain:
        from cli.detect import show

        show(found)
    services = _services(found, start, port, asked=asked)
    services, dockerfiles = _dockerfiles(folder, services) if dockerfile else (services, {})
    text = _text(folder, name, region, services, asked=asked)
    written = write_template(chosen, folder) if chosen else []
    kept: list[str] = []
    ignored = dict.fromkeys(
        (Path(service.context, ".dockerignore") for service in services),
        ignore_text(languages_of(found), everywhere=bool(found.members)),
    )
    contents = {Path(FILE_NAME): text} | ignored | dockerfiles
    for path, content in contents.items():
        new = write_new(folder / path, content, overwrite=overwrite and path.name == FILE_NAME)
        (written if new else kept).append(path.as_posix())
    if ci is not None:
        new, place = write_pipeline(ci, folder, parse_spec(text, str(spec), "local").region, asked=asked)
        (written if new else kept).append(place)
    _tell(folder, written, kept, services, found, as_json=as_json)


def _add_pipeline(forge: Forge, folder: Path, *, asked: bool, as_json: bool) -> None:
    """Of a project that has its cygni.yaml. Raises SpecError, UsageError."""
    from cli.init_pipeline import write_pipeline
    from cli.session import load_project
    from cli.terminal import answer

    new, path = write_pipeline(forge, folder, load_project(folder, "production").region, asked=asked)
    if as_json:
        here = {"written": [path] if new else [], "kept": [] if new else [path]}
        answer({"folder": str(folder.resolve()), **here, "services": [], "notes": []})
    else:
        _tell_files(folder, [path] if new else [], [] if new else [path])


def _may_write(spec: Path, *, asked: bool, overwrite: bool) -> bool:
    """Whether a cygni.yaml that is there is overwritten. Raises UsageError where it stays."""
    from cli.terminal import confirm, interactive

    if overwrite or not os.path.lexists(spec):
        return overwrite
    if asked and interactive():
        confirm(f"{spec} is there already. Overwrite it?", yes=False)
        return True
    raise UsageError(
        f"{spec} is there already, and nothing was written",
        hint="Change it by hand, or write it anew with --overwrite.",
    )


def _services(found: Detection, start: str | None, port: int | None, *, asked: bool) -> list[PlannedService]:
    from cli.terminal import ask, interactive
    from cygni.builder.scaffold.bundle import Bundle, in_shell
    from cygni.builder.scaffold.plan import PlannedService, services_of

    services = services_of(found)
    if start is not None:
        first = services[0] if services else PlannedService("web", "web", Bundle((), ""), because="--start")
        bundle = replace(first.bundle, start=in_shell(start))
        services = [replace(first, bundle=bundle, because="as --start has it"), *services[1:]]
    if not services:
        raise UsageError(
            "nothing tells what starts the program of this folder",
            hint="\n".join(
                [
                    *found.notes,
                    'Say it: cx init --start "./serve"   or begin with a template: cx init --templates',
                    "What is known of the folder: cx detect",
                ]
            ),
            details={"notes": list(found.notes)},
        )
    if port is not None:
        services[0] = replace(services[0], port=port)
    for index, service in enumerate(services):
        if asked and interactive() and service.kind == "web" and not service.sure:
            answered = ask(f"Does {service.name} answer HTTP requests? (yes or no)", "yes").lower()
            kind: Literal["web", "worker"] = "worker" if answered in ("n", "no") else "web"
            services[index] = replace(service, kind=kind, sure=True)
    return services


def _dockerfiles(
    folder: Path, services: Sequence[PlannedService]
) -> tuple[list[PlannedService], dict[Path, str]]:
    """As `dockerfiles` has it, from the base images that are pinned. Raises UsageError where Cygni knows no image."""
    from cygni.builder.images.base_lock import read_lock
    from cygni.builder.scaffold.dockerfiles import dockerfiles

    return dockerfiles(folder, services, read_lock(folder) or {})


def _text(
    folder: Path, name: str | None, region: str | None, services: Sequence[PlannedService], *, asked: bool
) -> str:
    from cli.terminal import ask
    from cygni.builder.scaffold.plan import project_name
    from cygni.builder.scaffold.text import spec_text
    from cygni.spec import FILE_NAME, parse_spec

    if name is None:
        own = project_name(folder.resolve().name)
        name = ask("Name of the project?", own) if asked else own
    region = region or os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION") or _DEFAULT_REGION
    text = spec_text(name, region, services)
    parse_spec(text, str(folder / FILE_NAME), "local")  # nothing is written that could not be read
    return text


def _tell(
    folder: Path,
    written: list[str],
    kept: list[str],
    services: Sequence[PlannedService],
    found: Detection,
    *,
    as_json: bool,
) -> None:
    from cli.terminal import answer
    from cygni.wording import one_line

    if as_json:
        document: dict[str, Any] = {
            "folder": str(folder.resolve()),
            "written": written,
            "kept": kept,
            "services": [
                {
                    "name": one.name,
                    "kind": one.kind,
                    "port": one.port if one.kind == "web" else None,
                    "sure": one.sure,
                }
                for one in services
            ],
            "notes": list(found.notes),
        }
        answer(document)
        return
    _tell_files(folder, written, kept)
    for service in services:
        what = f"{service.kind}, port {service.port}" if service.kind == "web" else service.kind
        told = f" ({one_line(service.because)})" if service.because else ""
        typer.echo(f"      {service.name}: {what}{told}", err=True)
        if not service.sure:
            typer.echo(
                f"      nothing tells whether {service.name} answers requests: see {folder / 'cygni.yaml'}",
                err=True,
            )
    for note in found.notes:
        typer.echo(f"note: {one_line(note)}", err=True)
    here = "" if folder == Path() else f"cd {folder} && "
    typer.echo(f"Next: {here}cx deploy", err=True)


def _tell_files(folder: Path, written: Sequence[str], kept: Sequence[str]) -> None:
    for file in written:
        typer.echo(f"wrote {folder / file}", err=True)
    for file in kept:
        typer.echo(f"left  {folder / file} as it is", err=True)


def _list_templates(*, as_json: bool) -> None:
    from cli.terminal import answer
    from cygni.builder.scaffold.template import templates

    found = templates()
    if as_json:
        answer({"templates": [{"name": one.name, "about": one.about} for one in found]})
        return
    width = max(len(one.name) for one in found)
    for one in found:
        typer.echo(f"{one.name:<{width}}  {one.about}", err=True)
