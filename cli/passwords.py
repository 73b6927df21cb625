"""Passwords that are asked for, or read from stdin: never arguments, which others see."""

from __future__ import annotations

import sys

from cli.terminal import ask_secret


def given_password(from_stdin: bool, *, twice: bool = False, what: str = "password") -> str:
    """Asked for `twice` where it is a new one. Raises UsageError."""
    from cygni.errors import UsageError

    if from_stdin:
        return line_of_stdin(f"the {what}")
    password = ask_secret(what.capitalize())
    if twice and ask_secret("The same again") != password:
        raise UsageError("those were two different passwords")
    return password


def line_of_stdin(what: str) -> str:
    """Raises UsageError where there is none, naming `what` it was to be."""
    from cygni.errors import UsageError

    try:
        line = sys.stdin.readline().rstrip("\r\n") if sys.stdin is not None else ""
        line.encode()  # in the locale C, what is no text has come as surrogates
    except UnicodeError:
        raise UsageError(f"{what} on stdin is no text in UTF-8") from None
    if not line:
        raise UsageError(f"{what} is missing: stdin is empty")
    return line
