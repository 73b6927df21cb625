"""Writes files that are not there."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from cygni.errors import UsageError


def write_new(path: Path, text: str, *, overwrite: bool = False) -> bool:
    """Write a whole file, or none of it. False where there is one already and it may not be overwritten.

    Raises UsageError where it cannot be written.
    """
    if not overwrite and os.path.lexists(path):
        return False
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=".cygni-")
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                file.write(text)
            made = Path(name)
            made.chmod(0o644)
            if overwrite:
                made.replace(path)
                return True
            try:
                os.link(made, path)
            except FileExistsError:  # it has appeared meanwhile
                return False
        finally:
            Path(name).unlink(missing_ok=True)
    except OSError as error:
        raise UsageError(f"cannot write {path}: {error.strerror or error}") from error
    return True
