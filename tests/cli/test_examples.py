"""The examples in the help of commands."""

from __future__ import annotations

import shlex

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
    program, command, *arguments = shlex.split(line)
    assert program == "cx"
    ROOT.commands[command].make_context(command, arguments)  # type: ignore[attr-defined]


def test_are_there_for_every_command_on_releases() -> None:
    assert {line.split()[1] for line in EXAMPLES} >= RELEASING
