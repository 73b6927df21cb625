"""Which files of a folder belong to an image or a bundle, and the digest of what is in them.

What `.dockerignore` names is left out (ignoring.py). What would hurt is refused before anything is read or copied
(refusals.py): more than is allowed, links that lead elsewhere, pipes and devices, what cannot be read.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final, Literal

from cygni.builder import refusals
from cygni.builder.ignoring import Ignored, ignored_in
from cygni.errors import UsageError

DEFAULT_LIMIT_MIB: Final = 1024
_ENTRIES_OVER_LIMIT: Final = 100_000
"""How many entries of a context that is too large are looked at, to name the largest of them."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One path of a context, relative to it. `size` is a file's in bytes. Sockets belong to none, as for Docker."""

    path: PurePosixPath
    kind: Literal["file", "folder", "link"]
    executable: bool = False
    target: str = ""
    size: int = 0


@dataclass(frozen=True)
class Context:
    """A folder as a build sees it: its entries in the order of their paths."""

    folder: Path
    entries: Sequence[Entry]

    def digest(self, *also: str) -> str:
        """SHA-256 of paths, contents, executable bits and what is given beside them; not of times and owners. The
        same files have the same digest in every place. Raises BuildContextRefused when a file cannot be read."""
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
            raise refusals.unreadable(self.folder / entry.path, error) from error


def read_context(folder: Path, limit_mib: int = DEFAULT_LIMIT_MIB) -> Context:
    """What of `folder` belongs to an image, `limit_mib` MiB at most. No content is read.

    Raises UsageError when it is no folder, BuildContextRefused for what refusals.py tells.
    """
    if not folder.is_dir():
        raise UsageError(f"{folder} is not a folder", hint="Name the folder that holds the program")
    limit = limit_mib * 1024 * 1024
    entries: list[Entry] = []
    size = over = 0
    try:
        for entry in _walk(folder, PurePosixPath(), ignored_in(folder)):
            entries.append(entry)
            size += entry.size
            over += size > limit
            if over > _ENTRIES_OVER_LIMIT:
                break
    except OSError as error:
        raise refusals.unreadable(folder, error) from error
    if size > limit:
        sizes = {str(entry.path): entry.size for entry in entries if entry.size}
        raise refusals.too_large(folder, sizes, limit_mib, whole=over <= _ENTRIES_OVER_LIMIT)
    return Context(folder, sorted(entries, key=lambda entry: entry.path.parts))


def _walk(folder: Path, below: PurePosixPath, ignored: Ignored) -> Iterator[Entry]:
    with os.scandir(folder / below) as found:
        for item in found:
            path = below / item.name
            left_out = ignored.names(path)
            if item.is_symlink():
                if not left_out:
                    yield _link(folder, path)
            elif item.is_dir():
                if not left_out:
                    yield Entry(path, "folder")
                    yield from _walk(folder, path, ignored)
                elif ignored.takes_back:
                    inside = list(_walk(folder, path, ignored))
                    yield from ([Entry(path, "folder"), *inside] if inside else [])
            elif not left_out:
                yield from _file(folder, path, item.stat())


def _link(folder: Path, path: PurePosixPath) -> Entry:
    target = str((folder / path).readlink())
    refusals.hold_link(folder, path, target)
    return Entry(path, "link", target=target)


def _file(folder: Path, path: PurePosixPath, found: os.stat_result) -> Iterator[Entry]:
    if stat.S_ISREG(found.st_mode):
        yield Entry(path, "file", executable=bool(found.st_mode & stat.S_IXUSR), size=found.st_size)
    elif not stat.S_ISSOCK(found.st_mode):
        raise refusals.special(folder / path, found.st_mode)


def _feed(whole: hashlib._Hash, *words: str) -> None:
    for word in words:
        content = word.encode("utf-8", "surrogateescape")
        whole.update(f"{len(content)}:".encode() + content)
