"""`cx scale`: other numbers of tasks, until the next deploy."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import typer

from cli import suggestions
from cli.options import App, Debug, Env, Json, LockWait
from cygni.errors import UsageError

EXAMPLES = ("cx scale web=4", "cx scale web=4 mailer=0 -e staging")
Counts = Annotated[
    list[str],
    typer.Argument(
        metavar="SERVICE=COUNT", help="Such as web=4.", autocompletion=suggestions.counted_services
    ),
]
_MOST = 5000


def scale(
    counts: Counts,
    app: App = None,
    env: Env = "local",
    as_json: Json = False,
    lock_wait: LockWait = 0.0,
    debug: Debug = False,
) -> None:
    """Run another number of tasks of a service, until the next deploy says what cygni.yaml says."""
    from cli.release_session import carry_out

    wanted = counts_of(counts)
    carry_out(
        app,
        env,
        lambda releases, waiting: releases.scale(wanted, waiting),
        doing="scale",
        lock_wait=lock_wait,
        as_json=as_json,
        nothing="Nothing to do: as many run.",
    )


def counts_of(given: Sequence[str]) -> dict[str, int]:
    """`web=4` as a service and its number of tasks (0 to 5000, as ECS allows). Raises UsageError."""
    found = {}
    for one in given:
        service, _, count = one.partition("=")
        if not service or not (count.isascii() and count.isdigit()) or int(count) > _MOST:
            raise UsageError(
                f"{one!r} says no number of tasks", hint=f"Write SERVICE=COUNT, such as web=4; up to {_MOST}."
            )
        found[service] = int(count)
    return found
