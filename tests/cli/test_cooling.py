"""The process that a release leaves behind: when it acts, and when it has nothing to do."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock

from cli import cooling
from cli.cooling import Warmth
from cygni.errors import CygniError, NotFound, StateError
from cygni.naming import Colour
from cygni.releases.release import Live, LiveService


def live(**seconds: float | None) -> Live:
    """Services whose old colour is warm for so long."""
    now = datetime.now(UTC)
    ends = {name: None if one is None else now + timedelta(seconds=one) for name, one in seconds.items()}
    return Live({name: LiveService(Colour.BLUE, {}, end) for name, end in ends.items()})


@dataclass
class Started:
    """What was started instead of a process."""

    commands: list[list[str]] = field(default_factory=list)

    def __call__(self, command: list[str], **options: Any) -> Started:
        assert options["start_new_session"]
        self.commands.append(command)
        return self

    def wait(self) -> None:
        return


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> Started:
    monkeypatch.delenv("CI", raising=False)
    made = Started()
    monkeypatch.setattr(subprocess, "Popen", made)
    return made


@dataclass
class Stopped:
    """The environments of which old colours were stopped; `then` is what is still warm, or what goes wrong."""

    of: list[Warmth] = field(default_factory=list)
    then: list[Live | CygniError | None] = field(default_factory=list)

    def __call__(self, warmth: Warmth) -> Live | None:
        self.of.append(warmth)
        after = self.then.pop(0) if self.then else None
        if isinstance(after, CygniError):
            raise after
        return after


@pytest.fixture
def stopped(monkeypatch: pytest.MonkeyPatch) -> Stopped:
    made = Stopped()
    monkeypatch.setattr(cooling, "_stop_what_is_old", made)
    return made


@pytest.fixture
def shop(started: Started, tmp_path: Path) -> Warmth:
    """An environment with an old colour that is warm for 100 seconds."""
    warmth = Warmth(tmp_path / "own", tmp_path / "cygni.yaml", "staging")
    cooling.leave_behind(warmth, live(web=100))
    started.commands.clear()
    return warmth


class TestLeavingBehind:
    def test_is_needed_only_where_something_is_warm(self, started: Started, tmp_path: Path) -> None:
        assert not cooling.leave_behind(Warmth(tmp_path / "own", tmp_path, "staging"), live(web=None))
        assert started.commands == []
        assert list(tmp_path.iterdir()) == []

    def test_is_not_done_in_a_job_of_a_ci(
        self, started: Started, shop: Warmth, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("CI", "true")
        assert not cooling.leave_behind(shop, live(web=90))
        assert started.commands == []

    def test_notes_when_the_first_of_it_ends(self, started: Started, shop: Warmth) -> None:
        now = time.time()
        assert cooling.leave_behind(shop, live(web=90, api=30, mail=None))
        assert len(started.commands) == 1
        assert float((shop.folder / "cooling").read_text()) == pytest.approx(now + 30, abs=10)

    @pytest.mark.parametrize("cloud", [None, Path("/cloud/server.json")])
    def test_tells_the_process_all_it_needs(
        self, cloud: Path | None, started: Started, shop: Warmth, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        there = replace(shop, cloud=cloud)
        cooling.leave_behind(there, live(web=90))
        [command] = started.commands
        heard: list[Warmth] = []
        monkeypatch.setattr(cooling, "cool", heard.append)
        monkeypatch.setattr("os.fork", lambda: 0)
        cooling.main(command[command.index("cli.cooling") + 1 :])
        assert heard == [there]

    def test_that_fails_is_no_error(self, started: Started, tmp_path: Path) -> None:
        (tmp_path / "own").write_text("")
        assert cooling.leave_behind(Warmth(tmp_path / "own", tmp_path, "staging"), live(web=90))


def sleeping(
    folder: Path, then: Callable[[], object] = lambda: None
) -> tuple[list[float], Callable[[float], None]]:
    """What was slept, by a sleep in which time passes for the note, and something else happens."""
    slept: list[float] = []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        due = folder / "cooling"
        due.write_text(str(float(due.read_text()) - seconds))
        then()

    return slept, sleep


class TestCooling:
    def test_waits_until_it_is_time(self, shop: Warmth, stopped: Stopped) -> None:
        slept, sleep = sleeping(shop.folder)
        cooling.cool(shop, sleep)
        assert stopped.of == [shop]
        assert sum(slept) == pytest.approx(100, abs=10)
        assert max(slept) <= 1

    def test_heeds_a_later_release_that_is_over_sooner(self, shop: Warmth, stopped: Stopped) -> None:
        slept, sleep = sleeping(shop.folder, lambda: (shop.folder / "cooling").write_text("0"))
        cooling.cool(shop, sleep)
        assert (len(slept), stopped.of) == (1, [shop])

    def test_leaves_another_for_what_is_warm_for_longer(
        self, shop: Warmth, stopped: Stopped, started: Started
    ) -> None:
        (shop.folder / "cooling").write_text("0")
        stopped.then = [live(web=None, api=500)]
        cooling.cool(shop)
        assert len(started.commands) == 1
        assert float((shop.folder / "cooling").read_text()) > time.time() + 300

    @pytest.mark.parametrize("becomes", ["gone", "nonsense"])
    def test_ends_where_its_environment_is_gone(self, becomes: str, shop: Warmth, stopped: Stopped) -> None:
        def happens() -> None:
            if becomes == "gone":
                cooling.call_off(shop.folder)
            else:
                (shop.folder / "cooling").write_text("soon")

        slept, sleep = sleeping(shop.folder, happens)
        cooling.cool(shop, sleep)
        assert (len(slept), stopped.of) == (1, [])

    @pytest.mark.parametrize("becomes", ["down", "another"])
    def test_ends_with_the_local_cloud(self, becomes: str, shop: Warmth, stopped: Stopped) -> None:
        cloud = shop.folder / "server.json"
        cloud.write_text("one life")
        slept, sleep = sleeping(
            shop.folder, cloud.unlink if becomes == "down" else lambda: cloud.write_text(becomes)
        )
        cooling.cool(replace(shop, cloud=cloud), sleep)
        assert (len(slept), stopped.of) == (1, [])

    def test_is_done_by_one_process(
        self, shop: Warmth, stopped: Stopped, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (shop.folder / "cooling").write_text("0")
        monkeypatch.setattr(cooling, "_HANDOVER", 0)
        with FileLock(shop.folder / "cooling.lock"):
            cooling.cool(shop)
        assert stopped.of == []
        cooling.cool(shop)
        assert stopped.of == [shop]

    def test_tries_again_what_fails(
        self, shop: Warmth, stopped: Stopped, capsys: pytest.CaptureFixture[str]
    ) -> None:
        (shop.folder / "cooling").write_text("0")
        stopped.then = [StateError("no network"), StateError("no network"), None]
        slept, sleep = sleeping(shop.folder)
        cooling.cool(shop, sleep)
        assert (len(stopped.of), slept) == (3, [60, 60])
        assert capsys.readouterr().err == "no network\nno network\n"

    def test_gives_up_in_the_end(self, shop: Warmth, stopped: Stopped) -> None:
        (shop.folder / "cooling").write_text("0")
        stopped.then = [StateError("no network")] * 50
        cooling.cool(shop, sleeping(shop.folder)[1])
        assert len(stopped.of) == 10

    def test_gives_up_at_once_where_nothing_is_deployed(self, shop: Warmth, stopped: Stopped) -> None:
        (shop.folder / "cooling").write_text("0")
        stopped.then = [NotFound("nothing is deployed")]
        cooling.cool(shop)
        assert len(stopped.of) == 1

    def test_of_what_cannot_be_opened_says_why(
        self, shop: Warmth, capsys: pytest.CaptureFixture[str]
    ) -> None:
        (shop.folder / "cooling").write_text("0")
        cooling.cool(shop)
        assert "does not exist" in capsys.readouterr().err
