from __future__ import annotations

import json
from datetime import UTC, datetime
from io import StringIO
from typing import Any

import pytest
from rich.console import Console

from cli.release_view import release_view
from cygni.naming import Colour
from cygni.releases import events
from cygni.releases.events import Event
from cygni.releases.gates import State
from cygni.releases.release import DeploymentState, Kind

AT: dict[str, Any] = {"at": datetime(2026, 1, 2, tzinfo=UTC)}
STORY: list[Event] = [
    events.Began(
        **AT, deployment=1, release=7, kind=Kind.DEPLOY, tracks={"web": ("start", "shift to 100 %")}, floor=0
    ),
    events.JobBegan(**AT, job="migrate", task="t"),
    events.JobEnded(**AT, job="migrate", passed=True),
    events.StepBegan(**AT, track="web", index=0, label="start"),
    events.Waits(**AT, track="web", text="1 of 2 tasks are healthy"),
    events.Counts(
        **AT, service="web", colour=Colour.GREEN, desired=2, running=1, pending=1, outdated=0, healthy=1
    ),
    events.Weighed(**AT, service="web", weights={Colour.BLUE: 100, Colour.GREEN: 0}),
    events.Logged(**AT, service="web", colour=Colour.GREEN, task="t", text="listening"),
    events.GateRead(
        **AT,
        service="web",
        gate="errors",
        state=State.PASS,
        unit="percent",
        value=0.0,
        limit=1.0,
        requests=10,
        text="0 of 10 requests failed",
    ),
    events.StepEnded(**AT, track="web", index=0, label="start", seconds=2.0, passed=True),
    events.Changed(**AT, state=DeploymentState.SUCCEEDED),
]


def told(*, terminal: bool) -> str:
    out = StringIO()
    people = Console(file=out, force_terminal=terminal, width=100, highlight=False, no_color=True)
    with release_view(people) as sink:
        for event in STORY:
            sink(event)
    return out.getvalue()


class TestReleaseView:
    def test_is_plain_lines_without_a_terminal(self) -> None:
        assert told(terminal=False).splitlines() == [
            "releasing release 7: web",
            "  job migrate runs",
            "  job migrate done",
            "  web: blue 100 %, green 0 %",
            "  web (green) | listening",
            "  web: gate errors: 0 of 10 requests failed",
            "  web: start done  2.0s",
            "live",
        ]

    def test_is_a_tree_at_a_terminal(self) -> None:
        shown = told(terminal=True)
        for text in ("release 7", "✓ start", "shift to 100 %", "green 1/2 running, 1 healthy"):
            assert text in shown

    def test_is_json_lines_for_programs(self, capsys: pytest.CaptureFixture[str]) -> None:
        with release_view(Console(file=StringIO()), as_json=True) as sink:
            for event in STORY:
                sink(event)
        lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
        assert [events.from_dict(line) for line in lines] == STORY
