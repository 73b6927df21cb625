"""What `cx dev` does with a project that cannot be deployed; what it does with others is in tests/e2e/test_dev.py."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from rich.console import Console

from cli.dev_cycle import Cycle
from cygni.errors import Cancelled

GOOD = "project: shop\nregion: us-east-1\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    made = tmp_path / "cygni.yaml"
    made.write_text("project: shop\nnonsense: 1\n")
    return made


@pytest.fixture
def said() -> io.StringIO:
    return io.StringIO()


@pytest.fixture
def cycle(file: Path, said: io.StringIO) -> Cycle:
    return Cycle(Console(file=said, width=110), file, (), debug=False)


def test_shows_what_is_wrong_and_waits(
    cycle: Cycle, file: Path, said: io.StringIO, capsys: pytest.CaptureFixture[str]
) -> None:
    cycle.deploy()
    assert "nonsense" in capsys.readouterr().err
    assert "waiting for a change" in said.getvalue()
    assert f"Watching {file.parent}" in said.getvalue().replace("\n", "")
    assert cycle.watched.wants(file)


def test_tries_the_same_once_unless_somebody_saves_it(
    cycle: Cycle, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cycle.deploy()
    cycle.look(())
    assert capsys.readouterr().err.count("error: ") == 1
    cycle.look((file,))
    assert capsys.readouterr().err.count("error: ") == 1


def test_needs_releases(
    cycle: Cycle, file: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CYGNI_RELEASES", "off")
    file.write_text(GOOD)
    cycle.deploy()
    assert "CYGNI_RELEASES is off" in capsys.readouterr().err


def test_ends_when_what_is_under_way_is_interrupted(cycle: Cycle, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted() -> None:
        raise Cancelled("interrupted")

    monkeypatch.setattr(cycle, "_deploy", interrupted)
    with pytest.raises(KeyboardInterrupt):
        cycle.deploy()


def test_has_no_logs_to_follow_before_there_is_a_deploy(cycle: Cycle) -> None:
    assert cycle.logged() is None


def test_says_what_stays(cycle: Cycle) -> None:
    assert "does not run" in cycle.farewell()
