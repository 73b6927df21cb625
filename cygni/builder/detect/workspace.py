"""The workspace that a folder is a member of: what is above it and names it, and is built as one with it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cygni.builder.detect.answer import Draft, Program
from cygni.builder.detect.detection import drafts_of, member_of
from cygni.builder.detect.members import folders, share
from cygni.builder.detect.tree import Tree
from cygni.builder.detect.whole import take_over

_LOCKS: Final = (
    "package-lock.json", "npm-shrinkwrap.json", "pnpm-lock.yaml", "yarn.lock", "bun.lock", "bun.lockb",
    "uv.lock", "poetry.lock", "pdm.lock", "Cargo.lock", "deno.lock", "pubspec.lock",
)  # fmt: skip
"""A folder that has one is built alone: members are in the lock file of their root."""
_WHOLE: Final = ("cargo", "gradle", "maven", "nuget")
"""Package managers that build members from the root."""


@dataclass(frozen=True, slots=True)
class Workspace:
    """The `member` is a path below `root`, with `/`. Commands of `program` are run in the member's folder, or from the
    root where the workspace is built `whole`."""

    root: Path
    member: str
    program: Program
    whole: bool


def workspace_of(folder: Path, project: Path) -> Workspace | None:
    """The nearest folder above that names this one as a member; None where it is built alone. What is above the
    repository of Git, or, outside of one, above the `project` (the folder of cygni.yaml) is not looked at."""
    if any((folder / lock).is_file() for lock in _LOCKS):
        return None
    for root in _above(folder, project):
        member = folder.relative_to(root).as_posix()
        tree = Tree(os.fspath(root))
        for draft in drafts_of(tree):
            if draft.patterns and member in set(folders(tree, draft.patterns, draft.without)):
                return _workspace(root, tree, draft, member)
    return None


def _above(folder: Path, project: Path) -> Iterator[Path]:
    last = next((one for one in (folder, *folder.parents) if (one / ".git").exists()), project)
    return (one for one in folder.parents if one.is_relative_to(last))


def _workspace(root: Path, tree: Tree, draft: Draft, path: str) -> Workspace | None:
    member = member_of(tree.at(path))
    if member is None or member.program.language != draft.language:
        return None
    share(draft, member)
    if draft.package_manager not in _WHOLE:
        return Workspace(root, path, member.program, whole=False)
    whole = Draft(draft.language, draft.language_version)
    whole.package_manager, whole.install_command = draft.package_manager, draft.install_command
    whole.build_command = draft.build_command
    take_over(whole, member, f"{path} is the member that is built")
    return Workspace(root, path, whole, whole=True)
