"""Files and folders of this machine that their owner alone may read; a file is made once, or replaced whole."""

from __future__ import annotations

import contextlib
import os
import stat
import tempfile
from pathlib import Path


def granted_to_others(found: os.stat_result) -> int:
    """Bits of its mode by which others may do something with a folder of this process's user. That root's own group
    passes through is none: PostgreSQL does, which root has to start as somebody else, and which keeps the group."""
    others = found.st_mode & (stat.S_IRWXG | stat.S_IRWXO)
    own_group_of_root = os.geteuid() == 0 and found.st_gid == os.getegid()
    return others & ~stat.S_IXGRP if own_group_of_root else others


def make_once(path: Path, content: bytes) -> None:
    """The file appears whole or not at all, also where the machine stops; of several that make it at once, the first
    wins and the others leave it as it is. Its folder must be there. Raises OSError."""
    descriptor, name = tempfile.mkstemp(
        prefix=f".{path.name}-", dir=path.parent
    )  # readable by its owner alone
    own = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):
            os.link(own, path)
    finally:
        own.unlink(missing_ok=True)


def replace_whole(path: Path, content: bytes) -> None:
    """A reader sees what was there before, or this. Its folder must be there. Raises OSError."""
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
    own = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        own.replace(path)
    except BaseException:
        own.unlink(missing_ok=True)
        raise
