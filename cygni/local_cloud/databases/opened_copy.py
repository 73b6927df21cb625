"""PostgreSQL's programs where `nobody` may look for them, on a machine whose user is root.

They ask with access(2), which heeds no capability, so folders on the way that are closed to others keep them out, as
root's own home is on most machines. There they are linked, or copied (70 MB), once, below the temporary folder,
together with the libraries that a wheel has beside its package (`PACKAGE.libs`) and that its programs look for there.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import stat
import tempfile
from pathlib import Path


def reachable(programs: Path) -> Path:
    """The folder of the same programs that others reach; `programs` itself where it is, or where we are not root.

    Raises OSError where they cannot be copied.
    """
    source, package = programs.parent, programs.parent.parent
    libraries = package.parent / f"{package.name}.libs"
    if os.geteuid() != 0 or _is_open(programs, libraries):
        return programs
    marked = f"{source} {(programs / 'postgres').stat().st_mtime_ns}"
    name = f"cygni-{source.name}-{hashlib.sha256(marked.encode()).hexdigest()[:12]}"
    wanted, inside = Path(tempfile.gettempdir()) / name, programs.relative_to(package.parent)
    if not _is_whole(wanted, inside):
        made = Path(tempfile.mkdtemp(prefix=f"{name}-"))
        for folder in (source, libraries):
            if folder.is_dir():
                below = made / folder.relative_to(package.parent)
                shutil.copytree(folder, below, symlinks=True, copy_function=_linked)
        for opened, _, _ in os.walk(made):  # who installed it may have had a umask of 077
            Path(opened).chmod(0o755)
        with contextlib.suppress(OSError):  # another process was quicker, or somebody else has the name
            made = made.rename(wanted)
        wanted = made
    return wanted / inside


def _is_open(folder: Path, libraries: Path) -> bool:
    needed = (folder, *folder.parents, *([libraries] if libraries.is_dir() else []))
    return all(one.stat().st_mode & stat.S_IXOTH for one in needed)


def _is_whole(copy: Path, programs: Path) -> bool:
    """Whether it is there, and nobody but root can have put anything into it."""
    try:
        found = copy.lstat()
    except OSError:
        return False
    mine = (
        stat.S_ISDIR(found.st_mode)
        and found.st_uid == 0
        and not found.st_mode & (stat.S_IWGRP | stat.S_IWOTH)
    )
    return mine and (copy / programs / "postgres").is_file()


def _linked(source: str, target: str) -> None:
    try:
        os.link(source, target, follow_symlinks=False)
    except OSError:
        shutil.copy2(source, target, follow_symlinks=False)
