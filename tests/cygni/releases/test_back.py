"""One look at a service on its way back: requests first, and only to where somebody answers."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from cygni.naming import Colour
from cygni.releases.acts import RunTasks, SetWeights
from cygni.releases.back import look_back
from cygni.releases.observed import ColourState, Place, ServiceState
from cygni.releases.release import Move, Standing
from cygni.releases.seen import Seen
from cygni.releases.settings import ReleaseSettings, Strategy

BLUE, GREEN = Colour
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
MOVE = Move("web", ReleaseSettings(count=4), GREEN, Standing(2, "web:2", 4), BLUE, Standing(1, "web:1", 4))
OLD = ColourState("web:1", 4, running=4, healthy=4)
NEW = ColourState("web:2", 4, running=4, healthy=4)
RESTORE = RunTasks(Place("web", BLUE), "web:1", 4)
STOP = RunTasks(Place("web", GREEN), "web:2", 0)
ALL_BACK = SetWeights("web", {BLUE: 100, GREEN: 0})


def seen(old: ColourState = OLD, new: ColourState = NEW, *, green: int = 100) -> Seen:
    return Seen(services={"web": ServiceState({BLUE: old, GREEN: new}, {BLUE: 100 - green, GREEN: green})})


class TestWayBack:
    def test_moves_requests_and_stops_the_new_tasks_only_once_they_have_moved(self) -> None:
        assert look_back(MOVE, seen()).acts == (ALL_BACK,)
        assert look_back(MOVE, seen(green=0)).acts == (STOP,)
        stopped = replace(NEW, desired=0)
        assert look_back(MOVE, seen(new=stopped, green=0)).done

    def test_keeps_the_new_tasks_while_some_requests_may_still_go_to_them(self) -> None:
        found = look_back(MOVE, seen(green=0), settled=False)
        assert (found.acts, found.done) == ((), False)

    @pytest.mark.parametrize(("healthy", "green", "goes"), [(2, 100, True), (1, 100, False), (1, 5, True)])
    def test_is_open_where_half_of_the_old_tasks_answer_or_have_most_requests_already(
        self, healthy: int, green: int, goes: bool
    ) -> None:
        found = look_back(MOVE, seen(replace(OLD, running=healthy, healthy=healthy), green=green))
        assert (ALL_BACK in found.acts) is goes

    def test_is_open_to_a_single_task_where_nothing_else_answers(self) -> None:
        nothing = replace(NEW, running=0, healthy=0)
        assert look_back(MOVE, seen(replace(OLD, running=1, healthy=1), nothing)).acts == (ALL_BACK,)

    @pytest.mark.parametrize(
        "other", [{"revision": "web:0"}, {"outdated": 1}], ids=["other tasks", "some other tasks"]
    )
    def test_is_not_open_to_tasks_of_another_revision(self, other: dict[str, object]) -> None:
        found = look_back(MOVE, seen(replace(OLD, **other)))  # type: ignore[arg-type]
        assert ALL_BACK not in found.acts
        assert (RESTORE in found.acts) is ("revision" in other)

    def test_restores_what_was_taken_of_the_old_tasks(self) -> None:
        assert look_back(MOVE, seen(replace(OLD, desired=0, running=0, healthy=0))).acts == (RESTORE,)
        few = replace(OLD, desired=3, running=3, healthy=3)
        assert look_back(MOVE, seen(few, green=0)).acts == (RESTORE, STOP)

    def test_gives_requests_to_the_new_tasks_while_no_old_one_answers(self) -> None:
        starting = replace(OLD, running=4, healthy=0)
        found = look_back(MOVE, seen(starting, green=0))
        assert found.acts == (SetWeights("web", {GREEN: 100, BLUE: 0}),)
        assert not found.done

    def test_lets_no_two_versions_run_where_that_is_forbidden(self) -> None:
        move = replace(MOVE, settings=replace(MOVE.settings, strategy=Strategy.RECREATE))
        gone = replace(OLD, desired=0, running=0, healthy=0)
        assert look_back(move, seen(gone)).acts == (STOP,)
        stopping = replace(NEW, desired=0)
        assert look_back(move, seen(gone, stopping)).acts == ()
        assert look_back(move, seen(gone, replace(stopping, running=0, healthy=0))).acts == (RESTORE,)
