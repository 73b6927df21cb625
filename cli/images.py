"""The images of a deploy: made before anything is applied, and put where tasks look before they are released."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from cli.terminal import console
from cygni.naming import repository_name

if TYPE_CHECKING:
    from cli.remote_builds import BuildChoice
    from cygni.builder.images.building import Built
    from cygni.builder.images.publishing import Login
    from cygni.builder.images.tools import Tool
    from cygni.spec import ProjectSpec
    from cygni.targets.fargate.clients import Clients
    from stacks.image_builds import ImageBuild


class Images(Protocol):
    def foretell(self) -> None:
        """Say what will be made, before anybody is asked whether it shall."""

    def make(self) -> None:
        """Make what is not there. Nothing has changed yet, and nothing does where this raises."""

    def publish(self) -> None:
        """Put what was made where tasks look for it."""


@dataclass
class LocalImages:
    """Those that the local cloud makes of folders, and has then. `spec` has its tags."""

    spec: ProjectSpec
    folder: Path

    def foretell(self) -> None:
        """The plan has their tags, and they need no tool."""

    def make(self) -> None:
        """Raises what `make_images` raises; warns of what will not answer."""
        from cli.event_file import telling_build
        from cygni.local_cloud.images.store import ImageStore
        from cygni.local_cloud.process import local_cloud_folder
        from stacks.builds import make_images
        from stacks.local_databases import unserved

        if problem := unserved(self.spec):
            console().print(f"warning: {problem}", markup=False, soft_wrap=True)

        def building(step: str) -> None:
            console().print(f"building {step}", markup=False, soft_wrap=True)

        make_images(self.spec, self.folder, ImageStore(local_cloud_folder()), building, telling_build)

    def publish(self) -> None:
        """They are where they were made."""


@dataclass
class EcrImages:
    """Those of services whose tag is not written, built on this machine. `spec` has its tags; `tool` is what builds,
    None for the first that works."""

    spec: ProjectSpec
    folder: Path
    clients: Clients
    tool: str | None = None
    _missing: Sequence[ImageBuild] = ()
    _tool: Tool | None = None

    def foretell(self) -> None:
        """Raises UsageError where no tool answers, Unreachable."""
        from cygni.builder.images.tools import tool_of
        from stacks.image_builds import absent, image_builds

        self._missing = absent(image_builds(self.spec, self.folder), self.clients)
        if not self._missing:
            return
        self._tool = tool_of(self.tool)
        for one in self._missing:
            foretold(one, self._tool.name)

    def make(self) -> None:
        """Raises BuildFailed, UsageError where a secret is missing."""
        from stacks.image_builds import hold_to_plan, image_builds

        hold_to_plan(image_builds(self.spec, self.folder), self.spec)
        if self._tool is not None:
            for one in self._missing:
                built_image(one, self._tool, self.clients)

    def publish(self) -> None:
        """Raises BuildFailed, Unreachable. What was pushed stays: the next deploy finds it."""
        from cygni.targets.ecr import login

        if self._tool is not None:
            push_images(self._missing, self._tool, login(self.clients))


@dataclass
class PromotedImages:
    """Those that another environment has, under the tags it runs. They are copied, so that they stay what they are.
    `tags` are by service; `there` makes the clients of the other environment, `clients` those of this one. What is in
    this one already, as by a pipeline, is left as it is."""

    spec: ProjectSpec
    source: str
    tags: Mapping[str, str]
    there: Clients
    clients: Clients
    _missing: dict[str, str] = field(default_factory=dict)

    def foretell(self) -> None:
        """The promotion has told of them."""

    def make(self) -> None:
        """Raises NotPromotable where the other environment has an image no longer, NotFound, Unreachable."""
        from cygni.errors import NotPromotable
        from cygni.targets.ecr import has_image, image_digest

        self._missing = {
            name: tag
            for name, tag in self.tags.items()
            if not has_image(
                self.clients, repository_name(self.spec.project, self.spec.environment, name), tag
            )
        }
        for name, tag in self._missing.items():
            repository = repository_name(self.spec.project, self.source, name)
            if image_digest(self.there, repository, tag) is None:
                raise NotPromotable(
                    f"the image that {name} runs in {self.source} is not in {repository} any more: {tag}",
                    hint=f"Push it again: cx build -e {self.source} --push",
                )

    def publish(self) -> None:
        """Raises BuildFailed, NotFound, Unreachable. What was copied stays: the next promotion finds it."""
        from cygni.targets.ecr import login
        from cygni.targets.image_copy import ImageRepository, copy_image

        if not self._missing:
            return
        theirs, ours = login(self.there), login(self.clients)
        for name, tag in self._missing.items():
            source = ImageRepository(theirs, repository_name(self.spec.project, self.source, name))
            target = ImageRepository(ours, repository_name(self.spec.project, self.spec.environment, name))
            digest = copy_image(source, target, tag, tell)
            console().print(
                f"{name}: {target}:{tag} is {digest}, as in {self.source}", markup=False, soft_wrap=True
            )


def images_of(spec: ProjectSpec, folder: Path, clients: Clients, choice: BuildChoice) -> Images:
    """The images of a specification that has its tags; `folder` is that of cygni.yaml."""
    from cli.remote_builds import RemoteImages
    from stacks.target import LOCAL, target_of

    if target_of(spec.environment) == LOCAL:
        return LocalImages(spec, folder)
    if choice.remote:
        return RemoteImages(spec, folder, clients, choice)
    return EcrImages(spec, folder, clients, choice.tool)


def foretold(one: ImageBuild, builder: str) -> None:
    """Say that it will be built, of what, and by whom."""
    from cygni.builder.dockerfile.bases import final_base

    base = final_base(one.source.dockerfile) or "no image"
    what = f"{one.service}: {one.reference} is not in ECR; {builder} builds it from {_origin(one)}"
    console().print(f"{what}, on {base}", markup=False, soft_wrap=True)


def push_images(builds: Sequence[ImageBuild], tool: Tool, login: Login) -> None:
    """Push what was built, and say where it is now. Raises BuildFailed."""
    from stacks.image_builds import pushing

    with pushing(tool, login, tell) as push:
        for one in builds:
            console().print(f"{one.service}: pushed as {push(one)}", markup=False, soft_wrap=True)


def built_image(one: ImageBuild, tool: Tool, clients: Clients) -> Built:
    """Build it, and say what is done. Raises BuildFailed, BuildSecretMissing."""
    from cli.event_file import telling_build
    from stacks.image_builds import build_image

    people = console()
    people.print(f"{one.service}: from {_origin(one)}, with {tool.name}", markup=False)
    with telling_build(one.service):
        done = build_image(one, tool, clients, tell)
    from_cache = f"{done.cached} of {done.steps} steps from the cache"
    people.print(f"{one.service}: {done.reference} in {done.seconds:.1f} s, {from_cache}", markup=False)
    return done


def _origin(one: ImageBuild) -> str:
    if one.source.member is not None:
        return f"a Dockerfile that Cygni wrote for {one.source.member} of the workspace in {one.source.context.folder}"
    return "a Dockerfile that Cygni wrote" if one.source.written else "its Dockerfile"


def tell(line: str) -> None:
    """A line of a build tool, for people."""
    console().print(f"  {line}", markup=False, highlight=False)
