"""What of a project's folder is sent to a control plane: what Git has or would take, and what deploying reads."""

from __future__ import annotations

import os
import stat
import subprocess
from collections.abc import Iterable, Iterator
from io import BytesIO
from pathlib import Path, PurePosixPath
from typing import Final

from cygni.builder.context import Context, Entry
from cygni.builder.context_archive import pack
from cygni.builder.refusals import hold_link, largest_of
from cygni.errors import UsageError

LARGEST_MIB: Final = 256
"""Before it is pressed: what a control plane unpacks."""
LEFT_OUT: Final = frozenset({".git", "node_modules", ".venv", "venv", "__pycache__", ".pulumi"})
"""Folders that are left out where no Git tells."""
_GIT_SECONDS: Final = 60.0


def pack_source(folder: Path) -> bytes:
    """The folder with cygni.yaml as a gzipped tar file; the same files give the same bytes. In a working tree of Git
    what .gitignore names is left out.

    Raises UsageError for too much, BuildContextRefused for what cannot be read or leads out of it.
    """
    listed = _listed_by_git(folder)
    entries = sorted(
        _entries(folder, _walked(folder) if listed is None else listed), key=lambda entry: entry.path.parts
    )
    _hold_size(entries)
    packed = BytesIO()
    pack(Context(folder, entries), packed)
    return packed.getvalue()


def _listed_by_git(folder: Path) -> list[PurePosixPath] | None:
    """None outside of a working tree, and without Git."""
    command = ["git", "-C", str(folder), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    try:
        done = subprocess.run(command, capture_output=True, timeout=_GIT_SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    if done.returncode != 0:
        return None
    return [PurePosixPath(os.fsdecode(one)) for one in set(done.stdout.split(b"\0")) if one]


def _walked(folder: Path) -> Iterator[PurePosixPath]:
    for place, below, files in os.walk(folder):
        links = [name for name in below if (Path(place) / name).is_symlink()]
        below[:] = [name for name in below if name not in LEFT_OUT and name not in links]
        for name in (*files, *links):
            yield PurePosixPath((Path(place) / name).relative_to(folder))


def _entries(folder: Path, paths: Iterable[PurePosixPath]) -> Iterator[Entry]:
    for path in paths:
        there = folder / path
        try:
            found = there.lstat()
        except FileNotFoundError:  # deleted since Git had it
            continue
        if stat.S_ISLNK(found.st_mode):
            target = str(there.readlink())
            hold_link(folder, path, target)
            yield Entry(path, "link", target=target)
        elif stat.S_ISREG(found.st_mode):
            yield Entry(path, "file", executable=bool(found.st_mode & stat.S_IXUSR), size=found.st_size)


def _hold_size(entries: Iterable[Entry]) -> None:
    sizes = {str(entry.path): entry.size for entry in entries}
    if sum(sizes.values()) > LARGEST_MIB * 1024**2:
        named = ", ".join(f"{path} ({size // 1024**2} MiB)" for path, size in largest_of(sizes))
        raise UsageError(
            f"the folder has more than {LARGEST_MIB} MiB to send; the largest: {named}",
            hint="Leave out what is built or installed, with lines of .gitignore.",
        )
