"""`cx build`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.options import App, Debug, Env, Json
from cli.terminal import answer, console
from cygni.errors import UsageError

if TYPE_CHECKING:
    from cygni.builder.images.building import Built
    from cygni.builder.images.tools import Tool
    from cygni.spec import ProjectSpec
    from cygni.targets.fargate.clients import Clients
    from stacks.image_builds import ImageBuild

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
    from cli.images import built_image, tell
    from cli.session import load_project, spec_file
    from cygni.builder.images.inspection import demand, inspect
    from cygni.builder.images.tools import tool_of
    from cygni.targets.fargate.clients import Clients
    from stacks.image_builds import image_build
    from stacks.target import LOCAL, target_of

    file = spec_file(app)
    spec = load_project(app, env)
    if push and target_of(env) == LOCAL:
        raise UsageError(
            "the local cloud has no registry that images are pushed to",
            hint="It makes images by itself, of what `build.start` starts. Name an environment on AWS: -e staging",
        )
    builds = [image_build(spec, file.parent, name) for name in _chosen(spec, services or [])]
    if print_only:
        _print_dockerfile(builds)
        return
    if sign and not push:
        raise UsageError("--sign is for what is pushed", hint="Add --push.")
    demand(*(["syft"] if sbom else []), *(["trivy"] if scan else []), *(["cosign"] if sign else []))
    found = tool_of(tool)
    clients = Clients(_cloud(env, spec, builds))
    built = {one.service: built_image(one, found, clients) for one in builds}
    if sbom or scan:
        for name, image in built.items():
            to = sbom / f"{name}.cdx.json" if sbom else None
            inspect(found, image.reference, tell, sbom=to, scan=scan)
    pushed = {one.service: _pushed(one, found, clients, sign=sign) for one in builds} if push else {}
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


def _cloud(env: str, spec: ProjectSpec, builds: list[ImageBuild]) -> Mapping[str, str]:
    """The variables of the cloud that has the registry and the secrets; the local one is started for secrets alone."""
    from cygni.local_cloud import process
    from stacks.target import LOCAL, cloud_variables, target_of

    asked = target_of(env) == LOCAL and any(
        one.startswith("arn:") for build in builds for one in build.secrets.values()
    )
    return cloud_variables(env, process.start().endpoint if asked else "", spec.region)


def _print_dockerfile(builds: list[ImageBuild]) -> None:
    if len(builds) != 1:
        raise UsageError("--print is for one service", hint=f"Name it: cx build --print {builds[0].service}")
    typer.echo(builds[0].source.dockerfile, nl=False)


def _pushed(one: ImageBuild, tool: Tool, clients: Clients, *, sign: bool) -> str:
    """The address it has now; an image that is there stays, since a tag is pushed once."""
    from cli.images import tell
    from cygni.builder.images.inspection import sign as sign_image
    from cygni.targets.ecr import image_digest, repository_address
    from stacks.image_builds import push

    address = f"{repository_address(clients, one.repository)}:{one.tag}"
    there = image_digest(clients, one.repository, one.tag)
    if there is not None:
        console().print(f"{one.service}: {address} is there already, and stays", markup=False)
    else:
        push(one, tool, clients, tell)
        console().print(f"{one.service}: pushed as {address}", markup=False)
        there = image_digest(clients, one.repository, one.tag)
    if sign and there is not None:
        sign_image(address, there, tell)
    return address


def _details(built: Built) -> dict[str, Any]:
    return {
        "reference": built.reference,
        "image_id": built.image_id,
        "steps": built.steps,
        "cached": built.cached,
        "seconds": round(built.seconds, 1),
    }
