"""Which files of a project are worth a look when they change: what its services are built from, and its cygni.yaml."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path, PurePosixPath
from typing import Final

from pathspec import GitIgnoreSpec

from cygni.builder.ignoring import IGNORE_FILE, ignored_in
from cygni.errors import CygniError
from cygni.spec import ProjectSpec

GIT_IGNORE: Final = ".gitignore"


class Watched:
    """The files of one project. `file` is its cygni.yaml; `spec` is what it says, None where it cannot be read."""

    def __init__(self, file: Path, spec: ProjectSpec | None) -> None:
        self._file = file.resolve()
        builds = [service.build for service in spec.services.values()] if spec is not None else []
        contexts = {
            (self._file.parent / one.context).resolve()
            for one in builds
            if one is not None and one.made_locally
        }
        self._contexts = frozenset(contexts)

    @property
    def roots(self) -> tuple[Path, ...]:
        """Folders that hold all of it, none within another."""
        there = [one for one in {self._file.parent, *self._contexts} if one.is_dir()]
        return tuple(sorted(one for one in there if not any(other in one.parents for other in there)))

    def wants(self, path: Path) -> bool:
        """Whether a change of the file may be one of the project: it is of its specification, or belongs to an image
        (`.dockerignore`) and is no by-product (`.gitignore`)."""
        if (
            path.parent == self._file.parent
            and path.suffix in (".yaml", ".yml")
            and path.stem.startswith("cygni")
        ):
            return True
        if path == self._file:
            return True
        mine = [one for one in self._contexts if one in path.parents]
        if not mine or ".git" in path.parts:
            return False
        if path.name in (IGNORE_FILE, GIT_IGNORE):
            return True
        return any(not _left_out(one, path) for one in mine) and not ignored_by_git(path)


def _left_out(context: Path, path: Path) -> bool:
    try:
        return ignored_in(context).names(PurePosixPath(path.relative_to(context).as_posix()))
    except CygniError:  # said when the image is made
        return False


def ignored_by_git(path: Path) -> bool:
    """Whether a `.gitignore` of the file's folder or one above it, up to the repository's, leaves it out."""
    folders = _folders_up_to_the_repository(path)
    decided = False
    for folder in reversed(folders):  # the nearest has the last word
        found = _patterns(folder).check_file(path.relative_to(folder).as_posix()).include
        decided = decided if found is None else found
    return decided


def _folders_up_to_the_repository(path: Path) -> list[Path]:
    """The folders a file is in, the nearest first; all of them where there is no repository."""
    folders: list[Path] = []
    for folder in path.parents:
        folders.append(folder)
        if (folder / ".git").exists():
            break
    return folders


def _patterns(folder: Path) -> GitIgnoreSpec:
    try:
        lines: Iterable[str] = (folder / GIT_IGNORE).read_text(encoding="utf-8").splitlines()
        return GitIgnoreSpec.from_lines(lines)
    except (OSError, ValueError):
        return GitIgnoreSpec.from_lines([])
