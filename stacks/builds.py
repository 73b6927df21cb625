"""Images that a deploy to the local cloud makes from folders, before the services that run them start.

The tag follows from the content, so a plan is of exactly what will run, and what has not changed is not made again.
What is made for AWS is told in image_builds.py.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cygni.builder.context import Context, read_context
from cygni.builder.detect import detect
from cygni.builder.scaffold.bundle import bundle_of
from cygni.errors import BuildFailed, UsageError
from cygni.local_cloud.identity import ACCOUNT_ID
from cygni.local_cloud.images.start import start_command
from cygni.local_cloud.images.store import ImageStore, bundle_digest
from cygni.naming import repository_name
from cygni.spec import Build, ProjectSpec
from stacks.image_builds import TAG_LENGTH, image_builds
from stacks.target import LOCAL, target_of

_LAST_LINES: Final = 20
_NOT_FOR_STEPS: Final = ("AWS_", "CYGNI_", "CX_", "PULUMI_")


@dataclass(frozen=True)
class LocalBuild:
    """An image to be made: the folder of a service, what is run in a copy of it, and what starts it."""

    service: str
    context: Context
    start: tuple[str, ...]
    steps: tuple[str, ...]

    @property
    def digest(self) -> str:
        return bundle_digest(self.context, self.start, self.steps)


def builds_of(spec: ProjectSpec, folder: Path) -> dict[str, LocalBuild]:
    """The images of services that the local cloud makes; `folder` is that of cygni.yaml. What is not written of steps
    and start is what is detected.

    Raises UsageError when a folder is missing or cannot be read, a start command is none, or nothing tells of one.
    """
    found = {}
    for name, service in sorted(spec.services.items()):
        build = service.build
        if build is not None and build.made_locally:
            context = read_context((folder / build.context).resolve(), build.context_limit)
            start, steps = (
                (build.start, build.steps) if build.start else _detected(name, context.folder, build)
            )
            found[name] = LocalBuild(name, context, start_command(start), steps)
    return found


def _detected(service: str, folder: Path, build: Build) -> tuple[str, tuple[str, ...]]:
    """The start command and the steps of what is in the folder; steps that are written stay."""
    bundle = bundle_of(detect(folder).program)
    if bundle is None:
        raise UsageError(
            f"nothing tells what starts {service} in {folder}",
            hint="Add `start: COMMAND` to its `build`.\nWhat is known of the folder: cx detect",
        )
    return bundle.start, build.steps or bundle.steps


def with_tags(spec: ProjectSpec, folder: Path) -> ProjectSpec:
    """The specification with the tags that follow from content: on the local cloud those of what it makes by itself, on
    AWS all that are not written. Raises what `builds_of` and `image_builds` raise."""
    if target_of(spec.environment) == LOCAL:
        tags = {name: made.digest[:TAG_LENGTH] for name, made in builds_of(spec, folder).items()}
    else:
        tags = {one.service: one.tag for one in image_builds(spec, folder)}
    services = dict(spec.services)
    for name, tag in tags.items():
        build = services[name].build
        assert build is not None
        services[name] = services[name].model_copy(update={"build": build.with_tag(tag)})
    return spec.model_copy(update={"services": services})


def make_images(
    spec: ProjectSpec,
    folder: Path,
    store: ImageStore,
    tell: Callable[[str], None],
    making: Callable[[str], AbstractContextManager[None]] = lambda _: nullcontext(),
) -> None:
    """Make the images of `spec`, which has its tags, on the local cloud; those that are there are left as they are.
    `tell` hears what takes time; that of a service is made within `making`.

    Raises BuildFailed, StateError, and what `builds_of` raises.
    """
    if target_of(spec.environment) != LOCAL:
        return
    for name, made in builds_of(spec, folder).items():
        build = spec.services[name].build
        assert build is not None
        digest = made.digest
        if build.tag != digest[:TAG_LENGTH]:
            raise BuildFailed(
                f"the files of {name} changed after the plan was shown",
                hint="Run the command again for a new plan.",
            )
        repository = repository_name(spec.project, spec.environment, name)
        full = f"{ACCOUNT_ID}.dkr.ecr.{spec.region}.amazonaws.com/{repository}:{build.tag}"
        there = store.find(full)
        if there is None or there.digest != digest:
            with making(name):
                store.add_digested(full, digest, made.context, made.start, _steps(made, tell))


def _steps(made: LocalBuild, tell: Callable[[str], None]) -> Callable[[Path], None] | None:
    if not made.steps:
        return None

    def prepare(root: Path) -> None:
        for step in made.steps:
            tell(f"{made.service}: {step}")
            _run(made.service, step, root, os.environ)

    return prepare


def _run(service: str, step: str, root: Path, environ: Mapping[str, str]) -> None:
    """In the environment of whoever deploys, but for credentials and settings that are not the program's affair."""
    given = {name: value for name, value in environ.items() if not name.startswith(_NOT_FOR_STEPS)}
    done = subprocess.run(
        ["/bin/sh", "-c", step],
        cwd=root,
        env=given,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    if done.returncode != 0:
        raise BuildFailed(
            f"{service} could not be built: `{step}` ended with {done.returncode}"
            + _indented(done.stdout.decode("utf-8", "replace").splitlines()),
            hint=f"Run it by hand in the folder of {service}. Nothing was deployed.",
            details={"service": service, "step": step, "exit_code": done.returncode},
        )


def _indented(lines: Sequence[str]) -> str:
    return "".join(f"\n  {line}" for line in lines[-_LAST_LINES:])
