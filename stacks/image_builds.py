"""The images that a deploy to AWS builds from source and puts into ECR: of services with `build` that name no tag.

The tag follows from all that the image is made from here, so a plan is of exactly what will run, and what is in ECR
under it is not built again. A tag that is written says that the image comes from elsewhere.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cygni.builder.images.base_lock import read_lock
from cygni.builder.images.building import Built, build_source
from cygni.builder.images.publishing import Login, logged_in
from cygni.builder.images.sources import ImageSource, image_source
from cygni.builder.images.tools import Tool
from cygni.builder.secrets import build_secrets
from cygni.errors import BuildFailed
from cygni.naming import repository_name
from cygni.spec import ProjectSpec
from cygni.targets.ecr import has_image
from cygni.targets.fargate.clients import Clients

TAG_LENGTH: Final = 16
_PLATFORMS: Final = {"x86_64": "linux/amd64", "arm64": "linux/arm64"}


@dataclass(frozen=True, slots=True)
class ImageBuild:
    """An image to be built: what it is made from, for which processor (`linux/arm64`), and where it goes. `secrets` are
    references by id (cygni/builder/secrets.py), files below `folder`, that of cygni.yaml."""

    service: str
    source: ImageSource
    platform: str
    repository: str
    tag: str
    folder: Path
    secrets: Mapping[str, str]

    @property
    def reference(self) -> str:
        return f"{self.repository}:{self.tag}"


def image_build(spec: ProjectSpec, folder: Path, service: str) -> ImageBuild:
    """The image of a service with `build`; `folder` is that of cygni.yaml. Raises UsageError where it cannot be told
    how it is built."""
    declared = spec.services[service]
    build = declared.build
    assert build is not None
    named = build.dockerfile if "dockerfile" in build.model_fields_set else None
    context = (folder / build.context).resolve()
    source = image_source(
        context,
        named,
        build.start,
        build.context_limit,
        sorted(build.secrets),
        build.steps,
        folder,
        read_lock(folder) or {},
    )
    platform = _PLATFORMS[declared.architecture.value]
    tag = (build.tag_is_written and build.tag) or source.digest(platform)[:TAG_LENGTH]
    repository = repository_name(spec.project, spec.environment, service)
    return ImageBuild(service, source, platform, repository, tag, folder, build.secrets)


def image_builds(spec: ProjectSpec, folder: Path) -> tuple[ImageBuild, ...]:
    """Those of all services that name no tag of their own. Raises what `image_build` raises."""
    wanted = (
        name for name, one in sorted(spec.services.items()) if one.build and not one.build.tag_is_written
    )
    return tuple(image_build(spec, folder, name) for name in wanted)


def absent(builds: Iterable[ImageBuild], clients: Clients) -> tuple[ImageBuild, ...]:
    """Those that are not in ECR yet. Raises what `has_image` raises."""
    return tuple(one for one in builds if not has_image(clients, one.repository, one.tag))


def hold_to_plan(builds: Iterable[ImageBuild], planned: ProjectSpec) -> None:
    """Raises BuildFailed where the source is another than the one the plan was made of."""
    for one in builds:
        build = planned.services[one.service].build
        if build is None or build.tag != one.tag:
            raise BuildFailed(
                f"the files of {one.service} changed after the plan was shown",
                hint="Run the command again for a new plan.",
            )


def build_image(one: ImageBuild, tool: Tool, clients: Clients, tell: Callable[[str], None]) -> Built:
    """Build it on this machine, with the secrets it is given. Raises BuildFailed, BuildSecretMissing."""
    secrets = build_secrets(one.secrets, one.folder, os.environ, clients)
    return build_source(tool, one.source, one.reference, one.platform, tell, secrets)


@contextmanager
def pushing(tool: Tool, login: Login, tell: Callable[[str], None]) -> Iterator[Callable[[ImageBuild], str]]:
    """What puts images that were built into their repositories, with one login for all of them; it returns the address
    of each. Raises BuildFailed."""
    with logged_in(tool, login) as session:
        yield lambda one: session.push(one.reference, one.reference, tell)
