"""Images that are built elsewhere and pushed from there: `--tool codebuild` and `--tool kubernetes`."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cli.terminal import console
from cygni.errors import NotFound, UsageError

if TYPE_CHECKING:
    from cygni.builder.images.remote import RemoteBuilder
    from cygni.spec import ProjectSpec
    from cygni.targets.fargate.clients import Clients
    from stacks.image_builds import ImageBuild


@dataclass(frozen=True, slots=True)
class BuildChoice:
    """What was chosen to build with: a tool, None for the first of this machine that works, and its project."""

    tool: str | None = None
    codebuild_project: str | None = None

    @property
    def remote(self) -> bool:
        """Whether images are built elsewhere."""
        from cygni.builder.images.remote import REMOTE_TOOLS

        return self.tool in REMOTE_TOOLS

    @property
    def arguments(self) -> list[str]:
        """As they are given to another command."""
        given = {"--tool": self.tool, "--codebuild-project": self.codebuild_project}
        return [part for option, value in given.items() if value for part in (option, value)]


def refuse_what_stays_here(*, sbom: bool, scan: bool, local: bool) -> None:
    """Raises UsageError for what takes the image on this machine, and for the local cloud, which runs no images."""
    if local:
        raise UsageError(
            "what builds elsewhere pushes to AWS", hint="Name an environment there: cx build -e ENV"
        )
    if sbom or scan:
        raise UsageError(
            "--sbom and --scan look into an image on this machine, and a build elsewhere leaves none here",
            hint="Build with docker, podman or buildah, or let ECR scan what is pushed.",
        )


def remote_builder(choice: BuildChoice, clients: Clients) -> RemoteBuilder:
    """The builder that was chosen. Raises UsageError where it cannot build, NotFound, and what its API raises."""
    from cygni.builder.images.remote import KUBERNETES
    from cygni.targets.buildkit_job.building import BuildkitJob
    from cygni.targets.buildkit_job.place import build_place
    from cygni.targets.codebuild.building import CodeBuild
    from cygni.targets.codebuild.project import build_project

    if choice.tool == KUBERNETES:
        return BuildkitJob(build_place(os.environ), clients)
    return CodeBuild(build_project(clients, choice.codebuild_project), clients)


def build_elsewhere(
    builds: Sequence[ImageBuild], region: str, clients: Clients, builder: RemoteBuilder
) -> Mapping[str, Mapping[str, Any]]:
    """Build and push what ECR lacks, one after the other; what was done, by service. Raises what the builder raises,
    and NotFound before a deploy made the repositories."""
    from cygni.targets.ecr import image_digest, repository_address

    addresses = {one.service: f"{repository_address(clients, one.repository)}:{one.tag}" for one in builds}
    for one in builds:
        builder.demand(one.platform, one.secrets, region)
    done = {}
    for one in builds:
        address, build = addresses[one.service], None
        digest = image_digest(clients, one.repository, one.tag)
        if digest is not None:
            console().print(f"{one.service}: {address} is there already, and stays", markup=False)
        else:
            build, digest = _built(one, address, region, clients, builder)
        done[one.service] = {
            "reference": one.reference,
            "pushed": address,
            "digest": digest,
            "tool": builder.tool,
            "build": build,
        }
    return done


def _built(
    one: ImageBuild, address: str, region: str, clients: Clients, builder: RemoteBuilder
) -> tuple[str, str]:
    """The id of the build, and the digest that ECR has of what it pushed. Raises BuildFailed where it has none."""
    from cli.event_file import telling_build
    from cli.images import tell
    from cygni.builder.images.remote import RemoteOrder
    from cygni.errors import BuildFailed
    from cygni.targets.ecr import image_digest

    console().print(f"{one.service}: {builder.place} builds it", markup=False)
    with telling_build(one.service):
        build = builder.build(
            RemoteOrder(one.source, address, one.platform, region, one.secrets, one.folder), tell
        )
    digest = image_digest(clients, one.repository, one.tag)
    if digest is None:
        raise BuildFailed(
            f"{address} is not in ECR, though {build} ended well",
            hint="See the end of its log above: it should have pushed.",
            details={"tool": builder.tool, "build": build},
        )
    console().print(f"{one.service}: pushed as {address}, {digest}", markup=False, soft_wrap=True)
    return build, digest


@dataclass
class RemoteImages:
    """Those of a deploy that are built elsewhere. What has its repository is built before anything is applied, and the
    rest once a deploy has made the repositories. `spec` has its tags."""

    spec: ProjectSpec
    folder: Path
    clients: Clients
    choice: BuildChoice
    _missing: Sequence[ImageBuild] = ()
    _builder: RemoteBuilder | None = None

    def foretell(self) -> None:
        """Raises UsageError where what was chosen cannot build, NotFound, Unreachable."""
        from cli.images import foretold
        from stacks.image_builds import absent, image_builds

        self._missing = absent(image_builds(self.spec, self.folder), self.clients)
        if not self._missing:
            return
        self._builder = remote_builder(self.choice, self.clients)
        for one in self._missing:
            self._builder.demand(one.platform, one.secrets, self.spec.region)
            foretold(one, self._builder.place)

    def make(self) -> None:
        """Raises BuildFailed, and what the builder raises."""
        from stacks.image_builds import hold_to_plan, image_builds

        hold_to_plan(image_builds(self.spec, self.folder), self.spec)
        self._build([one for one in self._missing if self._has_repository(one)])

    def publish(self) -> None:
        """Raises what `make` raises. What was pushed stays: the next deploy finds it."""
        self._build(self._missing)

    def _build(self, builds: Sequence[ImageBuild]) -> None:
        if self._builder is not None:
            build_elsewhere(builds, self.spec.region, self.clients, self._builder)
        built = {one.service for one in builds}
        self._missing = [one for one in self._missing if one.service not in built]

    def _has_repository(self, one: ImageBuild) -> bool:
        from cygni.targets.ecr import repository_address

        try:
            repository_address(self.clients, one.repository)
        except NotFound:
            return False
        return True
