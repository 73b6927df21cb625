"""`cx detect`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.options import Debug, Json

if TYPE_CHECKING:
    from cygni.builder.detect import Detection, Reason

EXAMPLES = (
    "cx detect",
    "cx detect services/api --json",
)

Folder = Annotated[Path, typer.Argument(metavar="PATH", help="The folder to look at.", show_default="here")]


def detect(path: Folder = Path(), as_json: Json = False, debug: Debug = False) -> None:
    """Show what a folder holds: language, framework, commands, and why. Nothing in it is executed."""
    from cli.terminal import answer
    from cygni.builder.detect import detect as look

    found = look(path)
    if as_json:
        answer(found.to_dict())
    else:
        show(found)


def show(found: Detection) -> None:
    """A line for each thing that is known, with its reason; what a manifest holds is never obeyed by a terminal."""
    from cygni.wording import one_line

    for line in described(found):
        typer.echo(one_line(line), err=True)


def described(found: Detection) -> Iterator[str]:
    """The lines of it, for people."""
    if not any(found.program.to_dict().values()):
        yield "nothing is known of what this folder holds"
    yield from _lines(found.program.reasons, "")
    for process, command in found.program.processes.items():
        yield f"{'process ' + process:<18} {_plain(command)}"
    for member in found.members:
        yield from ("", f"{member.path} ({member.name})")
        yield from _lines(member.program.reasons, "  ")
    for language in found.also:
        yield f"{'also':<18} {language}"
    for note in found.notes:
        yield f"note: {_plain(note)}"


def _lines(reasons: list[Reason], indent: str) -> Iterator[str]:
    for reason in reasons:
        name = reason.about.replace("_", " ")
        yield f"{indent}{name:<18} {_plain(_shown(reason.value))}"
        yield f"{indent}{'':<18}   {_plain(reason.because)}"


def _plain(text: str) -> str:
    return text.replace("\n", " ")


def _shown(value: Any) -> str:
    return ", ".join(value) if isinstance(value, list) else "yes" if value is True else str(value)
