"""The Dockerfiles that a project keeps, of what Cygni would build its services by."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

from cygni.builder.detect.workspace import workspace_of
from cygni.builder.dockerfile.bases import pinned
from cygni.builder.dockerfile.generation import member_dockerfile
from cygni.builder.images.sources import image_source
from cygni.builder.scaffold.plan import PlannedService

_NAME = "Dockerfile"


def dockerfiles(
    folder: Path, services: Sequence[PlannedService], digests: Mapping[str, str] = MappingProxyType({})
) -> tuple[list[PlannedService], dict[Path, str]]:
    """The services, each with the Dockerfile that makes it, and the texts of those that are to be written by their
    paths below `folder`; none where a folder has one of the user's. Services of one folder that start in other ways
    have one each, named after them; that of a member of a workspace is in the member's folder. Base images have their
    `digests` in them.

    Raises UsageError where Cygni knows no image.
    """
    named: list[PlannedService] = []
    texts: dict[Path, str] = {}
    for service in services:
        text = _text(folder, service, digests)
        if text is not None:
            name = _NAME if service.process is None else f"{_NAME}.{service.name}"
            path = Path(service.member, name)
            texts[Path(service.context, path)] = text
            service = replace(service, dockerfile=path.as_posix())  # noqa: PLW2901
        named.append(service)
    return named, texts


def _text(folder: Path, service: PlannedService, digests: Mapping[str, str]) -> str | None:
    context, start = folder / service.context, service.process
    workspace = workspace_of((context / service.member).resolve(), folder.resolve())
    if workspace is not None:
        # What is built from a folder that is not the root is built by its own Dockerfile alone, which lacks the rest.
        inside = (context / service.member / _NAME).exists() or not service.member
        return None if inside else pinned(member_dockerfile(workspace, start), digests)
    if service.member:
        source = image_source(
            context, None, service.bundle.start, steps=service.bundle.steps, digests=digests
        )
    else:
        source = image_source(context, start=start, digests=digests)
    return source.dockerfile if source.written else None
