"""Which files of a folder belong to a bundle, and the digest of what is in them.

What `.dockerignore` names is left out, as Docker reads it: patterns start at the folder's root, `**` stands for any
number of folders, the last pattern that fits decides, `!` takes back.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Literal

from pathspec import Pattern
from pathspec.patterns.gitignore.basic import GitIgnoreBasicPattern

from cygni.errors import UsageError

IGNORE_FILE = ".dockerignore"
_CHUNK = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Entry:
    """One path of a context, relative to it. Sockets, pipes and devices belong to none."""

    path: PurePosixPath
    kind: Literal["file", "folder", "link"]
    executable: bool = False
    target: str = ""


@dataclass(frozen=True)
class Context:
    """A folder as a build sees it: its entries in the order of their paths."""

    folder: Path
    entries: Sequence[Entry]

    def digest(self, *also: str) -> str:
        """SHA-256 of paths, contents, executable bits and what is given beside them; not of times and owners. The
        same files have the same digest in every place. Raises UsageError when a file cannot be read."""
        whole = hashlib.sha256()
        for entry in self.entries:
            content = self._content_digest(entry) if entry.kind == "file" else entry.target
            _feed(whole, str(entry.path), entry.kind, "x" if entry.executable else "-", content)
        _feed(whole, *also)
        return whole.hexdigest()

    def copy_to(self, folder: Path) -> None:
        """Copy the entries into `folder`, which is there and empty. Raises OSError."""
        for entry in self.entries:
            source, to = self.folder / entry.path, folder / entry.path
            if entry.kind == "folder":
                to.mkdir()
            elif entry.kind == "link":
                to.symlink_to(entry.target)
            else:
                shutil.copyfile(source, to)
                to.chmod(0o755 if entry.executable else 0o644)

    def _content_digest(self, entry: Entry) -> str:
        try:
            with (self.folder / entry.path).open("rb") as file:
                return hashlib.file_digest(file, "sha256").hexdigest()
        except OSError as error:
            raise _unreadable(self.folder / entry.path, error) from error


def read_context(folder: Path) -> Context:
    """What of `folder` belongs to a bundle. Raises UsageError when it is no folder, or cannot be read."""
    if not folder.is_dir():
        raise UsageError(f"{folder} is not a folder", hint="Name the folder that holds the program")
    try:
        entries = list(_walk(folder, PurePosixPath(), ignored_in(folder)))
    except OSError as error:
        raise _unreadable(folder, error) from error
    return Context(folder, sorted(entries, key=lambda entry: entry.path.parts))


def _walk(folder: Path, below: PurePosixPath, ignored: Ignored) -> Iterator[Entry]:
    with os.scandir(folder / below) as found:
        for item in found:
            path = below / item.name
            left_out = ignored.names(path)
            if item.is_symlink():
                if not left_out:
                    yield Entry(path, "link", target=str(Path(item.path).readlink()))
            elif item.is_dir():
                if not left_out:
                    yield Entry(path, "folder")
                    yield from _walk(folder, path, ignored)
                elif ignored.takes_back:
                    inside = list(_walk(folder, path, ignored))
                    yield from ([Entry(path, "folder"), *inside] if inside else [])
            elif item.is_file() and not left_out:
                mode = item.stat().st_mode
                yield Entry(path, "file", executable=bool(mode & stat.S_IXUSR))


@dataclass(frozen=True)
class Ignored:
    """What is left out of a context. `takes_back` when some pattern may name something below a folder that is left
    out."""

    patterns: Sequence[Pattern]
    takes_back: bool

    def names(self, path: PurePosixPath) -> bool:
        """Whether a path is left out: the last pattern decides that fits it, or a folder it is in."""
        places = [str(place) for place in (path, *path.parents[:-1])]
        decided = [
            pattern.include
            for pattern in self.patterns
            if pattern.include is not None and any(pattern.match_file(place) for place in places)
        ]
        return bool(decided and decided[-1])


def ignored_in(folder: Path) -> Ignored:
    """What `.dockerignore` in the folder names. Raises UsageError when it cannot be read."""
    try:
        lines = (folder / IGNORE_FILE).read_text(encoding="utf-8-sig").splitlines()
    except FileNotFoundError:
        lines = []
    except UnicodeDecodeError as error:
        raise UsageError(f"{folder / IGNORE_FILE} is not UTF-8 text: {error}") from error
    written = [_anchored(line.strip()) for line in lines if line.strip() and not line.startswith("#")]
    takes_back = any(pattern.startswith("!") for pattern in written)
    try:
        patterns = [GitIgnoreBasicPattern(pattern) for pattern in written]
    except ValueError as error:
        raise UsageError(f"{folder / IGNORE_FILE} has a pattern that cannot be read: {error}") from error
    return Ignored(patterns, takes_back)


def _anchored(pattern: str) -> str:
    """Docker's pattern in Git's dialect, where one without a slash would fit at any depth."""
    back = "!" if pattern.startswith("!") else ""
    path = pattern.removeprefix("!").strip().strip("/").removeprefix("./")
    return f"{back}/{path}"


def _feed(whole: hashlib._Hash, *words: str) -> None:
    for word in words:
        content = word.encode("utf-8", "surrogateescape")
        whole.update(f"{len(content)}:".encode() + content)


def _unreadable(path: Path, error: OSError) -> UsageError:
    return UsageError(
        f"cannot read {error.filename or path}: {error.strerror or error}",
        hint=f"Fix its permissions, or leave it out in {IGNORE_FILE}",
    )
