"""What the image of a service is made of: its folder, and its Dockerfile or the one that Cygni writes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Final

from cygni.builder.context import DEFAULT_LIMIT_MIB, Context, read_context
from cygni.builder.detect import detect
from cygni.builder.detect.workspace import workspace_of
from cygni.builder.dockerfile.bases import pinned
from cygni.builder.dockerfile.generation import dockerfile_of, member_dockerfile
from cygni.builder.refusals import hold_ignoring
from cygni.errors import UsageError

DOCKERFILES: Final = ("Dockerfile", "Containerfile")


@dataclass(frozen=True, slots=True)
class ImageSource:
    """`dockerfile` is the text; `written` is whether Cygni wrote it for what the folder holds. `member` is the path of
    the program below the context, where that is the root of its workspace."""

    context: Context
    dockerfile: str
    written: bool
    member: str | None = None

    def digest(self, platform: str) -> str:
        """SHA-256 of all that the image follows from here: the same source has the same digest in every place."""
        return self.context.digest("dockerfile", self.dockerfile, "platform", platform)


def image_source(
    folder: Path,
    dockerfile: str | None = None,
    start: str | None = None,
    limit_mib: int = DEFAULT_LIMIT_MIB,
    secrets: Sequence[str] = (),
    steps: tuple[str, ...] = (),
    project: Path | None = None,
    digests: Mapping[str, str] = MappingProxyType({}),
) -> ImageSource:
    """The source in `folder`, of `limit_mib` MiB at most. A Dockerfile that is there is used, else one is written for
    what is detected; of a member of a workspace it is made from the root of that, which is looked for as
    `workspace_of` does, with `project`. Base images have their `digests` in it.

    `dockerfile` is a path below `folder` that has to be there, `start` what a written one starts instead of what was
    detected, `steps` what makes it, `secrets` the ids of those that its steps are given. Raises UsageError, also where
    nothing tells how the program is built, and BuildContextRefused.
    """
    path = folder / dockerfile if dockerfile else _own(folder)
    workspace = workspace_of(folder.resolve(), (project or folder).resolve()) if path is None else None
    if workspace is not None:
        hold_ignoring(workspace.root, workspace.member)
        context = read_context(workspace.root, limit_mib)
        text = member_dockerfile(workspace, start, secrets, steps)
        return ImageSource(context, pinned(text, digests), written=True, member=workspace.member)
    context = read_context(folder, limit_mib)
    if path is None:
        text = dockerfile_of(folder, detect(folder), start, secrets, steps)
        return ImageSource(context, pinned(text, digests), written=True)
    try:
        return ImageSource(context, path.read_text(encoding="utf-8"), written=False)
    except FileNotFoundError as error:
        raise UsageError(
            f"there is no {dockerfile} in {folder}",
            hint="Correct `dockerfile` in cygni.yaml, or leave it out: Cygni writes one for what it finds",
        ) from error
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} cannot be read as text: {error}") from error


def _own(folder: Path) -> Path | None:
    return next((folder / name for name in DOCKERFILES if (folder / name).is_file()), None)
