from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from cli import main
from cli.main import ALIASES, COMMANDS, help_text, typer_app, wanted
from tests.cli.conftest import Cx

ROOT = Path(__file__).parents[2]
CX = Path(sys.executable).parent / "cx"


def root(only: str | None = None) -> Any:
    """The application as a command of its library."""
    return get_command(typer_app(only))


def commands(path: str = "", command: Any = None) -> Iterator[tuple[str, Any]]:
    """Every command of the application with its path, groups left out."""
    found = command or root()
    children = getattr(found, "commands", {})
    for name, child in children.items():
        yield from commands(f"{path} {name}".strip(), child)
    if not children:
        yield path, found


EVERY = dict(commands())


class TestUsageErrors:
    @pytest.mark.parametrize(
        ("arguments", "message", "hint"),
        [
            (["frobnicate"], "No such command 'frobnicate'.", "cx --help"),
            (["deplo"], "No such command 'deplo'. Did you mean 'deploy'?", "cx --help"),
            (["deploy", "--yess"], "No such option: --yess", "cx deploy --help"),
            (["deploy", "here"], "Got unexpected extra argument(s) (here)", "cx deploy --help"),
            (["deploy", "--env"], "Option '--env' requires an argument.", "cx deploy --help"),
            (["local", "up", "--port", "x"], "Invalid value for '--port'", "cx local up --help"),
            (["local"], "cx local needs a command: up, status, logs, reset, down", "cx local --help"),
            (["engine"], "cx engine needs a command: status, install", "cx engine --help"),
            ([], f"cx needs a command: {next(iter(COMMANDS))}, ", "cx --help"),
            ([""], "No such command ''.", "cx --help"),
        ],
    )
    def test_say_what_is_wrong_and_where_help_is(
        self, cx: Cx, arguments: list[str], message: str, hint: str
    ) -> None:
        ended = cx(*arguments)
        assert (ended.code, ended.out) == (2, "")
        assert ended.err.startswith(f"error: {message}")
        assert ended.err.endswith(f"hint:  See: {hint}\n")
        assert len(ended.err.splitlines()) == 2

    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            (["deploy", "-e", "Foo"], 'no environment "Foo"'),
            (["status", "-e", "prod"], 'no environment "prod"; did you mean "production"?'),
            (["deploy", "--lock-wait", "x"], "--lock-wait 'x' is not a time"),
            (["diff", "--timeout", "1d"], "--timeout '1d' is not a time"),
            (["deploy", "-y", "--timeout", "0s"], "--timeout '0s' is too short"),
            (["diff", "--max-cost-increase", "-5"], "--max-cost-increase '-5' is not an amount"),
            (["diff", "--max-cost-increase", "a"], "--max-cost-increase 'a' is not an amount"),
            (["diff", "--json", "--markdown"], "--json and --markdown exclude each other"),
        ],
    )
    def test_come_before_that_there_is_no_project(self, cx: Cx, arguments: list[str], message: str) -> None:
        (cx.folder / "cygni.yaml").unlink()
        ended = cx(*arguments)
        assert message in ended.err + ended.out
        assert "cygni.yaml" not in (ended.err + ended.out).splitlines()[0]


class TestHelp:
    @pytest.mark.parametrize("path", list(EVERY))
    def test_of_each_command_lists_its_options_and_does_nothing(self, cx: Cx, path: str) -> None:
        ended = cx(*path.split(), "--help")
        assert (ended.code, ended.err, cx.runner.calls) == (0, "", [])
        assert not (cx.folder.parent / "data").exists()
        options = [
            name
            for parameter in EVERY[path].params
            if not parameter.hidden
            for name in parameter.opts
            if name.startswith("--")
        ]
        assert "--help" in ended.out
        assert [option for option in options if option not in ended.out] == []

    def test_says_the_same_of_each_command_in_both_places(self) -> None:
        top = {name: child.get_short_help_str(200) for name, child in root().commands.items()}
        assert top == {name: text for name, (_, text) in COMMANDS.items()}

    @pytest.mark.parametrize(
        "name", [name for name, child in EVERY.items() if not hasattr(child, "commands")]
    )
    def test_of_a_command_says_all_that_is_written_of_it(self, cx: Cx, name: str) -> None:
        callback = EVERY[name].callback
        assert callback is not None
        assert callback.__doc__ is not None
        assert " ".join(callback.__doc__.split()) in " ".join(cx(*name.split(), "--help").out.split())

    @pytest.mark.parametrize("group", ["local", "engine", "env", "policy"])
    def test_of_a_group_shows_each_summary_whole(self, cx: Cx, group: str) -> None:
        listed = cx(group, "--help").out.partition("Commands:\n")[2].splitlines()
        assert len(listed) >= 2
        assert [line for line in listed if line.endswith("...")] == []

    def test_lists_every_command(self) -> None:
        listed = re.findall(r"^  ([a-z]+)  +\S", help_text().partition("Options:")[0], re.MULTILINE)
        assert listed == list(COMMANDS)
        assert set(listed) == set(root().commands)

    @pytest.mark.parametrize("arguments", [[], ["--help"], ["-h"], ["help"]])
    def test_of_the_whole_is_on_stdout(
        self, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, arguments: list[str]
    ) -> None:
        monkeypatch.setattr(sys, "argv", ["cx", *arguments])
        main.main()
        assert capsys.readouterr().out == help_text()

    def test_of_each_command_says_more_than_its_options(self) -> None:
        assert [path for path, command in EVERY.items() if len((command.help or "").split()) < 4] == []

    def test_tells_what_each_option_does(self) -> None:
        silent = [
            f"{path} {parameter.opts[0]}"
            for path, command in EVERY.items()
            for parameter in command.params
            if not parameter.help
        ]
        assert silent == []


class TestTyperApp:
    def test_loads_the_one_command_that_is_asked_for(self) -> None:
        assert list(root("version").commands) == ["version"]

    @pytest.mark.parametrize(
        ("arguments", "command"),
        [(["deploy", "-y"], "deploy"), (["plan"], "diff"), (["--json"], None), (["x"], None), ([], None)],
    )
    def test_knows_which_that_is(self, arguments: list[str], command: str | None) -> None:
        assert wanted(arguments) == command

    def test_has_a_command_for_each_alias(self) -> None:
        assert set(ALIASES.values()) <= set(COMMANDS)
        assert not set(ALIASES) & set(COMMANDS)


class TestVersion:
    def test_is_one_line(self, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(sys, "argv", ["cx", "--version"])
        main.main()
        assert re.fullmatch(r"cx \d+\.\d+\.\d+\n", capsys.readouterr().out)

    def test_of_all_parts_is_for_people_or_programs(self, cx: Cx) -> None:
        told = cx("version", "--json").answer
        assert set(told) == {"cygni", "engine_needed", "pulumi", "pulumi-aws", "python"}
        ended = cx("version")
        assert ended.out == ""
        assert f"engine      needs {told['engine_needed']}" in ended.err


def unread(*command: str) -> subprocess.Popen[str]:
    """A program whose stdout leads nowhere."""
    reading, writing = os.pipe()
    os.close(reading)
    try:
        return subprocess.Popen(
            command, stdout=writing, stderr=subprocess.PIPE, text=True, cwd=ROOT / "examples" / "hello"
        )
    finally:
        os.close(writing)


class TestStreams:
    @pytest.mark.parametrize(
        ("arguments", "codes"),
        [
            (["version", "--json"], {1}),
            (["status", "--json"], {6}),
            (["deploy", "--help"], {1}),
            (["--help"], {0}),
            (["--version"], {0}),
        ],
    )
    def test_that_nobody_reads_end_the_command_without_a_word(
        self, arguments: list[str], codes: set[int]
    ) -> None:
        with unread(str(CX), *arguments) as process:
            _, err = process.communicate(timeout=60)
        assert err == ""
        assert process.returncode in codes

    def test_that_nobody_reads_are_noticed_before_python_ends(self) -> None:
        program = """
import sys
from cli import invocation
invocation._run = lambda arguments: print("an answer") or 0
sys.exit(invocation.invoke(["status"]))
"""
        with unread(sys.executable, "-c", program) as process:
            _, err = process.communicate(timeout=60)
        assert (process.returncode, err) == (1, "")

    @pytest.mark.parametrize("closed", ["<&-", "<&- 2>&-"])
    def test_that_are_missing_are_no_reason_to_fail(self, closed: str) -> None:
        code, out, err = shell(f"version --json {closed}")
        assert (code, err) == (0, "")
        assert out.startswith("{")

    def test_for_people_may_be_missing(self) -> None:
        assert shell("version <&- >&-")[0] == 0
        assert shell("version <&- >&- 2>&-") == (0, "", "")

    @pytest.mark.parametrize(
        "arguments",
        ["version --json", "status --json", "diff --json", "deploy -y --json", "--help", "--version"],
    )
    @pytest.mark.parametrize("closed", [">&-", "<&- >&-"])
    def test_that_are_missing_where_the_answer_goes_are_an_error(self, arguments: str, closed: str) -> None:
        code, out, err = shell(f"{arguments} {closed}")
        assert (code, out) == (1, "")
        assert err == "error: stdout is closed, and the answer goes there\n"


def shell(command: str) -> tuple[int, str, str]:
    """Exit code, stdout and stderr of `cx` as a shell starts it."""
    done = subprocess.run(
        ["sh", "-c", f"exec {CX} {command}"], capture_output=True, text=True, timeout=60, check=False
    )
    return done.returncode, done.stdout, done.stderr


class TestInstallCompletion:
    def test_says_which_files_it_writes(self, tmp_path: Path) -> None:
        done = subprocess.run(
            [CX, "--install-completion", "bash"],
            env={**os.environ, "HOME": str(tmp_path), "_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION": "1"},
            capture_output=True,
            text=True,
            check=False,
        )
        written = [str(path) for path in tmp_path.rglob("*") if path.is_file()]
        assert done.returncode == 0
        assert len(written) == 2
        assert [path for path in written if path not in done.stdout] == []


class TestSignals:
    def test_to_end_are_as_an_interrupt(self, cx: Cx) -> None:
        def terminated(operation: Any) -> None:
            if (
                threading.current_thread() is threading.main_thread()
            ):  # or a second one comes when this is over
                os.kill(os.getpid(), signal.SIGTERM)

        cx.runner.before = terminated
        ended = cx("deploy", "-y", "--json")
        assert (ended.code, ended.answer["error"]["code"]) == (130, "cancelled")

    def test_of_a_person_end_with_one_word(self, cx: Cx) -> None:
        def interrupted(operation: Any) -> None:
            raise KeyboardInterrupt

        cx.runner.before = interrupted
        ended = cx("diff")
        assert (ended.code, ended.err.splitlines()[-1]) == (130, "stopped: interrupted, nothing was changed")
