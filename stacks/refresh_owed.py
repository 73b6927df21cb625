"""That a stack has adopted resources which were not read from the cloud yet.

A recovery puts what it found into the state by its id, then reads the rest; killed in between, the next one
learns from this note, on whatever machine it runs, that reading is still to be done.
"""

from __future__ import annotations

from stacks.notes import Note
from stacks.target import Environment


def owe_refresh(environment: Environment, stack: str) -> None:
    """To be called before resources are adopted. Raises StateError if it cannot be noted."""
    _note(environment, stack).write(lambda known: "")


def refresh_is_owed(environment: Environment, stack: str) -> bool:
    """Whether a recovery of `stack` ended before its refresh did. Raises StateError, AuthError if that cannot be
    told."""
    return bool(_note(environment, stack).read())


def refresh_done(environment: Environment, stack: str) -> None:
    """To be called when the refresh has succeeded. Raises StateError, AuthError."""
    _note(environment, stack).forget()


def _note(environment: Environment, stack: str) -> Note:
    return Note(environment, stack, "refresh-owed")
