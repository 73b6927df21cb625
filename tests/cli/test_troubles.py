"""What `cx deploy` makes of others at work, of failures and of odd input."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from cygni.errors import EngineDied, ResourceFailed
from cygni.plan.events import DiagnosticEvent, ResourceState, StepEvent
from cygni.policies.limits import OWN_TAGS
from tests.cli.conftest import Cx, held
from tests.fake_programs import BUCKET, urn_of


class TestLock:
    @pytest.mark.parametrize("command", ["deploy", "destroy"])
    def test_of_another_command_stops_this_one(self, cx: Cx, command: str) -> None:
        with held():
            ended = cx(command, "-y")
        assert (ended.code, cx.runner.calls) == (13, [])
        assert "error: shop (local) is being worked on by cx deploy (pid" in ended.err

    def test_that_is_waited_for_is_named_once(self, cx: Cx) -> None:
        with held():
            ended = cx("deploy", "-y", "--lock-wait", "1s")
        assert (ended.code, cx.runner.calls) == (13, [])
        [line] = [line for line in ended.err.splitlines() if line.startswith("waiting for ")]
        assert line.startswith("waiting for cx deploy (pid ")

    def test_that_is_free_is_not_spoken_of(self, cx: Cx) -> None:
        assert "waiting for" not in cx("deploy", "-y", "--lock-wait", "1s").err

    def test_of_another_environment_does_not(self, cx: Cx) -> None:
        with held():
            assert cx("deploy", "-y", "-e", "staging").code == 0

    @pytest.mark.parametrize("time", ["soon", "-1s", "", "1d", "5 m", "٣s", "9999999s"])
    @pytest.mark.parametrize("option", ["--lock-wait", "--timeout"])
    def test_waits_for_a_time_alone(self, cx: Cx, option: str, time: str) -> None:
        ended = cx("deploy", "-y", f"{option}={time}")
        assert (ended.code, cx.runner.calls) == (2, [])
        assert f"error: {option} {time!r} is not a time\nhint:  Give it as 90s, 15m or 2h." in ended.err


class TestFailure:
    def test_says_what_happened_and_what_to_do(self, cx: Cx) -> None:
        cx.runner.failing["data up"] = ResourceFailed("no room\nanywhere", hint="make some")
        ended = cx("deploy", "-y")
        assert ended.code == 4
        said = "error: no room\n       anywhere\nhint:  make some\nmore:  cx explain resource_failed\n"
        assert ended.err.endswith(said)
        assert "Traceback" not in ended.err

    def test_is_continued_by_the_next_deploy(self, cx: Cx) -> None:
        cx.runner.failing["data up"] = ResourceFailed("no room")
        cx("deploy", "-y")
        ended = cx("deploy", "-y")
        assert ended.code == 0
        assert "nothing changed since its last deploy: skipped" in ended.err
        assert cx("deploy").err.startswith("No changes")

    def test_shows_a_traceback_only_if_asked(self, cx: Cx) -> None:
        cx.runner.failing["data up"] = EngineDied("gone")
        ended = cx("deploy", "-y", "--debug")
        assert ended.code == 1
        assert "Traceback (most recent call last)" in ended.err

    def test_that_is_nobodys_fault_is_one_error_too(self, cx: Cx) -> None:
        cx.runner.failing["data up"] = ZeroDivisionError("somewhere")
        ended = cx("deploy", "-y")
        assert ended.code == 1
        assert "error: something unforeseen happened: ZeroDivisionError: somewhere\nhint:" in ended.err
        assert "Traceback" not in ended.err

    def test_of_a_full_disk_says_so(self, cx: Cx) -> None:
        cx.runner.failing["data up"] = OSError(28, "No space left on device", "/somewhere")
        ended = cx("deploy", "-y")
        assert ended.code == 1
        assert "error: No space left on device: /somewhere\nhint:  Free some space" in ended.err

    def test_of_a_restarted_local_cloud_says_what_to_do(self, cx: Cx) -> None:
        cx("deploy", "-y")
        cx.cloud, cx.holds = "life-2", 0
        ended = cx("deploy", "-y")
        assert (ended.code, cx.runner.calls) == (7, [])
        assert "cx deploy --refresh" in ended.err

    def test_of_a_changed_world_stops(self, cx: Cx) -> None:
        def meanwhile(operation: Any) -> None:
            if operation.kind == "preview" and operation.stack.endswith("services"):
                data = Path(operation.settings.backend_url.removeprefix("file://"))
                [state] = data.rglob("shop.local.data.json")
                state.write_text(json.dumps({"checkpoint": {"latest": {"resources": []}}}))

        cx.runner.before = meanwhile
        ended = cx("deploy", "-y")
        assert (ended.code, cx.changed_anything) == (7, False)


class TestSecrets:
    """What the engine marks as secret it sends as `[secret]`; whatever is shown comes from what it sends."""

    @pytest.mark.parametrize(
        "arguments", [["deploy", "-y"], ["deploy", "-y", "--json"], ["diff", "--markdown"]]
    )
    def test_are_shown_as_secrets(self, cx: Cx, arguments: list[str]) -> None:
        urn = urn_of("shop.local.data", BUCKET, "shop-local-vault")
        tags = dict.fromkeys(OWN_TAGS, "shop")
        before, after = (
            ResourceState(BUCKET, urn, inputs={"password": "[secret]", "size": size, "tags": tags})
            for size in (1, 2)
        )
        diff = {"password": "update", "size": "update"}
        cx.runner.saying["data preview"] = [
            StepEvent("planned", "update", urn, BUCKET, before, after, diff=diff)
        ]
        ended = cx(*arguments)
        said = ended.out + ended.err
        assert re.search(r'password(: "\[secret\]" → "\[secret\]"|", "before": "\[secret\]", "after")', said)
        assert ended.code == 0


class TestOutput:
    def test_is_plain_where_there_is_no_terminal(self, cx: Cx) -> None:
        assert "\x1b" not in cx("deploy", "-y").err

    def test_takes_no_text_for_markup(self, cx: Cx) -> None:
        nasty = r"[red]a[/] \[/] [link=x]"
        cx.runner.saying["data preview"] = [DiagnosticEvent("warning", nasty)]
        cx.write(services={"web": {"image": "nginx:1", "port": 80, "env": {"A": "b"}}})
        cx("deploy", "-y")
        cx.write(services={"web": {"image": "nginx:1", "port": 80, "env": {"A": nasty}}})
        cx.runner.saying["services preview"] = cx.runner.saying.pop("data preview")
        ended = cx("diff")
        assert ended.code == 0
        assert f"warning: {nasty}" in ended.err
        assert json.dumps([["A", nasty]]) in ended.err


class TestProjectThatIsNotThere:
    def test_is_told_by_the_name_of_a_folder_that_was_deleted(
        self, cx: Cx, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        gone = cx.folder / "gone"
        gone.mkdir()
        monkeypatch.chdir(gone)
        monkeypatch.setenv("PWD", str(gone))
        gone.rmdir()
        ended = cx("diff")
        assert ended.code == 6
        assert ended.err == (
            f"error: the working folder does not exist any more: {gone}\n"
            "hint:  Go to a folder that exists, or name the project's with --app.\n"
            "more:  cx explain not_found\n"
        )

    @pytest.mark.parametrize("command", [["diff"], ["policy", "list"]])
    def test_is_told_of_a_link_that_leads_nowhere(self, cx: Cx, command: list[str]) -> None:
        (cx.folder / "cygni.yaml").unlink()
        (cx.folder / "cygni.yaml").symlink_to("nowhere")
        ended = cx(*command)
        assert (ended.code, ended.out) == (6, "")
        assert ended.err.startswith("error: cygni.yaml is a link to nowhere, which does not exist\n")

    def test_has_hints_in_lines_of_one_width(self, cx: Cx) -> None:
        (cx.folder / "cygni.yaml").write_text(
            "project: shop\nregion: 1\nservices:\n  web: {image: 3, prot: 80}\n"
        )
        ended = cx("diff")
        hints = ended.err.partition("hint:  ")[2].partition("more:  ")[0].splitlines()
        assert len(hints) > 1
        assert [line for line in hints[1:] if not line.startswith("       line ")] == []
