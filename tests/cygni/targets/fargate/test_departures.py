from __future__ import annotations

from dataclasses import replace

import pytest

from cygni.naming import Colour
from cygni.releases.observed import ColourState, ServiceState
from cygni.releases.release import Live
from cygni.targets.fargate.departures import departures
from cygni.targets.fargate.running import Running, RunningService

BLUE, GREEN = Colour
WEB = RunningService("web", "cluster", {BLUE: "web-blue", GREEN: "web-green"}, "web:2", "/web", 2)
RUNNING = Running({"web": WEB})
AS_ASKED = ColourState("web:2", 2, running=2, healthy=2)


def seen(runs: ColourState) -> dict[str, ServiceState]:
    return {"web": ServiceState({BLUE: ColourState("web:0", 0), GREEN: runs}, {BLUE: 0, GREEN: 100})}


@pytest.mark.parametrize(
    ("runs", "told"),
    [
        (AS_ASKED, []),
        (replace(AS_ASKED, revision="web:1"), ["another version"]),
        (replace(AS_ASKED, desired=5), ["scaled to 5, and its cost is told of 2"]),
        (replace(AS_ASKED, desired=0), ["scaled to 0"]),
        (replace(AS_ASKED, revision="web:1", desired=1), ["another version", "scaled to 1"]),
    ],
)
def test_are_told_of_what_does_not_run_as_it_was_asked_for(runs: ColourState, told: list[str]) -> None:
    found = departures(RUNNING, seen(runs), Live())
    assert [text in sentence for text, sentence in zip(told, found, strict=True)] == [True] * len(told)


def test_are_none_of_what_is_autoscaled_or_on_its_way() -> None:
    more = seen(replace(AS_ASKED, desired=5))
    assert departures(Running({"web": replace(WEB, least=1, most=6)}), more, Live()) == ()
    assert departures(RUNNING, more, Live(unfinished=(3,))) == ()
