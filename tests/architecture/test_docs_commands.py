"""Every command of `cx` in the documentation is one that there is, with options that it has."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from cli.main import ALIASES, COMMANDS, typer_app

ROOT = Path(__file__).parents[2]
HAND_WRITTEN = ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "examples/*/README.md", "docs/**/*.md"]
GENERATED = ROOT / "docs" / "cli.md"
PAGES = sorted({path for pattern in HAND_WRITTEN for path in ROOT.glob(pattern)} - {GENERATED})
PLAIN = {"version", "logout", "whoami", "server", "org", "project", "member", "token", "secrets", "audit"}
"""Commands that take nothing, and groups whose own commands have the examples."""
BLOCK = re.compile(r"^ *```(\w*)\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
SHELL = {"", "sh", "shell", "console"}


def commands(text: str) -> Iterator[str]:
    """The commands of a page, without `cx`: in blocks for a shell, in what those substitute, and in the text."""
    for language, block in BLOCK.findall(text):
        if language in SHELL:
            for line in block.replace("\\\n", " ").splitlines():
                typed = line.strip().removeprefix("$ ").partition(" #")[0]
                yield from re.findall(r"(?:^|[;&|(] *|/bin/|exec )cx ([^&|;<>)]*)", typed)
    prose = BLOCK.sub("", text)
    yield from (" ".join(one.split()) for one in re.findall(r"`cx\s+([^`]+)`", prose))


def words(command: str) -> list[str]:
    """As a shell splits them; what stands for a value is one that any option takes."""
    found = shlex.split(command.replace("...", ""))
    return ["1" if re.fullmatch(r"[A-Z][A-Z_]*|\[.*\]", word) else word for word in found]


@cache
def root() -> Any:
    """The command `cx`. Click's classes are Typer's own affair."""
    return get_command(typer_app())


def refusal(arguments: list[str]) -> str | None:
    """What the parser says against a command, which it does not run. Nothing against one that is only named, without
    what it needs."""
    if arguments[:1] == ["1"]:
        return None  # `cx COMMAND --help`
    if arguments and arguments[0].startswith("-"):  # what they do, they do when they are parsed
        known = {name for one in root().params for name in one.opts} | {"-h", "--help", "--version"}
        return None if arguments[0] in known else f"cx has no {arguments[0]}"
    command, path = root(), "cx"
    arguments = [ALIASES.get(word, word) for word in arguments[:1]] + arguments[1:]
    try:
        while arguments:
            context = command.make_context(path, arguments)
            rest = [*getattr(context, "_protected_args", ()), *context.args]
            if not hasattr(command, "commands") or not rest:
                return None
            path, command, arguments = command.resolve_command(context, rest)
    except Exception as error:  # noqa: BLE001  # as above
        message = getattr(error, "format_message", str)()
        only_named = any(part in message for part in ("Missing argument", "requires an argument", "'1'"))
        return None if only_named or not message else message
    return None


class TestExamples:
    @pytest.mark.parametrize("name", sorted(set(COMMANDS) - PLAIN))
    def test_of_a_command_are_commands(self, name: str) -> None:
        shown = root().commands[name].epilog or ""
        found = list(commands(f"```sh\n{shown}\n```"))
        assert found, "its help has no example"
        assert [refusal(words(one)) for one in found] == [None] * len(found)


class TestCommands:
    def test_are_found_in_blocks_and_in_the_text(self) -> None:
        text = (
            "Then `cx diff -e\nstaging`.\n\n```sh\ncx init shop && cd shop   # begin\n"
            '$ curl "$(cx outputs a.b)"\n```\n\n```yaml\ncx: 1\n```\n'
        )
        assert [words(one) for one in commands(text)] == [
            ["init", "shop"],
            ["outputs", "a.b"],
            ["diff", "-e", "staging"],
        ]

    @pytest.mark.parametrize(
        "wrong",
        ["frobnicate", "diff --frobnicate", "policy frobnicate", "deploy extra", "rollback latest"],
    )
    def test_that_are_wrong_are_refused(self, wrong: str) -> None:
        assert refusal(words(wrong)) is not None

    @pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
    def test_of_a_page_are_those_of_cx(self, page: Path) -> None:
        found = list(commands(page.read_text(encoding="utf-8")))
        told = {one: refusal(words(one)) for one in found}
        assert {one: why for one, why in told.items() if why} == {}
