"""The commands around releases, with real tasks behind the local cloud's load balancer."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.conftest import a_project
from tests.e2e.load import Load
from tests.e2e.project import Project, Running
from tests.e2e.released import (
    bakes,
    body,
    colours,
    is_paused,
    live_release,
    next_release,
    releases,
    set_up,
    settle,
    url,
    wait_for,
    write,
)

pytestmark = [pytest.mark.engine, pytest.mark.slow]
TOGETHER = pytest.mark.xdist_group("release commands")
"""Of what uses the one project that stands."""

FIRST_BAKE = 3
"""The step of a canary that waits with the smallest share of the requests."""
CANARY = {"canary": [10, 50], "pause": 900, "bake": 900}
JOBS = {
    "migrate": {"kind": "job", "image": "app:1", "env": {"JOB": "1"}},
    "broken": {"kind": "job", "image": "app:1", "env": {"CRASH": "1"}},
}


@pytest.fixture(scope="module")
def standing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    """A project with jobs, whose service runs."""
    root = tmp_path_factory.mktemp("standing")
    with a_project(root) as project:
        project.others = JOBS
        set_up(project, root / "app")
        yield project


@pytest.fixture
def shop(standing: Project) -> Project:
    """It, with nothing under way."""
    settle(standing)
    return standing


def under_way(shop: Project) -> dict[str, Any]:
    """The release under way as `cx status` tells it, and its only track; empty where there is none."""
    found = shop.cx("status", "--json").json["live"]["releases"]["under_way"]
    return {**found[0], **found[0]["tracks"][0]} if found else {}


def weights(shop: Project) -> dict[str, int]:
    [web] = shop.cx("status", "--json").json["live"]["releases"]["services"]
    return {one["colour"]: one["weight"] for one in web["colours"]}


def canary_of(shop: Project, release: int) -> Running:
    """A deploy that waits with 10 percent of the requests in the new colour."""
    write(shop, CANARY, strategy="canary", VERSION=str(release))
    running = shop.start("deploy", "--yes")
    wait_for(lambda: bakes(shop))
    return running


@TOGETHER
class TestSteering:
    def test_lets_a_canary_wait_and_go_on(self, shop: Project) -> None:
        before, number, (old, new) = live_release(shop), next_release(shop), colours(shop)
        with Load(url(shop)) as load:
            deploying = canary_of(shop, number)
            told = under_way(shop)
            assert (told["release"], told["step"]) == (number, FIRST_BAKE)
            assert (told["state"], told["paused"]) == ("forward", False)
            assert f"pid {deploying.pid}" in told["holder"]
            assert weights(shop) == {old: 90, new: 10}
            assert shop.cx("pause").code == 0
            wait_for(lambda: is_paused(shop))
            assert under_way(shop)["paused"]
            assert shop.cx("resume").code == 0
            wait_for(lambda: not is_paused(shop))
            assert not under_way(shop)["paused"]
            asked = shop.cx("promote", "--json")
            assert asked.json == {"deployments": [told["deployment"]], "asked": "promote"}
            wait_for(lambda: bakes(shop, after=FIRST_BAKE))
            half = under_way(shop)
            assert weights(shop) == {old: 50, new: 50}
            assert shop.cx("promote", "--full").code == 0
            wait_for(lambda: bakes(shop, after=half["step"]))
            assert weights(shop) == {new: 100, old: 0}
            assert shop.cx("promote").code == 0
            ended = deploying.wait()
        assert ended.code == 0, ended.err
        assert "asked to promote" in ended.err
        assert (load.failures, set(load.statuses)) == ([], {200})
        assert body(shop) == f"version {number}"
        states = dict(releases(shop))
        assert (max(states), states[number], states[before]) == (number, "live", "replaced")

    def test_brings_back_what_ran_before(self, shop: Project) -> None:
        before, number, (old, new) = live_release(shop), next_release(shop), colours(shop)
        with Load(url(shop)) as load:
            deploying = canary_of(shop, number)
            assert shop.cx("abort").code == 0
            ended = deploying.wait()
        assert ended.code == 8, ended.err
        assert "aborted it" in ended.err
        assert (load.failures, set(load.statuses)) == ([], {200})
        assert body(shop) == f"version {before}"
        assert weights(shop) == {old: 100, new: 0}
        states = dict(releases(shop))
        assert (max(states), states[number], states[before]) == (number, "rolled back", "live")

    def test_says_when_nothing_is_under_way_or_nobody_listens(self, shop: Project) -> None:
        before, number = live_release(shop), next_release(shop)
        nothing = shop.cx("promote", "--json")
        assert (nothing.code, nothing.json["error"]["code"]) == (6, "not_found")
        deploying = canary_of(shop, number)
        deploying.close()
        assert under_way(shop)["holder"] is None
        assert "by nobody any more" in shop.cx("status").err
        nobody = shop.cx("abort")
        assert (nobody.code, "nobody carries it out" in nobody.err) == (6, True), nobody.err
        back = shop.cx("rollback")
        said = f"Done: release {number} went back, and what ran before it runs."
        assert (back.code, back.last_line) == (0, said)
        assert body(shop) == f"version {before}"
        assert under_way(shop) == {}


def lines(shop: Project, *arguments: str) -> list[dict[str, Any]]:
    ended = shop.cx("logs", "--json", *arguments)
    assert ended.code == 0, ended.err
    return [json.loads(line) for line in ended.out.splitlines()]


class TestLogs:
    @pytest.fixture
    def new_shop(self, project: Project, tmp_path: Path) -> Project:
        """One of its own: nothing but what the test does is in its logs."""
        project.others = JOBS
        set_up(project, tmp_path / "app")
        return project

    def test_are_of_services_jobs_releases_and_times(self, new_shop: Project) -> None:
        shop = new_shop
        write(shop, VERSION="2")
        shop.deploy()
        assert shop.cx("run", "migrate").code == 0
        wait_for(lambda: len(lines(shop)) == 5, every=1.0)
        assert {one["service"] for one in lines(shop)} == {"web", "migrate"}
        assert [one["message"] for one in lines(shop, "migrate")] == ["migrated"]
        versions = [one["message"] for one in lines(shop, "web")]
        assert sorted(versions) == ["version 1 listens"] * 2 + ["version 2 listens"] * 2
        assert {one["message"] for one in lines(shop, "web", "--release", "1")} == {"version 1 listens"}
        assert {one["message"] for one in lines(shop, "web", "--release", "2")} == {"version 2 listens"}
        assert len(lines(shop, "--filter", '"version 2"')) == 2
        assert lines(shop, "--until", "10m") == []
        assert lines(shop, "--since", "0s") == []
        moments = [one["at"] for one in lines(shop)]
        assert moments == sorted(moments)
        plain = shop.cx("logs", "migrate").out
        assert plain.endswith(" migrated\n")
        assert " migrate/" in plain


@TOGETHER
class TestWhatStands:
    """Commands that change no release."""

    def test_refuses_logs_that_make_no_sense(self, shop: Project) -> None:
        cases: list[tuple[list[str], int, str]] = [
            (["nobody"], 6, "not_found"),
            (["--release", "999"], 6, "not_found"),
            (["--follow", "--until", "1m"], 2, "usage"),
            (["--since", "1m", "--until", "2m"], 2, "usage"),
        ]
        for arguments, code, name in cases:
            ended = shop.cx("logs", "--json", *arguments)
            assert (ended.code, ended.json["error"]["code"]) == (code, name), arguments

    def test_follows_logs_until_told_to_stop(self, shop: Project) -> None:
        terminal = shop.terminal("logs", "--follow", "--since", "0s")
        try:
            assert shop.cx("restart", "web").code == 0
            terminal.wait_for(f"{body(shop)} listens")
            terminal.ctrl_c()
            assert terminal.end() == 130
        finally:
            terminal.close()

    def test_ends_a_job_with_what_it_wrote_and_its_exit_code(self, shop: Project) -> None:
        ran = shop.cx("run", "migrate")
        assert (ran.code, ran.out) == (0, "migrated\n"), ran.err
        told = shop.cx("run", "migrate", "--json").json
        assert (told["job"], told["exit_code"], told["lines"]) == ("migrate", 0, ["migrated"])
        failed = shop.cx("run", "broken")
        assert (failed.code, failed.out) == (4, "no database to be found\n")
        assert "exit code 3" in failed.err
        error = shop.cx("run", "broken", "--json").json["error"]
        assert (error["code"], error["details"]["exit_code"]) == ("run_failed", 3)
        assert error["details"]["lines"] == ["no database to be found"]
        started = shop.cx("run", "migrate", "--no-wait", "--json").json
        assert (started["exit_code"], started["lines"]) == (None, [])
        wait_for(lambda: started["task"] in {one["task"] for one in lines(shop, "migrate")}, every=1.0)
        assert shop.cx("run", "web", "--json").json["error"]["code"] == "not_found"

    def test_opens_a_service_where_it_answers(self, shop: Project) -> None:
        assert shop.cx("open", "--print").out.strip() == url(shop)
        assert shop.cx("open", "web", "--print").out.strip() == url(shop)
        nobody = shop.cx("open", "nobody")
        assert (nobody.code, "There is: web." in nobody.err) == (6, True)
        browser = shop.folder / "browser"
        browser.write_text(f'#!/bin/sh\necho "$1" > {shop.folder}/opened\n')
        browser.chmod(0o755)
        assert shop.cx("open", env={"BROWSER": str(browser)}).code == 0
        wait_for((shop.folder / "opened").exists)
        assert (shop.folder / "opened").read_text().strip() == url(shop)


@TOGETHER
class TestReleases:
    def test_are_told_to_programs(self, shop: Project) -> None:
        before, number = live_release(shop), next_release(shop)
        write(shop, VERSION=str(number))
        shop.deploy()
        write(shop, VERSION=str(number + 1), CRASH="1")
        assert shop.cx("deploy", "--yes").code == 11
        last, *earlier = shop.cx("releases", "--json").json["releases"]
        assert (last["release"], last["state"]) == (number + 1, "rolled back")
        assert "exit code 3" in last["reason"]
        assert last["services"]["web"]["image"] == "app:1"
        others = [one for one in earlier if one["release"] in (number, before)]
        assert [(one["release"], one["state"]) for one in others] == [(number, "live"), (before, "replaced")]
        assert earlier[0] == others[0]
        assert len({one["services"]["web"]["revision"] for one in others}) == 2
        [only] = shop.cx("releases", "--limit", "1", "--json").json["releases"]
        assert only == last
        table = shop.cx("releases").err
        assert "rolled back" in table
        assert "web: app:1" in table


@TOGETHER
class TestDetached:
    def test_goes_on_without_its_terminal_and_is_seen_by_those_who_attach(self, shop: Project) -> None:
        number, (old, new) = next_release(shop), colours(shop)
        write(shop, CANARY, strategy="canary", VERSION=str(number))
        left = shop.cx("deploy", "--yes", "--detach", "--json")
        assert left.code == 0, left.err
        pid = left.json["detached"]["pid"]
        first = shop.terminal("attach")
        first.wait_for(f"releasing release {number}")
        first.wait_for("10 %")
        first.ctrl_c()
        assert first.end() == 130
        assert "the deploy goes on" in first.shown
        told = under_way(shop)
        assert f"pid {pid}" in told["holder"]
        second, third = shop.start("attach"), shop.start("attach", "--json")
        assert shop.cx("promote", "--full").code == 0
        wait_for(lambda: bakes(shop, after=FIRST_BAKE))
        assert weights(shop) == {new: 100, old: 0}
        assert shop.cx("promote").code == 0
        seen, events = second.wait(), [json.loads(line) for line in third.wait().out.splitlines()]
        assert seen.code == 0, seen.err
        assert f"Release {number} is live" in seen.err
        assert (events[0]["event"], events[0]["pid"], events[-1]["event"]) == ("started", pid, "ended")
        assert body(shop) == f"version {number}"
        assert shop.cx("attach").err == seen.err

    def test_is_told_to_have_been_killed(self, shop: Project) -> None:
        number = next_release(shop)
        write(shop, CANARY, strategy="canary", VERSION=str(number))
        pid = shop.cx("deploy", "--yes", "--detach", "--json").json["detached"]["pid"]
        wait_for(lambda: bakes(shop))
        attached = shop.start("attach")
        os.kill(pid, signal.SIGKILL)
        ended = attached.wait()
        assert (ended.code, "the deploy was killed" in ended.err) == (1, True), ended.err
        write(shop, VERSION=str(number + 1))
        shop.deploy()
        assert body(shop) == f"version {number + 1}"

    def test_is_stopped_by_ctrl_c_where_that_is_asked_for(self, shop: Project) -> None:
        before, number = live_release(shop), next_release(shop)
        write(shop, CANARY, strategy="canary", VERSION=str(number))
        assert shop.cx("deploy", "--yes", "--detach").code == 0
        wait_for(lambda: bakes(shop))
        attached = shop.terminal("attach", "--interrupt")
        attached.wait_for(f"releasing release {number}")
        attached.ctrl_c()
        assert attached.end() == 130
        assert under_way(shop)["holder"] is None
        assert shop.cx("rollback").code == 0
        assert body(shop) == f"version {before}"


@TOGETHER
class TestExec:
    def test_runs_a_command_as_the_program_of_a_task_would(self, shop: Project) -> None:
        before = str(live_release(shop))
        closed = shop.cx("exec", "web", "--", "env")
        assert (closed.code, "services.web.exec: true" in closed.err) == (2, True), closed.err
        services = shop.spec["services"]
        shop.change(services={**services, "web": {**services["web"], "exec": True}})
        shop.deploy()
        wait_for(lambda: shop.cx("exec", "web", "--", "true").code == 0, every=1.0)
        ran = shop.cx("exec", "web", "--", "sh", "-c", "echo $VERSION $PORT; ls; exit 7")
        assert (ran.code, ran.err) == (7, "")
        version, port, *files = ran.out.split()
        assert (version, port.isdigit(), files) == (before, True, ["app.py"])
        terminal = shop.terminal("exec", "web")
        try:
            terminal.type("echo $((40 + 2)) by $VERSION\nexit 3\n")
            terminal.wait_for(f"42 by {before}")
            assert terminal.end() == 3
        finally:
            terminal.close()
        missing = shop.cx("exec", "web", "--", "no-such-program")
        assert (missing.code, "no-such-program cannot be run there" in missing.err) == (6, True)
        nobody = shop.cx("exec", "web", "--task", "nobody")
        assert (nobody.code, "Those that run" in nobody.err) == (6, True)
