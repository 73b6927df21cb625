from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from cli.release_lines import event_line, weight_bar
from cygni.naming import Colour
from cygni.releases import events
from cygni.releases.events import Event
from cygni.releases.gates import State
from cygni.releases.release import DeploymentState, Kind, Wish

AT: dict[str, Any] = {"at": datetime(2026, 1, 2, tzinfo=UTC)}
GATE: dict[str, Any] = {
    **AT,
    "service": "web",
    "gate": "errors",
    "unit": "percent",
    "value": 3.0,
    "limit": 1.0,
    "requests": 900,
    "text": "3.0 % of 900 requests failed",
}

LINES: list[tuple[Event, str]] = [
    (
        events.Began(**AT, deployment=4, release=3, kind=Kind.DEPLOY, tracks={"web": ("start",)}, floor=65),
        "releasing release 3: web (at least 1 min 5 s)",
    ),
    (
        events.Began(
            **AT,
            deployment=4,
            release=2,
            kind=Kind.ROLLBACK,
            tracks={"a": (), "b": ()},
            floor=0,
            resumed=True,
        ),
        "going on with rolling back to release 2: a, b",
    ),
    (
        events.Changed(**AT, state=DeploymentState.BACK, reason="3 % of the requests failed"),
        "going back: 3 % of the requests failed",
    ),
    (events.Changed(**AT, state=DeploymentState.SUCCEEDED), "live"),
    (events.Changed(**AT, state=DeploymentState.FORWARD), ""),
    (events.StepBegan(**AT, track="web", index=2, label="bake", waits=60), "  web: bake, 1 min"),
    (events.StepBegan(**AT, track="web", index=0, label="start"), ""),
    (
        events.StepEnded(**AT, track="web", index=0, label="start", seconds=1.25, passed=True),
        "  web: start done  1.2s",
    ),
    (
        events.StepEnded(**AT, track="web", index=0, label="bake", seconds=9, passed=False),
        "  web: bake failed  9.0s",
    ),
    (
        events.Weighed(**AT, service="web", weights={Colour.GREEN: 5, Colour.BLUE: 95}),
        "  web: blue 95 %, green 5 %",
    ),
    (events.GateRead(**GATE, state=State.FAIL), "  web: gate errors: 3.0 % of 900 requests failed"),
    (events.GateRead(**GATE, state=State.WAIT), ""),
    (
        events.TaskFailed(
            **AT, service="web", colour=Colour.GREEN, task="abc", reason="it exited", exit_code=3
        ),
        "  web (green): a task failed: it exited, exit code 3",
    ),
    (
        events.Logged(**AT, service="web", colour=Colour.GREEN, task="abc", text="[red]hello"),
        "  web (green) | [red]hello",
    ),
    (events.JobBegan(**AT, job="migrate", task="abc"), "  job migrate runs"),
    (events.JobEnded(**AT, job="migrate", passed=False), "  job migrate failed"),
    (events.Asked(**AT, wish=Wish.PROMOTE_FULL, author="ada@box"), "ada@box asked to promote full"),
    (events.Waits(**AT, track="web", text="1 of 2 tasks"), ""),
]


class TestEventLine:
    @pytest.mark.parametrize(("event", "line"), LINES, ids=lambda given: getattr(given, "event", None))
    def test_tells_what_is_worth_a_line(self, event: Event, line: str) -> None:
        assert event_line(event) == line


class TestWeightBar:
    @pytest.mark.parametrize(("weight", "full"), [(0, 0), (5, 1), (50, 10), (100, 20)])
    def test_is_always_as_long(self, weight: int, full: int) -> None:
        bar, _, text = weight_bar(weight).partition(" ")
        assert (len(bar), bar.count("━"), text) == (20, full, f"{weight} %")
