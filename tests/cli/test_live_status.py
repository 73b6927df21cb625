"""What people see of what runs and of what is under way."""

from __future__ import annotations

from dataclasses import replace
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from cli.live_status import LiveStatus, show_live, under_way_lines
from cygni.releases.status import (
    ColourStatus,
    DeploymentStatus,
    ReleaseStatus,
    RunningStatus,
    TrackStatus,
)
from stacks.state_resources import outputs_in
from stacks.status import ServiceStatus
from tests.cli.conftest import Cx

COUNTS: dict[str, Any] = {"pending": 0, "outdated": 0}
GREEN = ColourStatus("green", True, 2, desired=2, running=2, healthy=2, weight=100, **COUNTS)
BLUE = ColourStatus("blue", False, 1, desired=2, running=1, healthy=1, weight=0, pending=1, outdated=0)
WEB = RunningStatus("web", (GREEN, BLUE), "2026-11-21T19:00:00+00:00")
RUNNING = {
    "cluster": "arn:aws:ecs:us-east-1:123456789012:cluster/shop",
    "services": {"blue": "shop-staging-web-blue", "green": "shop-staging-web-green"},
    "taskDefinition": "arn:aws:ecs:us-east-1:123456789012:task-definition/web:1",
    "logGroup": "/cygni/shop/staging/web",
    "count": 1,
}
SIZES = (ServiceStatus("web", "blue", "2", "256", "512", None),)
DEPLOYMENT = DeploymentStatus(
    deployment=4,
    release=3,
    kind="deploy",
    state="forward",
    paused=False,
    started_at="2026-11-21T18:00:00+00:00",
    author="ada",
    job=None,
    tracks=(TrackStatus("web", "forward", 3, 7, "bake", "2026-11-21T18:01:00+00:00"),),
    holder="cx deploy (pid 7 on vm)",
)


def shown(*services: RunningStatus, under_way: tuple[DeploymentStatus, ...] = (), **more: Any) -> list[str]:
    out = StringIO()
    releases = ReleaseStatus(2, "2026-11-21T17:00:00+00:00", "ada", services, under_way)
    people = Console(file=out, width=140, highlight=False, no_color=True)
    show_live(people, LiveStatus(releases, asked=True, **more), SIZES)
    return [" ".join(line.split()) for line in out.getvalue().splitlines()]


class TestWhatRuns:
    def test_is_a_line_for_each_colour_that_has_tasks(self) -> None:
        assert shown(WEB)[1:] == [
            "web green 2 100 % 2/2 2 256 / 512 MiB",
            "web blue 1 0 % 1/2 (1 starting) 1 256 / 512 MiB warm until 2026-11-21 19:00 UTC",
            "Release 2 is live, made 2026-11-21T17:00:00+00:00 by ada.",
        ]

    def test_leaves_out_a_colour_without_tasks(self) -> None:
        idle = replace(BLUE, desired=0, running=0, pending=0)
        assert len(shown(replace(WEB, colours=(GREEN, idle), warm_until=None))) == 3

    def test_of_a_worker_has_no_share_of_requests(self) -> None:
        worker = RunningStatus("mailer", (replace(GREEN, weight=None, release=0, outdated=1),), None)
        assert shown(worker)[1] == "mailer green ? none 2/2 (1 old) 2 ?"

    def test_tells_what_was_stopped_just_now(self) -> None:
        assert shown(WEB, cooled=("web",))[0] == "Stopped the old tasks of web: their warm time is over."


class TestWhatIsUnderWay:
    def test_is_told_with_its_step_and_who_carries_it_out(self) -> None:
        assert under_way_lines(DEPLOYMENT) == (
            "Under way: deploy of release 3, forward, by cx deploy (pid 7 on vm)",
            "  web: forward, bake (step 3 of 7, since 2026-11-21T18:01:00+00:00)",
        )

    def test_can_be_watched_where_it_is_told_on_this_machine(self) -> None:
        assert shown(WEB, under_way=(DEPLOYMENT,), attachable=True)[-1] == "watch it with: cx attach"
        assert "attach" not in shown(WEB, under_way=(DEPLOYMENT,))[-1]
        assert "attach" not in shown(WEB, attachable=True)[-1]

    def test_says_what_to_do_where_nobody_carries_it_out(self) -> None:
        assert "cx deploy or cx rollback" in under_way_lines(replace(DEPLOYMENT, holder=None))[0]

    def test_is_paused_or_runs_a_job(self) -> None:
        lines = under_way_lines(replace(DEPLOYMENT, paused=True, job="migrate"))
        assert ", paused, " in lines[0]
        assert lines[1] == "  job migrate runs"


class TestACloudThatDoesNotAnswer:
    @pytest.fixture
    def shop(self, cx: Cx, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Cx:
        assert cx("deploy", "-e", "staging", "--yes").code == 0
        monkeypatch.setattr(
            "stacks.status.outputs_in", lambda state: {**outputs_in(state), "running": {"web": RUNNING}}
        )
        monkeypatch.setenv("CYGNI_RELEASES", "on")
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
        monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
        monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
        monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
        return cx

    def test_is_a_warning_and_what_was_asked_for_is_told(self, shop: Cx) -> None:
        ended = shop("status", "-e", "staging")
        assert ended.code == 0
        assert "warning: what runs is not known: " in ended.err
        assert "Tasks" in ended.err

    def test_is_told_to_programs(self, shop: Cx) -> None:
        told = shop("status", "-e", "staging", "--json").answer
        assert told["live"]["asked"] is False
        assert any("what runs is not known" in one for one in told["warnings"])
