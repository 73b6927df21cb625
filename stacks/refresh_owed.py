"""That a stack has adopted resources which were not read from the cloud yet.

A recovery puts what it found into the state by its id, then reads the rest; killed in between, the next one
learns from this mark, beside the records, that reading is still to be done.
"""

from __future__ import annotations

from pathlib import Path

from cygni.errors import StateError
from stacks.records import write_whole
from stacks.target import Environment


def owe_refresh(environment: Environment, stack: str) -> None:
    """To be called before resources are adopted. Raises StateError if it cannot be written."""
    write_whole(_file(environment, stack), "")


def refresh_is_owed(environment: Environment, stack: str) -> bool:
    """Whether a recovery of `stack` ended before its refresh did. Raises StateError if that cannot be told."""
    path = _file(environment, stack)
    try:
        return path.exists()
    except OSError as error:
        raise StateError(
            f"cannot read {path}: {error.strerror}", hint="Mend the permissions of its folder."
        ) from None


def refresh_done(environment: Environment, stack: str) -> None:
    """To be called when the refresh has succeeded."""
    _file(environment, stack).unlink(missing_ok=True)


def _file(environment: Environment, stack: str) -> Path:
    return environment.records.folder / f"{stack}.refresh-owed"
