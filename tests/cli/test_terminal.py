from __future__ import annotations

import io
import os
import sys

import pytest
from rich.text import Text

from cli.connected import show_items
from cli.terminal import ask, confirm, console, interactive
from cygni.errors import Cancelled, ConfirmationRequired


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def at_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """A person at a terminal. (Not a fixture: pytest sets the streams again when the test begins.)"""
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.setattr(sys, "stdin", Terminal())
    monkeypatch.setattr(sys, "stderr", Terminal())


class TestInteractive:
    def test_is_a_person_at_a_terminal(self, monkeypatch: pytest.MonkeyPatch) -> None:
        at_a_terminal(monkeypatch)
        assert interactive()

    @pytest.mark.parametrize("stream", ["stdin", "stderr"])
    @pytest.mark.parametrize("other", [None, io.StringIO()], ids=["missing", "a file"])
    def test_needs_a_terminal_at_both_ends(
        self, monkeypatch: pytest.MonkeyPatch, stream: str, other: io.StringIO | None
    ) -> None:
        at_a_terminal(monkeypatch)
        monkeypatch.setattr(sys, stream, other)
        assert not interactive()

    def test_is_never_a_ci_job(self, monkeypatch: pytest.MonkeyPatch) -> None:
        at_a_terminal(monkeypatch)
        monkeypatch.setenv("CI", "true")
        assert not interactive()


class TestConsole:
    def test_is_wide_and_plain_for_a_log(self, capsys: pytest.CaptureFixture[str]) -> None:
        people = console()
        people.print("[red]" + "x" * 110)
        assert people.width == 110
        assert capsys.readouterr() == ("", "x" * 110 + "\n")

    @pytest.mark.parametrize("terminal", [False, True])
    def test_takes_no_word_between_colons_for_a_picture(
        self, monkeypatch: pytest.MonkeyPatch, terminal: bool
    ) -> None:
        """`:secret:` is in every ARN of Secrets Manager."""
        stream = Terminal() if terminal else io.StringIO()
        monkeypatch.setattr(sys, "stderr", stream)
        arn = "arn:aws:secretsmanager:us-east-1:123456789012:secret:main"
        people = console()
        people.print(arn, markup=False, soft_wrap=True)
        people.print(f"[bold]{arn}[/]", soft_wrap=True)
        assert stream.getvalue().count(arn) == 2

    def test_raises_what_everything_raises_when_nobody_reads(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Not rich's own SystemExit, which nobody between a print and the engine would take for an error."""
        reading, writing = os.pipe()
        os.close(reading)
        stream = os.fdopen(writing, "w", buffering=1)
        monkeypatch.setattr(sys, "stderr", stream)
        with pytest.raises(BrokenPipeError):
            console().print("x")
        monkeypatch.undo()
        with pytest.raises(BrokenPipeError):
            stream.close()


class TestConfirm:
    def test_asks_nobody_who_said_yes(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(sys, "stdin", None)
        confirm("Sure?", yes=True)

    def test_gives_programs_the_details(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(sys, "stdin", io.StringIO("y\n"))
        with pytest.raises(ConfirmationRequired) as caught:
            confirm("Sure?", yes=False, details={"plan": 1})
        assert caught.value.details == {"plan": 1}

    def test_takes_the_end_of_input_for_no(self, monkeypatch: pytest.MonkeyPatch) -> None:
        at_a_terminal(monkeypatch)
        with pytest.raises(Cancelled):
            confirm("Sure?", yes=False)


class TestAsk:
    @pytest.mark.parametrize(("default", "shown"), [("", "Email: "), ("shop", "Email [shop] ")])
    def test_shows_what_an_empty_line_means(
        self, monkeypatch: pytest.MonkeyPatch, default: str, shown: str
    ) -> None:
        at_a_terminal(monkeypatch)
        monkeypatch.setattr(sys, "stdin", Terminal("\n"))
        said = Terminal()
        monkeypatch.setattr(sys, "stderr", said)
        assert (ask("Email", default), said.getvalue()) == (default, shown)


class TestColour:
    def test_is_left_out_where_somebody_wants_none(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("TERM", "xterm")
        monkeypatch.delenv("NO_COLOR", raising=False)
        assert "\x1b[31m" in self._printed(monkeypatch)
        monkeypatch.setenv("NO_COLOR", "1")
        assert self._printed(monkeypatch) == "over budget\n"

    def _printed(self, monkeypatch: pytest.MonkeyPatch) -> str:
        terminal = Terminal()
        monkeypatch.setattr(sys, "stderr", terminal)
        console().print("[red]over budget")
        return terminal.getvalue()


def test_a_table_is_not_folded_where_a_program_reads(capsys: pytest.CaptureFixture[str]) -> None:
    moment, name = "2026-11-22T12:00:00.123456+00:00", "a name of many words " * 12
    items = [{"id": f"0198c9a1-7f3e-7c55-9d5a-0a6f2f6d1b1{n}", "at": moment, "name": name} for n in range(2)]
    show_items(items, {"Id": "id", "At": "at", "Name": "name"}, as_json=False, none="")
    _, *rows = capsys.readouterr().err.splitlines()
    assert len(rows) == 2
    for row, item in zip(rows, items, strict=True):
        assert (item["id"] in row, " 2026-11-22T12:00:00Z " in row, name.strip() in row) == (True, True, True)


ID = "01a20647-64ef-78e9-90da-7ea13a2e8110"


class TestTable:
    @pytest.mark.parametrize("columns", [30, 60, 90, 200])
    def test_breaks_no_id(self, monkeypatch: pytest.MonkeyPatch, columns: int) -> None:
        terminal = Terminal()
        monkeypatch.setattr(sys, "stderr", terminal)
        monkeypatch.setenv("COLUMNS", str(columns))
        scopes = "deployment:create, deployment:read, project:read"
        item = {"id": ID, "may": scopes, "note": "for the pipeline of the shop", "at": "2026-11-23T03:00:00Z"}
        headings = {"Key": "id", "What it may": "may", "Note": "note", "Ends at": "at"}
        show_items([item], headings, as_json=False, none="There is none.")
        text = Text.from_ansi(terminal.getvalue()).plain
        shown = text.split()
        assert {ID, *scopes.split(), *item["note"].split(), item["at"]} <= set(shown)
        assert "What" in shown
        widest = max(len(line.rstrip()) for line in text.splitlines())
        assert widest <= max(columns, 36 + 2 + 18 + 4 + 8 + 4 + 20 + 2)
