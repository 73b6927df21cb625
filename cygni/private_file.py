"""A file of this machine that its owner alone may read: made once, or replaced whole."""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path


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
