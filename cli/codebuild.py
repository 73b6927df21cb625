"""`cx build --tool codebuild`: images that AWS CodeBuild builds, and pushes to ECR from the account."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from cli.terminal import console
from cygni.errors import UsageError

if TYPE_CHECKING:
    from cygni.targets.fargate.clients import Clients
    from stacks.image_builds import ImageBuild


def refuse_what_stays_here(*, sbom: bool, scan: bool, local: bool) -> None:
    """Raises UsageError for what takes the image on this machine, and for the local cloud, which has no CodeBuild."""
    if local:
        raise UsageError("CodeBuild builds on AWS", hint="Name an environment there: cx build -e ENV")
    if sbom or scan:
        raise UsageError(
            "--sbom and --scan look into an image on this machine, and CodeBuild leaves none here",
            hint="Build with docker, podman or buildah, or let ECR scan what is pushed.",
        )


def build_in_account(
    builds: Sequence[ImageBuild], region: str, clients: Clients, named: str | None
) -> Mapping[str, Mapping[str, Any]]:
    """Build and push what ECR lacks, one after the other; what was done, by service. Raises what `build_remotely`
    raises, and NotFound before a deploy made the repositories."""
    from cli.images import tell
    from cygni.targets.codebuild.building import Order, build_remotely
    from cygni.targets.codebuild.project import build_project
    from cygni.targets.ecr import image_digest, repository_address

    project = build_project(clients, named)
    addresses = {one.service: f"{repository_address(clients, one.repository)}:{one.tag}" for one in builds}
    done = {}
    for one in builds:
        address, build = addresses[one.service], None
        digest = image_digest(clients, one.repository, one.tag)
        if digest is not None:
            console().print(f"{one.service}: {address} is there already, and stays", markup=False)
        else:
            console().print(f"{one.service}: CodeBuild builds it, by {project.name}", markup=False)
            order = Order(one.source, address, one.platform, region, one.secrets)
            build = build_remotely(project, order, clients, tell)
            digest = image_digest(clients, one.repository, one.tag)
            console().print(f"{one.service}: pushed as {address}, {digest}", markup=False, soft_wrap=True)
        done[one.service] = {
            "reference": one.reference,
            "pushed": address,
            "digest": digest,
            "codebuild": build,
        }
    return done
