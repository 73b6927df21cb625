"""The examples in the help of commands."""

from __future__ import annotations

import shlex
from typing import Any

import pytest
from typer.main import get_command

from cli.main import COMMANDS, typer_app

ROOT = get_command(typer_app())
EXAMPLES = [
    line.strip()
    for name in COMMANDS
    if (epilog := ROOT.commands[name].epilog)  # type: ignore[attr-defined]
    for line in epilog.splitlines()[2:]
]
RELEASING = {
    "deploy", "status", "releases", "rollback", "promote", "pause", "resume", "abort", "scale", "restart", "logs",
    "run", "open",
}  # fmt: skip


@pytest.mark.parametrize("line", EXAMPLES)
def test_are_understood(line: str) -> None:
    program, *arguments = shlex.split(line.partition(" <")[0])
    assert program == "cx"
    context: Any = ROOT.make_context(program, arguments)
    while hasattr(context.command, "commands"):
        words = [*context._protected_args, *context.args]
        name, command, rest = context.command.resolve_command(context, words)
        context = command.make_context(name, rest, parent=context)


def test_are_there_for_every_command_on_releases() -> None:
    assert {line.split()[1] for line in EXAMPLES} >= RELEASING


def test_are_there_for_every_group() -> None:
    groups = {name for name in COMMANDS if hasattr(ROOT.commands[name], "commands")}  # type: ignore[attr-defined]
    assert len(groups) > 20
    assert groups <= {line.split()[1] for line in EXAMPLES}
