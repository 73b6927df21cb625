"""A start command as it is written on one line (pure)."""

from __future__ import annotations

import shlex

from cygni.errors import UsageError


def start_command(written: str) -> tuple[str, ...]:
    """Its words, with quotes as in a shell, but without one: `$PORT` stays as it is. Raises UsageError."""
    try:
        words = tuple(shlex.split(written))
    except ValueError as error:
        raise UsageError(
            f"the start command cannot be read: {error}", hint='Close its quotes: --start "node server.js"'
        ) from error
    if not words:
        raise UsageError("the start command is empty", hint="Write the program and its arguments")
    return words
