"""`cx build`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.options import App, Debug, Env, Json
from cli.terminal import answer, console
from cygni.errors import UsageError

if TYPE_CHECKING:
    from cygni.builder.images.building import Built
    from cygni.builder.images.sources import ImageSource
    from cygni.builder.images.tools import Tool
    from cygni.spec import ProjectSpec

_PLATFORMS = {"x86_64": "linux/amd64", "arm64": "linux/arm64"}

Services = Annotated[
    list[str] | None, typer.Argument(metavar="[SERVICE]...", help="Services to build.", show_default="all")
]
ToolName = Annotated[
    str | None,
    typer.Option(
        "--tool",
        metavar="NAME",
        envvar="CYGNI_BUILD_TOOL",
        help="docker, podman or buildah.",
        show_default="the first that works",
    ),
]
Push = Annotated[
    bool, typer.Option("--push", help="Push to the environment's ECR repositories, where a deploy looks.")
]
Sbom = Annotated[
    Path | None,
    typer.Option(
        "--sbom",
        metavar="FOLDER",
        help="Write SERVICE.cdx.json there: what is in the image, by Syft (CycloneDX).",
    ),
]
Scan = Annotated[
    bool, typer.Option("--scan", help="Stop for high and critical vulnerabilities that are mended, by Trivy.")
]
Sign = Annotated[bool, typer.Option("--sign", help="Sign what is pushed, by Cosign.")]
Print = Annotated[
    bool, typer.Option("--print", help="Print the Dockerfile of the service, and build nothing.")
]


def build(
    services: Services = None,
    app: App = None,
    env: Env = "local",
    tool: ToolName = None,
    push: Push = False,
    sbom: Sbom = None,
    scan: Scan = False,
    sign: Sign = False,
    print_only: Print = False,
    as_json: Json = False,
    debug: Debug = False,
) -> None:
    """Build the images of services from source, with their Dockerfile or one that Cygni writes.

    Each has the tag that a deploy to the environment expects. With --push it is put there; nothing is deployed.
    """
    from cli.session import load_project, spec_file
    from cygni.builder.images.inspection import demand, inspect
    from cygni.builder.images.tools import tool_of
    from stacks.builds import with_tags
    from stacks.target import LOCAL, target_of

    file = spec_file(app)
    spec = load_project(app, env)
    if push and target_of(env) == LOCAL:
        raise UsageError(
            "the local cloud has no registry that images are pushed to",
            hint="It makes images by itself, of what `build.start` starts. Name an environment on AWS: -e staging",
        )
    chosen = _chosen(spec, services or [])
    sources = {name: _source(spec, name, file.parent) for name in chosen}
    if print_only:
        _print_dockerfile(sources)
        return
    if sign and not push:
        raise UsageError("--sign is for what is pushed", hint="Add --push.")
    demand(*(["syft"] if sbom else []), *(["trivy"] if scan else []), *(["cosign"] if sign else []))
    spec, found = with_tags(spec, file.parent), tool_of(tool)
    built = {name: _built(spec, name, source, found) for name, source in sources.items()}
    if sbom or scan:
        for name, one in built.items():
            inspect(found, one.reference, _tell, sbom=sbom / f"{name}.cdx.json" if sbom else None, scan=scan)
    pushed = {name: _pushed(spec, name, found, one, sign=sign) for name, one in built.items()} if push else {}
    if as_json:
        images = [
            {"service": name, **_details(one), "pushed": pushed.get(name)} for name, one in built.items()
        ]
        answer({"images": images})


def _chosen(spec: ProjectSpec, named: list[str]) -> list[str]:
    """Raises UsageError for a service that is none, or is not built."""
    from cygni.spec.wording import did_you_mean

    buildable = [name for name, service in spec.services.items() if service.build is not None]
    for name in named:
        if name not in buildable:
            why = (
                "runs an image that is made elsewhere"
                if name in spec.services
                else "is no service of cygni.yaml"
            )
            raise UsageError(
                f"{name} {why}{did_you_mean(name, buildable)}", hint="Services that are built have `build`."
            )
    if not buildable:
        raise UsageError("no service of cygni.yaml is built", hint="Give one `build` in place of `image`.")
    return named or buildable


def _source(spec: ProjectSpec, name: str, folder: Path) -> ImageSource:
    from cygni.builder.images.sources import image_source

    build = spec.services[name].build
    assert build is not None
    named = build.dockerfile if "dockerfile" in build.model_fields_set else None
    return image_source((folder / build.context).resolve(), named)


def _print_dockerfile(sources: dict[str, ImageSource]) -> None:
    if len(sources) != 1:
        raise UsageError(
            "--print is for one service", hint=f"Name it: cx build --print {next(iter(sources))}"
        )
    [source] = sources.values()
    typer.echo(source.dockerfile, nl=False)


def _built(spec: ProjectSpec, name: str, source: ImageSource, tool: Tool) -> Built:
    from cygni.builder.images.building import build_source
    from cygni.naming import repository_name

    people, service = console(), spec.services[name]
    assert service.build is not None
    origin = "a Dockerfile that Cygni wrote" if source.written else "its Dockerfile"
    people.print(f"{name}: from {origin}, with {tool.name}", markup=False)
    reference = f"{repository_name(spec.project, spec.environment, name)}:{service.build.tag}"
    done = build_source(tool, source, reference, _PLATFORMS[service.architecture.value], _tell)
    from_cache = f"{done.cached} of {done.steps} steps from the cache"
    people.print(f"{name}: {done.reference} in {done.seconds:.1f} s, {from_cache}", markup=False)
    return done


def _pushed(spec: ProjectSpec, name: str, tool: Tool, built: Built, *, sign: bool) -> str:
    """The address it has now; an image that is there stays, since a tag is pushed once."""
    from cygni.builder.images.inspection import sign as sign_image
    from cygni.builder.images.publishing import publish
    from cygni.naming import repository_name
    from cygni.targets.ecr import image_digest, login, repository_address
    from cygni.targets.fargate.clients import Clients
    from stacks.target import cloud_variables

    clients = Clients(cloud_variables(spec.environment, "", spec.region))
    repository = repository_name(spec.project, spec.environment, name)
    tag = built.reference.rpartition(":")[2]
    address = f"{repository_address(clients, repository)}:{tag}"
    there = image_digest(clients, repository, tag)
    if there is not None:
        console().print(f"{name}: {address} is there already, and stays", markup=False)
    else:
        publish(tool, built.reference, address, login(clients), _tell)
        console().print(f"{name}: pushed as {address}", markup=False)
        there = image_digest(clients, repository, tag)
    if sign and there is not None:
        sign_image(address, there, _tell)
    return address


def _tell(line: str) -> None:
    console().print(f"  {line}", markup=False, highlight=False)


def _details(built: Built) -> dict[str, Any]:
    return {
        "reference": built.reference,
        "image_id": built.image_id,
        "steps": built.steps,
        "cached": built.cached,
        "seconds": round(built.seconds, 1),
    }
