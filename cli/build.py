"""`cx build`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.options import App, BuildTool, CodeBuildProject, Debug, Env, Json
from cli.terminal import answer, console
from cygni.errors import UsageError

if TYPE_CHECKING:
    from cli.remote_builds import BuildChoice
    from cygni.builder.images.building import Built
    from cygni.builder.images.tools import Tool
    from cygni.spec import ProjectSpec
    from cygni.targets.fargate.clients import Clients
    from stacks.image_builds import ImageBuild

EXAMPLES = (
    "cx build",
    "cx build web --print",
    "cx build -e staging --push",
)

Services = Annotated[
    list[str] | None, typer.Argument(metavar="SERVICE", help="Services to build.", show_default="all")
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
UpdateBases = Annotated[
    bool,
    typer.Option(
        "--update-bases", help="Ask for the digests of base images anew, and keep them in cygni.lock."
    ),
]
Print = Annotated[
    bool, typer.Option("--print", help="Print the Dockerfile of the service, and build nothing.")
]


def build(
    services: Services = None,
    app: App = None,
    env: Env = "local",
    tool: BuildTool = None,
    codebuild_project: CodeBuildProject = None,
    push: Push = False,
    sbom: Sbom = None,
    scan: Scan = False,
    sign: Sign = False,
    update_bases: UpdateBases = False,
    print_only: Print = False,
    as_json: Json = False,
    debug: Debug = False,
) -> None:
    """Build the images of services from source, with their Dockerfile or one that Cygni writes.

    Each has the tag that a deploy to the environment expects. With --push it is put there; nothing is deployed.
    """
    from cli.images import built_image, tell
    from cli.remote_builds import BuildChoice
    from cli.session import load_project, spec_file
    from cygni.builder.images.inspection import demand, inspect
    from cygni.builder.images.tools import tool_of
    from cygni.targets.fargate.clients import Clients
    from stacks.image_builds import image_build

    file = spec_file(app)
    spec = load_project(app, env)
    builds = [image_build(spec, file.parent, name) for name in _chosen(spec, services or [])]
    if (update_bases or not print_only) and _pinned(builds, file.parent, renew=update_bases):
        builds = [image_build(spec, file.parent, one.service) for one in builds]
    if print_only:
        _print_dockerfile(builds)
        return
    choice = BuildChoice(tool, codebuild_project)
    if choice.remote:
        images = _built_elsewhere(spec, builds, choice, sign=sign, scan=scan, sbom=sbom is not None)
        if as_json:
            answer({"images": images})
        return
    if sign and not push:
        raise UsageError("--sign is for what is pushed", hint="Add --push.")
    demand(*(["syft"] if sbom else []), *(["trivy"] if scan else []), *(["cosign"] if sign else []))
    found = tool_of(tool)
    clients = Clients(_cloud(env, spec, builds, push=push))
    there = _digests(builds, clients) if push else {}
    built = {one.service: built_image(one, found, clients) for one in builds}
    if sbom or scan:
        for name, image in built.items():
            to = sbom / f"{name}.cdx.json" if sbom else None
            inspect(found, image.reference, tell, sbom=to, scan=scan)
    pushed = _pushed(builds, there, found, clients, sign=sign) if push else {}
    if as_json:
        images = [
            {"service": name, **_details(one), "pushed": pushed.get(name)} for name, one in built.items()
        ]
        answer({"images": images})


def _chosen(spec: ProjectSpec, named: list[str]) -> list[str]:
    """Raises UsageError for a service that is none, or is not built."""
    from cygni.wording import did_you_mean

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


def _pinned(builds: list[ImageBuild], folder: Path, *, renew: bool) -> bool:
    """Whether base images have other digests now."""
    from stacks.base_pins import pin_bases

    def tell(line: str) -> None:
        console().print(line, markup=False, highlight=False, soft_wrap=True)

    return pin_bases(builds, folder, tell, renew=renew)


def _cloud(env: str, spec: ProjectSpec, builds: list[ImageBuild], *, push: bool) -> Mapping[str, str]:
    """The variables of the cloud that has the registry and the secrets; the local one is started for them alone."""
    from cygni.local_cloud import process
    from stacks.target import LOCAL, cloud_variables, target_of

    secrets = any(one.startswith("arn:") for build in builds for one in build.secrets.values())
    start = target_of(env) == LOCAL and (push or secrets)
    return cloud_variables(env, process.start().endpoint if start else "", spec.region)


def _built_elsewhere(
    spec: ProjectSpec, builds: list[ImageBuild], choice: BuildChoice, *, sign: bool, scan: bool, sbom: bool
) -> list[dict[str, Any]]:
    """What was built and pushed elsewhere, for programs."""
    from cli.images import tell
    from cli.remote_builds import build_elsewhere, refuse_what_stays_here, remote_builder
    from cygni.builder.images.inspection import demand
    from cygni.builder.images.inspection import sign as sign_image
    from cygni.targets.fargate.clients import Clients
    from stacks.target import LOCAL, cloud_variables, target_of

    refuse_what_stays_here(sbom=sbom, scan=scan, local=target_of(spec.environment) == LOCAL)
    demand(*(["cosign"] if sign else []))
    clients = Clients(cloud_variables(spec.environment, "", spec.region))
    done = build_elsewhere(builds, spec.region, clients, remote_builder(choice, clients))
    for one in done.values() if sign else ():
        sign_image(one["pushed"], one["digest"], tell)
    return [{"service": name, **one} for name, one in done.items()]


def _print_dockerfile(builds: list[ImageBuild]) -> None:
    if len(builds) != 1:
        raise UsageError("--print is for one service", hint=f"Name it: cx build --print {builds[0].service}")
    typer.echo(builds[0].source.dockerfile, nl=False)


def _digests(builds: list[ImageBuild], clients: Clients) -> dict[str, str | None]:
    """What is in the repositories under the tags. Raises NotFound where a repository is missing."""
    from cygni.targets.ecr import image_digest

    return {one.service: image_digest(clients, one.repository, one.tag) for one in builds}


def _pushed(
    builds: list[ImageBuild], there: Mapping[str, str | None], tool: Tool, clients: Clients, *, sign: bool
) -> dict[str, str]:
    """The addresses by service; an image that is `there` stays, since a tag is pushed once."""
    from cli.images import push_images, tell
    from cygni.builder.images.inspection import sign as sign_image
    from cygni.targets.ecr import login

    given = login(clients)
    addresses = {one.service: f"{given.registry}/{one.reference}" for one in builds}
    for service, address in addresses.items():
        if there[service] is not None:
            console().print(f"{service}: {address} is there already, and stays", markup=False)
    missing = [one for one in builds if there[one.service] is None]
    if missing:
        push_images(missing, tool, given)
    for service, digest in _digests(builds, clients).items() if sign else ():
        if digest is not None:
            sign_image(addresses[service], digest, tell)
    return addresses


def _details(built: Built) -> dict[str, Any]:
    return {
        "reference": built.reference,
        "image_id": built.image_id,
        "steps": built.steps,
        "cached": built.cached,
        "seconds": round(built.seconds, 1),
    }
