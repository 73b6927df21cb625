"""What is known of who is at the other end: a person at a terminal, or a program."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from cygni.errors import Cancelled, ConfirmationRequired

if TYPE_CHECKING:
    from rich.console import Console


def interactive() -> bool:
    """Whether a person can be asked: both ends are a terminal and this is no CI job."""
    return sys.stdin.isatty() and sys.stderr.isatty() and not os.environ.get("CI")


def console() -> Console:
    """Where everything for people goes: stderr. Without a terminal it is wide and plain."""
    from rich.console import Console

    if sys.stderr.isatty():
        return Console(stderr=True, highlight=False)
    return Console(stderr=True, highlight=False, width=110, no_color=True)


def confirm(question: str, *, yes: bool, details: Mapping[str, Any] | None = None) -> None:
    """Asks, unless `yes` has answered. Raises Cancelled on any answer but yes, and ConfirmationRequired (with
    `details`) where nobody can be asked."""
    if yes:
        return
    if not interactive():
        raise ConfirmationRequired(
            "nothing was changed: there is no terminal to ask at",
            hint="Add --yes to apply what is shown.",
            details=details,
        )
    print(f"{question} [y/N] ", end="", file=sys.stderr, flush=True)
    answer = sys.stdin.readline()
    if answer.strip().lower() not in ("y", "yes"):
        raise Cancelled("nothing was changed")
