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
from tests.e2e.released import body, releases, set_up, url, wait_for, write

pytestmark = [pytest.mark.engine, pytest.mark.slow]

CANARY = {"canary": [10, 50], "pause": 900, "bake": 900}
JOBS = {
    "migrate": {"kind": "job", "image": "app:1", "env": {"JOB": "1"}},
    "broken": {"kind": "job", "image": "app:1", "env": {"CRASH": "1"}},
}


@pytest.fixture
def shop(project: Project, tmp_path: Path) -> Project:
    set_up(project, tmp_path / "app")
    return project


@pytest.fixture
def shop_with_jobs(project: Project, tmp_path: Path) -> Project:
    project.others = JOBS
    set_up(project, tmp_path / "app")
    return project


@pytest.fixture(scope="class")
def standing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    """One with jobs, for tests that leave it as it is."""
    root = tmp_path_factory.mktemp("standing")
    with a_project(root) as project:
        project.others = JOBS
        set_up(project, root / "app")
        yield project


def under_way(shop: Project) -> dict[str, Any]:
    """The release under way as `cx status` tells it, and its only track; empty where there is none."""
    found = shop.cx("status", "--json").json["live"]["releases"]["under_way"]
    return {**found[0], **found[0]["tracks"][0]} if found else {}


def weights(shop: Project) -> dict[str, int]:
    [web] = shop.cx("status", "--json").json["live"]["releases"]["services"]
    return {one["colour"]: one["weight"] for one in web["colours"]}


def canary_of(shop: Project, version: str) -> Running:
    """A deploy that waits with 10 percent of the requests in the new colour."""
    write(shop, CANARY, strategy="canary", VERSION=version)
    running = shop.start("deploy", "--yes")
    wait_for(lambda: under_way(shop).get("label") == "bake")
    return running


class TestSteering:
    def test_lets_a_canary_wait_and_go_on(self, shop: Project) -> None:
        with Load(url(shop)) as load:
            deploying = canary_of(shop, "2")
            told = under_way(shop)
            assert (told["release"], told["step"], told["state"], told["paused"]) == (2, 3, "forward", False)
            assert f"pid {deploying.pid}" in told["holder"]
            assert weights(shop) == {"blue": 90, "green": 10}
            assert shop.cx("pause").code == 0
            wait_for(lambda: under_way(shop)["paused"])
            assert shop.cx("resume").code == 0
            wait_for(lambda: not under_way(shop)["paused"])
            asked = shop.cx("promote", "--json")
            assert asked.json == {"deployments": [told["deployment"]], "asked": "promote"}
            wait_for(lambda: weights(shop) == {"blue": 50, "green": 50})
            assert shop.cx("promote", "--full").code == 0
            wait_for(lambda: weights(shop) == {"green": 100, "blue": 0})
            wait_for(lambda: under_way(shop).get("label") == "bake")
            assert shop.cx("promote").code == 0
            ended = deploying.wait()
        assert ended.code == 0, ended.err
        assert "asked to promote" in ended.err
        assert (load.failures, set(load.statuses)) == ([], {200})
        assert body(shop) == "version 2"
        assert releases(shop) == [(2, "live"), (1, "replaced")]

    def test_brings_back_what_ran_before(self, shop: Project) -> None:
        with Load(url(shop)) as load:
            deploying = canary_of(shop, "2")
            assert shop.cx("abort").code == 0
            ended = deploying.wait()
        assert ended.code == 8, ended.err
        assert "aborted it" in ended.err
        assert (load.failures, set(load.statuses)) == ([], {200})
        assert body(shop) == "version 1"
        assert weights(shop) == {"blue": 100, "green": 0}
        assert releases(shop) == [(2, "rolled back"), (1, "live")]

    def test_says_when_nothing_is_under_way_or_nobody_listens(self, shop: Project) -> None:
        nothing = shop.cx("promote", "--json")
        assert (nothing.code, nothing.json["error"]["code"]) == (6, "not_found")
        deploying = canary_of(shop, "2")
        deploying.close()
        assert under_way(shop)["holder"] is None
        assert "by nobody any more" in shop.cx("status").err
        nobody = shop.cx("abort")
        assert (nobody.code, "nobody carries it out" in nobody.err) == (6, True), nobody.err
        back = shop.cx("rollback")
        assert (back.code, back.last_line) == (0, "Done: release 2 went back, and what ran before it runs.")
        assert body(shop) == "version 1"
        assert under_way(shop) == {}


def lines(shop: Project, *arguments: str) -> list[dict[str, Any]]:
    ended = shop.cx("logs", "--json", *arguments)
    assert ended.code == 0, ended.err
    return [json.loads(line) for line in ended.out.splitlines()]


class TestLogs:
    def test_are_of_services_jobs_releases_and_times(self, shop_with_jobs: Project) -> None:
        shop = shop_with_jobs
        write(shop, VERSION="2")
        shop.deploy()
        assert shop.cx("run", "migrate").code == 0
        wait_for(lambda: len(lines(shop)) == 5)
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


@pytest.mark.xdist_group("what stands")
class TestWhatStands:
    """Commands that change no release, of one project."""

    def test_refuses_logs_that_make_no_sense(self, standing: Project) -> None:
        cases: list[tuple[list[str], int, str]] = [
            (["nobody"], 6, "not_found"),
            (["--release", "9"], 6, "not_found"),
            (["--follow", "--until", "1m"], 2, "usage"),
            (["--since", "1m", "--until", "2m"], 2, "usage"),
        ]
        for arguments, code, name in cases:
            ended = standing.cx("logs", "--json", *arguments)
            assert (ended.code, ended.json["error"]["code"]) == (code, name), arguments

    def test_follows_logs_until_told_to_stop(self, standing: Project) -> None:
        terminal = standing.terminal("logs", "--follow", "--since", "0s")
        try:
            assert standing.cx("restart", "web").code == 0
            terminal.wait_for("version 1 listens")
            terminal.ctrl_c()
            assert terminal.end() == 130
        finally:
            terminal.close()

    def test_ends_a_job_with_what_it_wrote_and_its_exit_code(self, standing: Project) -> None:
        ran = standing.cx("run", "migrate")
        assert (ran.code, ran.out) == (0, "migrated\n"), ran.err
        told = standing.cx("run", "migrate", "--json").json
        assert (told["job"], told["exit_code"], told["lines"]) == ("migrate", 0, ["migrated"])
        failed = standing.cx("run", "broken")
        assert (failed.code, failed.out) == (4, "no database to be found\n")
        assert "exit code 3" in failed.err
        error = standing.cx("run", "broken", "--json").json["error"]
        assert (error["code"], error["details"]["exit_code"]) == ("run_failed", 3)
        assert error["details"]["lines"] == ["no database to be found"]
        started = standing.cx("run", "migrate", "--no-wait", "--json").json
        assert (started["exit_code"], started["lines"]) == (None, [])
        wait_for(lambda: started["task"] in {one["task"] for one in lines(standing, "migrate")})
        assert standing.cx("run", "web", "--json").json["error"]["code"] == "not_found"

    def test_opens_a_service_where_it_answers(self, standing: Project) -> None:
        assert standing.cx("open", "--print").out.strip() == url(standing)
        assert standing.cx("open", "web", "--print").out.strip() == url(standing)
        nobody = standing.cx("open", "nobody")
        assert (nobody.code, "There is: web." in nobody.err) == (6, True)
        browser = standing.folder / "browser"
        browser.write_text(f'#!/bin/sh\necho "$1" > {standing.folder}/opened\n')
        browser.chmod(0o755)
        assert standing.cx("open", env={"BROWSER": str(browser)}).code == 0
        wait_for((standing.folder / "opened").exists)
        assert (standing.folder / "opened").read_text().strip() == url(standing)


class TestReleases:
    def test_are_told_to_programs(self, shop: Project) -> None:
        write(shop, VERSION="2")
        shop.deploy()
        write(shop, VERSION="3", CRASH="1")
        assert shop.cx("deploy", "--yes").code == 11
        last, *others = shop.cx("releases", "--json").json["releases"]
        assert (last["release"], last["state"]) == (3, "rolled back")
        assert "exit code 3" in last["reason"]
        assert last["services"]["web"]["image"] == "app:1"
        assert [(one["release"], one["state"]) for one in others] == [(2, "live"), (1, "replaced")]
        assert len({one["services"]["web"]["revision"] for one in others}) == 2
        [only] = shop.cx("releases", "--limit", "1", "--json").json["releases"]
        assert only == last
        table = shop.cx("releases").err
        assert "rolled back" in table
        assert "web: app:1" in table


class TestDetached:
    def test_goes_on_without_its_terminal_and_is_seen_by_those_who_attach(self, shop: Project) -> None:
        write(shop, CANARY, strategy="canary", VERSION="2")
        left = shop.cx("deploy", "--yes", "--detach", "--json")
        assert left.code == 0, left.err
        pid = left.json["detached"]["pid"]
        first = shop.terminal("attach")
        first.wait_for("releasing release 2")
        first.wait_for("10 %")
        first.ctrl_c()
        assert first.end() == 130
        assert "the deploy goes on" in first.shown
        assert f"pid {pid}" in under_way(shop)["holder"]
        second, third = shop.start("attach"), shop.start("attach", "--json")
        assert shop.cx("promote", "--full").code == 0
        wait_for(lambda: weights(shop) == {"green": 100, "blue": 0})
        wait_for(lambda: under_way(shop).get("label") == "bake")
        assert shop.cx("promote").code == 0
        seen, events = second.wait(), [json.loads(line) for line in third.wait().out.splitlines()]
        assert seen.code == 0, seen.err
        assert "Release 2 is live" in seen.err
        assert (events[0]["event"], events[0]["pid"], events[-1]["event"]) == ("started", pid, "ended")
        assert body(shop) == "version 2"
        assert shop.cx("attach").err == seen.err

    def test_is_told_to_have_been_killed(self, shop: Project) -> None:
        write(shop, CANARY, strategy="canary", VERSION="2")
        pid = shop.cx("deploy", "--yes", "--detach", "--json").json["detached"]["pid"]
        wait_for(lambda: under_way(shop).get("label") == "bake")
        attached = shop.start("attach")
        os.kill(pid, signal.SIGKILL)
        ended = attached.wait()
        assert (ended.code, "the deploy was killed" in ended.err) == (1, True), ended.err
        write(shop, VERSION="3")
        shop.deploy()
        assert body(shop) == "version 3"

    def test_is_stopped_by_ctrl_c_where_that_is_asked_for(self, shop: Project) -> None:
        write(shop, CANARY, strategy="canary", VERSION="2")
        assert shop.cx("deploy", "--yes", "--detach").code == 0
        wait_for(lambda: under_way(shop).get("label") == "bake")
        attached = shop.terminal("attach", "--interrupt")
        attached.wait_for("releasing release 2")
        attached.ctrl_c()
        assert attached.end() == 130
        assert under_way(shop)["holder"] is None
        assert shop.cx("rollback").code == 0
        assert body(shop) == "version 1"


class TestExec:
    def test_runs_a_command_as_the_program_of_a_task_would(self, shop: Project) -> None:
        closed = shop.cx("exec", "web", "--", "env")
        assert (closed.code, "services.web.exec: true" in closed.err) == (2, True), closed.err
        shop.change(services={"web": {**shop.spec["services"]["web"], "exec": True}})
        shop.deploy()
        wait_for(lambda: shop.cx("exec", "web", "--", "true").code == 0)
        ran = shop.cx("exec", "web", "--", "sh", "-c", "echo $VERSION $PORT; ls; exit 7")
        assert (ran.code, ran.err) == (7, "")
        version, port, *files = ran.out.split()
        assert (version, port.isdigit(), files) == ("1", True, ["app.py"])
        terminal = shop.terminal("exec", "web")
        try:
            terminal.type("echo $((40 + 2)) by $VERSION\nexit 3\n")
            terminal.wait_for("42 by 1")
            assert terminal.end() == 3
        finally:
            terminal.close()
        missing = shop.cx("exec", "web", "--", "no-such-program")
        assert (missing.code, "no-such-program cannot be run there" in missing.err) == (6, True)
        nobody = shop.cx("exec", "web", "--task", "nobody")
        assert (nobody.code, "Those that run" in nobody.err) == (6, True)
