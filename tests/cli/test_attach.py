"""What a command keeps of what it tells, and what those see of it who attach."""

from __future__ import annotations

import json
import signal
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from cli import detached, event_file
from cli.event_file import KEPT, EventFile, Said, ending, folders, lives, new_folder, read, telling_build
from cli.release_view import telling
from cygni.errors import BuildFailed, GateFailed, NotFound, rebuilt
from cygni.naming import Colour
from cygni.releases.events import Began, Logged, StepBegan
from cygni.releases.release import Kind
from tests.cli.conftest import NAT, Cx

AT: dict[str, Any] = {"at": datetime(2026, 11, 21, tzinfo=UTC)}
BEGAN = Began(**AT, deployment=1, release=7, kind=Kind.DEPLOY, tracks={"web": ("start",)}, floor=0)
STEP = StepBegan(**AT, track="web", index=0, label="bake", waits=60.0)
SECRET = Logged(**AT, service="web", colour=Colour.GREEN, task="t", text="password=hunter2")


@pytest.fixture
def environment(cx: Cx, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """What this machine keeps of the shop's staging."""
    monkeypatch.setenv("CYGNI_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setattr(event_file, "_current", None)
    before = signal.getsignal(signal.SIGINT)
    yield tmp_path / "data" / "projects" / "shop" / "staging"
    signal.signal(signal.SIGINT, before)


def told(environment: Path, *, ended: bool = True) -> Path:
    """The folder of a deploy's events."""
    folder = new_folder(environment)
    with EventFile(folder, "cx deploy") as file:
        file.write("said", text="applying services")
        for event in (BEGAN, STEP, SECRET):
            file.tell(event)
        if ended:
            file.end(0, None)
    return folder


class TestEventFile:
    def test_has_all_that_was_told_but_what_tasks_wrote(self, environment: Path) -> None:
        folder = told(environment)
        names = [event["event"] for event in read(folder)]
        assert names == ["started", "said", "began", "step_began", "ended"]
        assert "hunter2" not in (folder / "events.ndjson").read_text()
        assert folder.stat().st_mode & 0o077 == 0

    def test_is_written_for_as_long_as_its_command_lives(self, environment: Path) -> None:
        with EventFile(new_folder(environment), "cx deploy") as file:
            assert lives(file.folder)
        assert not lives(file.folder)

    def test_ends_with_the_error_that_ended_the_command(self, environment: Path) -> None:
        error = GateFailed("too many errors", hint="h", details={"numbers": {"rate": 3.0}})
        with EventFile(new_folder(environment), "cx deploy") as file, pytest.raises(GateFailed), ending(file):
            raise error
        *_, last = read(file.folder)
        assert last["exit_code"] == 11
        again = rebuilt(last["error"])
        assert (type(again), again.message, again.hint) == (GateFailed, error.message, "h")
        assert again.details == error.details

    def test_is_read_while_it_is_written(self, environment: Path) -> None:
        with EventFile(new_folder(environment), "cx deploy") as file:
            events = read(file.folder)
            assert next(events)["doing"] == "cx deploy"
            file.tell(STEP)
            assert next(events)["label"] == "bake"
            file.end(0, None)
            assert [event["event"] for event in events] == ["ended"]

    def test_tells_how_long_a_build_took_that_failed_too(self, environment: Path) -> None:
        with EventFile(new_folder(environment), "cx deploy") as file:
            event_file.write_here(file)
            with pytest.raises(BuildFailed), telling_build("web"):
                time.sleep(0.05)
                raise BuildFailed("no such file")
        _, built = read(file.folder)
        assert (built["event"], built["service"]) == ("built", "web")
        assert 0.05 <= built["seconds"] < 30

    def test_loses_what_cannot_be_kept_and_stops_nothing(self, environment: Path) -> None:
        environment.parent.mkdir(parents=True)
        environment.write_text("no folder")
        with EventFile(new_folder(environment), "cx deploy") as file:
            file.tell(STEP)

    def test_is_swept_away_after_some_others(self, environment: Path) -> None:
        made = [told(environment) for _ in range(KEPT + 2)]
        assert folders(environment) == made[:1:-1]

    def test_sweeps_nothing_away_that_is_no_other_of_its_kind(self, environment: Path) -> None:
        others = [environment / "told" / f"{number}-mine" for number in range(KEPT + 2)]
        for one in others:
            one.mkdir(parents=True)
        for _ in range(KEPT + 2):
            told(environment)
        assert len(folders(environment)) == KEPT
        assert all(one.is_dir() for one in others)

    def test_keeps_whole_lines_of_what_is_said(self, environment: Path) -> None:
        with EventFile(new_folder(environment), "cx deploy") as file:
            said = Said(file)
            said.write("one\ntw")
            said.write("o\n\n")
        assert [event["text"] for event in read(file.folder) if event["event"] == "said"] == [
            "one",
            "two",
            "",
        ]


class TestAttach:
    def test_shows_the_last_one_from_its_beginning(self, cx: Cx, environment: Path) -> None:
        told(environment)
        ended = cx("attach", "-e", "staging")
        assert (ended.code, ended.out) == (0, "")
        assert ended.err.splitlines() == [
            "applying services",
            "releasing release 7: web",
            "  web: bake, 1 min",
        ]
        assert cx("attach", "-e", "staging") == ended

    def test_gives_programs_the_events_as_they_are(self, cx: Cx, environment: Path) -> None:
        folder = told(environment)
        ended = cx("attach", "-e", "staging", "--json")
        assert [json.loads(line) for line in ended.out.splitlines()] == list(read(folder))

    def test_ends_as_the_command_did(self, cx: Cx, environment: Path) -> None:
        with EventFile(new_folder(environment), "cx deploy") as file, pytest.raises(NotFound), ending(file):
            raise NotFound("there is no release 9", hint="See cx releases.")
        ended = cx("attach", "-e", "staging")
        said = "error: there is no release 9\nhint:  See cx releases.\nmore:  cx explain not_found\n"
        assert (ended.code, ended.err) == (6, said)

    def test_says_that_the_command_was_killed(self, cx: Cx, environment: Path) -> None:
        told(environment, ended=False)
        ended = cx("attach", "-e", "staging")
        assert (ended.code, "error: the deploy was killed" in ended.err) == (1, True)

    def test_shows_what_another_terminal_does(self, cx: Cx, environment: Path) -> None:
        here = Console(file=StringIO(), width=100)
        with telling(here, environment, "cx rollback") as sink:
            sink(BEGAN)
            assert lives(folders(environment)[0])
        with telling(here, environment, "cx rollback") as sink:
            sink(STEP)
        assert cx("attach", "-e", "staging").err == "  web: bake, 1 min\n"
        with pytest.raises(GateFailed), telling(here, environment, "cx rollback"):
            raise GateFailed("too many errors")
        assert cx("attach", "-e", "staging").code == 11

    def test_has_nothing_to_show_where_nothing_was_deployed(self, cx: Cx, environment: Path) -> None:
        assert cx("attach", "-e", "staging", "--json").answer["error"]["code"] == "not_found"

    @pytest.mark.usefixtures("environment")
    def test_leaves_the_deploy_alone_when_it_is_interrupted(
        self, cx: Cx, environment: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        told(environment, ended=False)

        def interrupted(folder: Path) -> Iterator[dict[str, Any]]:
            raise KeyboardInterrupt
            yield {}

        monkeypatch.setattr(event_file, "read", interrupted)
        ended = cx("attach", "-e", "staging")
        assert (ended.code, "the deploy goes on" in ended.err) == (130, True)


class TestDetached:
    def test_keeps_what_the_command_says_and_how_it_ends(
        self, environment: Path, cx: Cx, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        folder = new_folder(environment)
        assert detached.main([str(folder), "deploy", "-e", "staging", "--yes"]) == 0
        *_, last = [event for event in read(folder) if event["event"] == "said"]
        assert "All outputs: cx outputs" in last["text"]
        assert cx("status", "-e", "staging").code == 0

    def test_tells_as_a_worker_of_a_control_plane_that_all_is_deleted_and_then_that_nothing_is_there(
        self, environment: Path, cx: Cx
    ) -> None:
        assert cx("deploy", "-e", "staging", "--yes").code == 0
        folder = new_folder(environment)
        arguments = ["destroy", "-e", "staging", "--json", "--yes", "--allow-destroy", "uploads"]
        assert detached.main([str(folder), *arguments]) == 0
        said = [event["text"] for event in read(folder) if event["event"] == "said"]
        assert any(line.startswith("Done: 8 resources deleted") for line in said), said
        folder = new_folder(environment)
        assert detached.main([str(folder), "status", "-e", "staging"]) == 6
        *_, ended = read(folder)
        assert ended["error"]["message"] == "nothing of shop is deployed to staging"
        assert ended["error"]["hint"] == "Deploy it with: cx deploy -e staging", "the state is the worker's"

    def test_marks_all_lines_with_what_its_plan_costs(self, environment: Path, cx: Cx) -> None:
        cx.write(**NAT)
        asked = (["diff", "--json"], ["deploy", "--json"], ["deploy", "--yes"], ["deploy", "--json"])
        for arguments in asked:
            folder = new_folder(environment)
            detached.main([str(folder), *arguments, "-e", "staging"])
            event_file._current = None
            said = [event for event in read(folder) if event["event"] == "said"]
            lines = [event["text"] for event in said if event.get("of") == "plan"]
            assert any("$32.85" in line or "$0.00" in line for line in lines)
            assert not [event for event in said if "of" not in event and "$" in event["text"]]

    def test_is_held_to_the_plan_that_is_expected(self, environment: Path, cx: Cx) -> None:
        folder = new_folder(environment)
        arguments = ["deploy", "-e", "staging", "--yes", "--expect-plan", "another"]
        assert detached.main([str(folder), *arguments]) == 7
        *_, ended = read(folder)
        assert ended["error"]["code"] == "world_changed"
        assert not cx.changed_anything

    def test_is_started_with_what_was_asked_for_and_the_plan(
        self, environment: Path, cx: Cx, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        given: list[list[str]] = []

        def detach(folder: Path, arguments: list[str]) -> detached.Detached:
            assert folder == environment
            given.append(arguments)
            return detached.Detached(7, folder)

        monkeypatch.setattr(detached, "detach", detach)
        ended = cx("deploy", "-e", "staging", "--yes", "--detach", "--json", "--allow-destroy", "uploads")
        assert ended.answer["detached"]["pid"] == 7
        assert not cx.changed_anything
        [arguments] = given
        assert detached.main([str(new_folder(environment)), *arguments]) == 0
        assert cx.changed_anything

    def test_is_not_needed_where_nothing_changes(
        self, environment: Path, cx: Cx, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        assert cx("deploy", "-e", "staging", "--yes").code == 0
        monkeypatch.delattr(detached, "detach")
        assert "No changes" in cx("deploy", "-e", "staging", "--detach").err
