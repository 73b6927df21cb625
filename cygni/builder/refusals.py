"""What no image is made from, and how that is said: too much, links that lead elsewhere, pipes and devices, what
cannot be read.

A link that leaves the folder would bring files of this machine into the image, or end nowhere in it; a pipe would
hold the build for ever.
"""

from __future__ import annotations

import errno
import math
import os
import stat
from collections import Counter
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Final

from cygni.builder.ignoring import IGNORE_FILE
from cygni.errors import BuildContextRefused

_NAMED: Final = 5
"""How many of the largest entries are named."""
_WORTH_NAMING: Final = 0.01
"""What part of all bytes an entry at the root has at least."""
_MOST_OF_IT: Final = 0.8
"""What part of a folder's bytes one entry has that is named in its place."""
_LEAST_IGNORED: Final = ("**/.git", "**/.env", "**/.env.*", "**/node_modules", "**/.venv", "**/target")
_MIB: Final = 1024 * 1024


def too_large(folder: Path, sizes: Mapping[str, int], limit_mib: int, *, whole: bool) -> BuildContextRefused:
    """The refusal of files of these `sizes` in bytes; not `whole` where there are more of them."""
    total = sum(sizes.values())
    largest = largest_of(sizes)
    lines = "".join(f"\n  {_shown(size):>9}  {printable(path)}" for path, size in largest)
    ignore = "".join(f"\n  {printable(path)}" for path, _ in largest)
    return BuildContextRefused(
        f"{folder} has {'' if whole else 'more than '}{_shown(total)} for an image, and {limit_mib} MiB are allowed. "
        f"The largest:{lines}",
        hint=f"Leave out what the image does not need, with lines of {folder / IGNORE_FILE}:{ignore}\n"
        f"or allow it all in cygni.yaml, under `build`: context_limit: {math.ceil(total / _MIB)}",
        details={
            "reason": "too_large",
            "path": str(folder),
            "bytes": total,
            "limit_mib": limit_mib,
            "largest": [{"path": printable(path), "bytes": size} for path, size in largest],
        },
    )


def largest_of(sizes: Mapping[str, int]) -> list[tuple[str, int]]:
    """The largest files and folders at the root, the largest first; in the place of a folder what has most of it.
    `sizes` are bytes by path, with `/` between its parts."""
    whole: Counter[str] = Counter()
    inside: dict[str, set[str]] = {}
    for path, size in sizes.items():
        below = path
        while below:
            whole[below] += size
            folder, _, _ = below.rpartition("/")
            inside.setdefault(folder, set()).add(below)
            below = folder

    def deepest(path: str) -> str:
        while path in inside:
            most = max(inside[path], key=lambda one: whole[one])
            if whole[most] < whole[path] * _MOST_OF_IT:
                break
            path = most
        return path

    least = sum(sizes.values()) * _WORTH_NAMING
    roots = [one for one in inside.get("", ()) if whole[one] >= least]
    roots.sort(key=lambda one: (-whole[one], one))
    return [(named, whole[named]) for named in map(deepest, roots[:_NAMED])]


def hold_ignoring(root: Path, member: str) -> None:
    """Raises BuildContextRefused for the root of a workspace that leaves nothing out: the history, and settings and
    packages of all members, would be in the image of each."""
    if not (root / IGNORE_FILE).exists():
        lines = "".join(f"\n  {pattern}" for pattern in _LEAST_IGNORED)
        raise BuildContextRefused(
            f"{member} is a member of the workspace in {printable(root)}, of which the image is made, and that has no "
            f"{IGNORE_FILE}: its history and settings would be in the image",
            hint=f"Write {printable(root / IGNORE_FILE)}, to begin with:{lines}",
            details={"reason": "nothing_ignored", "path": printable(root), "member": member},
        )


def hold_link(folder: Path, path: PurePosixPath, target: str) -> None:
    """Raises BuildContextRefused for a link that leaves the folder, also by way of another, or leads to itself.
    One to what is not there, or to a folder it is in, does no harm: links are not followed."""
    root = folder.resolve()
    written = PurePosixPath(os.path.normpath(path.parent / target))
    leaves = written.is_absolute() or written.parts[:1] == (os.pardir,)
    try:
        (folder / path).stat()
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise _refused_link(folder / path, target, "link_loop", "leads to itself") from error
    if leaves or not (folder / path).resolve().is_relative_to(root):
        raise _refused_link(folder / path, target, "link_leaves", "leaves the folder of the image")


def _refused_link(path: Path, target: str, reason: str, what: str) -> BuildContextRefused:
    return BuildContextRefused(
        f"the link {printable(path)} {what}: it leads to {printable(target)}",
        hint=f"Leave it out in {IGNORE_FILE}, put a copy in its place, or link to what is in the folder, relatively.",
        details={"reason": reason, "path": printable(path), "target": printable(target)},
    )


def special(path: Path, mode: int) -> BuildContextRefused:
    """The refusal of what is neither a file nor a folder."""
    what = "a pipe" if stat.S_ISFIFO(mode) else "a device"
    return BuildContextRefused(
        f"{printable(path)} is {what}, which no image can have",
        hint=f"Remove it, or leave it out in {IGNORE_FILE}.",
        details={"reason": "special_file", "path": printable(path)},
    )


def unreadable(path: Path, error: OSError) -> BuildContextRefused:
    """The refusal of what the operating system does not let be read."""
    named = printable(error.filename or path)
    return BuildContextRefused(
        f"cannot read {named}: {error.strerror or error}",
        hint=f"Fix its permissions, or leave it out in {IGNORE_FILE}",
        details={"reason": "unreadable", "path": named, "errno": error.errno},
    )


def printable(path: str | os.PathLike[str]) -> str:
    """A path with what is no UTF-8 in it told apart, so that it can be shown."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")


def _shown(size: int) -> str:
    return f"{size / _MIB / 1024:,.1f} GiB" if size >= 1024 * _MIB else f"{size / _MIB:,.1f} MiB"
