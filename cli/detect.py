"""`cx detect`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.options import Debug, Json

if TYPE_CHECKING:
    from cygni.builder.detect import Detection, Reason

Folder = Annotated[Path, typer.Argument(metavar="[PATH]", help="The folder to look at.", show_default="here")]


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
    """A line for each thing that is known, with its reason."""
    if not any(found.program.to_dict().values()):
        _say("nothing is known of what this folder holds")
    _lines(found.program.reasons, "")
    for process, command in found.program.processes.items():
        _say(f"{'process ' + process:<18} {command}")
    for member in found.members:
        _say("")
        _say(f"{member.path} ({member.name})")
        _lines(member.program.reasons, "  ")
    for language in found.also:
        _say(f"{'also':<18} {language}")
    for note in found.notes:
        _say(f"note: {note}")


def _lines(reasons: list[Reason], indent: str) -> None:
    for reason in reasons:
        name = reason.about.replace("_", " ")
        _say(
            f"{indent}{name:<18} {_plain(_shown(reason.value))}\n{indent}{'':<18}   {_plain(reason.because)}"
        )


def _plain(text: str) -> str:
    return text.replace("\n", " ")


def _shown(value: Any) -> str:
    return ", ".join(value) if isinstance(value, list) else "yes" if value is True else str(value)


def _say(text: str) -> None:
    """A line or two; what a manifest holds is shown, never obeyed by a terminal."""
    from cygni.spec.wording import one_line

    typer.echo("\n".join(one_line(line) for line in text.split("\n")), err=True)
