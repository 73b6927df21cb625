"""What is known of who is at the other end: a person at a terminal, or a program."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from cygni.errors import Cancelled, ConfirmationRequired

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table


def interactive() -> bool:
    """Whether a person can be asked: both ends are a terminal and this is no CI job."""
    ends = (sys.stdin, sys.stderr)  # None where a daemon was started without
    return all(end is not None and end.isatty() for end in ends) and not os.environ.get("CI")


_WIDE = 110
_ENDLESS = 100_000
"""Columns in which every row of a table is one line."""


def print_table(table: Table) -> None:
    """For people, where `console` prints. It breaks between words alone, so that ids, times and names stay whole; rows
    whose words do not fit are longer than the terminal. Without a terminal each row is one line."""
    from rich.measure import Measurement

    people = console(_ENDLESS)
    endless = people.options.update_width(_ENDLESS)
    natural = Measurement.get(people, endless, table).maximum
    if natural > people.width:
        sizes = [
            [Measurement.get(people, endless, cell) for cell in (column.header, *column.cells)]
            for column in table.columns
        ]
        least = [max(size.minimum for size in column) for column in sizes]
        most = [max(size.maximum for size in column) for column in sizes]
        spared = sum(most) - sum(least)
        people.width = max(people.width, natural - spared)
        spare = people.width - (natural - spared)
        for column, small, large in zip(table.columns, least, most, strict=True):
            column.width = small + spare * (large - small) // max(spared, 1)
    people.print(table)


def console(columns: int = _WIDE) -> Console:
    """Where everything for people goes: stderr. Without a terminal it is plain, and has so many `columns`.

    If nobody reads it any more, printing raises BrokenPipeError, as it does everywhere else.
    """
    from rich.console import Console

    class People(Console):
        def on_broken_pipe(self) -> None:  # rich itself would end the process here
            raise BrokenPipeError(errno.EPIPE, os.strerror(errno.EPIPE))

    if sys.stderr is not None and sys.stderr.isatty():
        return People(stderr=True, highlight=False, emoji=False)
    return People(stderr=True, highlight=False, emoji=False, width=columns, no_color=True)


def for_people(*, as_json: bool) -> bool:
    """Whether somebody reads what is told to people: a program has not asked, or others attach to what it does."""
    if not as_json:
        return True
    from cli.event_file import is_told_elsewhere

    return is_told_elsewhere()


def confirm(
    question: str,
    *,
    yes: bool,
    details: Mapping[str, Any] | None = None,
    hint: str = "Add --yes to apply what is shown.",
) -> None:
    """Asks, unless `yes` has answered. Raises Cancelled on any answer but yes, and ConfirmationRequired (with
    `details` and `hint`) where nobody can be asked."""
    if yes:
        return
    if not interactive():
        raise ConfirmationRequired(
            "nothing was changed: there is no terminal to ask at",
            hint=hint,
            details=details,
        )
    try:
        # Asked in here too: a Ctrl-C may come as soon as the question can be read.
        print(f"{question} [y/N] ", end="", file=sys.stderr, flush=True)
        answer = sys.stdin.readline()
    except KeyboardInterrupt:
        print(file=sys.stderr)
        raise Cancelled("nothing was changed", details={"interrupted": True}) from None
    if not answer.endswith("\n"):  # Ctrl-D
        print(file=sys.stderr)
    if answer.strip().lower() not in ("y", "yes"):
        raise Cancelled("nothing was changed")


def ask(question: str, default: str) -> str:
    """What a person answers, `default` for an empty line; without a terminal nothing is asked. Raises Cancelled."""
    if not interactive():
        return default
    try:
        print(f"{question} [{default}] " if default else f"{question}: ", end="", file=sys.stderr, flush=True)
        answered = sys.stdin.readline()
    except KeyboardInterrupt:
        print(file=sys.stderr)
        raise Cancelled("nothing was written", details={"interrupted": True}) from None
    if not answered.endswith("\n"):  # Ctrl-D
        print(file=sys.stderr)
        raise Cancelled("nothing was written")
    return answered.strip() or default


def ask_secret(question: str, hint: str = "See --help for how to give it to a script.") -> str:
    """What a person types without its being seen. Raises ConfirmationRequired, with `hint`, without a terminal,
    Cancelled for nothing."""
    import getpass

    if not interactive():
        raise ConfirmationRequired(f"there is no terminal to ask at: {question}", hint=hint)
    try:
        given = getpass.getpass(f"{question}: ", stream=sys.stderr)
    except (EOFError, KeyboardInterrupt):
        raise Cancelled("nothing was done", details={"interrupted": True}) from None
    if not given:
        raise Cancelled("nothing was done: nothing was given")
    return given


def answer(document: Any) -> None:
    """The answer to a program: one JSON object on stdout, on one line."""
    import json

    sys.stdout.write(json.dumps(document) + "\n")
