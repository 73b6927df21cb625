"""`cx engine`: the Pulumi engine that does the work, where it is and how to get it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import typer

from cli.options import Debug, Json
from cli.terminal import answer

if TYPE_CHECKING:
    from stacks.engine import Attempt, Progress

EXAMPLES = (
    "cx engine status",
    "cx engine install",
)

app = typer.Typer(
    name="engine", help="The Pulumi engine: where it is, and how to get it.", no_args_is_help=True
)


@app.command()
def status(as_json: Json = False, debug: Debug = False) -> None:
    """Show where the engine is looked for, and found."""
    from cygni.settings import Settings
    from stacks import engine

    with shown_progress() as progress:
        attempts = engine.status(Settings.from_environment(), progress)
    used = next((attempt for attempt in attempts if attempt.outcome is engine.Outcome.FOUND), None)
    if as_json:
        answer(
            {
                "engine": engine.as_details(used) if used else None,
                "attempts": [engine.as_details(attempt) for attempt in attempts],
            }
        )
        return
    for attempt in attempts:
        typer.echo(f"{_mark(attempt)} {engine.describe(attempt)}", err=True)
    if used is None:
        typer.echo("No engine yet: `cx engine install` gets one.", err=True)


@app.command()
def install(as_json: Json = False, debug: Debug = False) -> None:
    """Get an engine where there is none.

    It is downloaded, or built with Go where upstream cannot be reached; that takes some minutes, once for a
    machine. An engine that is found already is left as it is.
    """
    from cygni.settings import Settings
    from stacks import engine

    with shown_progress() as progress:
        found = engine.find(Settings.from_environment(), progress)
    if as_json:
        answer(
            {
                "path": str(found.path),
                "version": found.version,
                "origin": found.origin.value,
                "reason": found.reason,
            }
        )
    else:
        typer.echo(f"Engine {found.version}: {found.path} ({found.reason})", err=True)


def _mark(attempt: Attempt) -> str:
    from stacks.engine import Outcome

    marks = {Outcome.FOUND: "✓", Outcome.UNUSABLE: "✗", Outcome.FAILED: "✗"}
    return marks.get(attempt.outcome, "·")


@contextmanager
def shown_progress() -> Iterator[Progress]:
    """A progress callback for `stacks.engine.find`, shown on stderr: a bar at a terminal, else lines now and then.

    Nothing is shown while nothing takes time.
    """
    from cli import engine_progress

    shown = engine_progress.bar() if sys.stderr.isatty() else engine_progress.lines(sys.stderr)
    with shown as progress:
        yield progress
