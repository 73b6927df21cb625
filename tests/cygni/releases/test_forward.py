"""One look at a track: what its tasks say against it, and what must not be taken for that."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from cygni.naming import Colour
from cygni.releases.acts import RunTasks, SetWeights
from cygni.releases.forward import failing, look
from cygni.releases.observed import ColourState, Place, ServiceState, StoppedTask
from cygni.releases.release import Cause, Move, Standing, Track, TrackState
from cygni.releases.seen import Seen
from cygni.releases.settings import GateSettings, ReleaseSettings
from cygni.releases.steps import Bake, Roll, Shift, Start, Step

BLUE, GREEN = Colour
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
PLACE = Place("web", GREEN)
MOVE = Move("web", ReleaseSettings(count=2), GREEN, Standing(2, "web:2", 2), BLUE, Standing(1, "web:1", 2))
OLD = ColourState("web:1", 2, running=2, healthy=2)
NO_GATES = GateSettings(error_tolerance=None, latency_factor=None)
NEW = ColourState("web:2", 2, running=2, healthy=2)


def task(number: int, **changed: object) -> StoppedTask:
    """A task of the new colour that failed."""
    failed = StoppedTask(
        f"task-{number}", PLACE, "web:2", NOON, NOON, failed=True, reason="ended", exit_code=1
    )
    return replace(failed, **changed)  # type: ignore[arg-type]


def seen(new: ColourState = NEW, old: ColourState = OLD, *, green: int = 0) -> Seen:
    state = ServiceState({BLUE: old, GREEN: new}, {BLUE: 100 - green, GREEN: green})
    return Seen(services={"web": state})


def track(*steps: Step, move: Move = MOVE) -> Track:
    return Track("web", 0, (move,), steps, TrackState.FORWARD, step_since=NOON)


class TestFailingTasks:
    def test_are_those_of_the_new_revision_that_nobody_stopped(self) -> None:
        reason = failing(MOVE, replace(seen(), stopped=[task(1), task(2), task(3)]))
        assert reason is not None
        assert (reason.cause, reason.task, reason.exit_code) == (Cause.TASKS, "task-3", 1)
        assert reason.text == "3 tasks of web (green) failed: exit code 1, ended"
        assert reason.numbers == {"failed tasks": 3.0, "allowed": 2.0}

    @pytest.mark.parametrize(
        "other",
        [
            {"failed": False},
            {"revision": "web:1"},
            {"place": Place("web", BLUE)},
            {"place": Place("api", GREEN)},
        ],
    )
    def test_are_no_others(self, other: dict[str, object]) -> None:
        assert failing(MOVE, replace(seen(), stopped=[task(1), task(2), task(3, **other)])) is None

    def test_are_told_without_a_code_where_no_process_ran(self) -> None:
        reason = failing(
            MOVE, replace(seen(), stopped=[task(n, exit_code=None, reason="no image") for n in range(3)])
        )
        assert reason is not None
        assert reason.text.endswith("failed: no image")

    def test_keep_a_step_from_passing_until_a_whole_pause_went_well(self) -> None:
        """One that leaks is killed now and then: its restart earns it no more requests."""
        step = Bake(60.0)
        quiet = track(step, move=replace(MOVE, settings=replace(MOVE.settings, gates=NO_GATES)))
        died = replace(seen(green=5), stopped=[task(1, stopped_at=NOON + timedelta(seconds=40))])
        for seconds, passes in ((61, False), (99, False), (100, True)):
            outcome = look(quiet, step, died, NOON + timedelta(seconds=seconds))
            assert (outcome.done, outcome.failed) == (passes, None)
        assert look(quiet, step, seen(green=5), NOON + timedelta(seconds=60)).done

    def test_of_which_none_is_left_are_told_with_the_end_of_the_last(self) -> None:
        step = Bake(60.0)
        none_left = replace(
            seen(replace(NEW, running=0, healthy=0), green=5),
            stopped=[task(1), task(2, exit_code=137, reason="OutOfMemoryError")],
        )
        reason = look(track(step), step, none_left, NOON).failed
        assert reason is not None
        assert reason.text == (
            "no task of web (green) is healthy any more, and requests go to it; "
            "2 failed, the last one: exit code 137, OutOfMemoryError"
        )
        assert (reason.task, reason.exit_code) == ("task-2", 137)

    def test_of_which_none_is_left_are_not_waited_for_before_a_shift_either(self) -> None:
        """Requests go to a colour that somebody is to be given more of."""
        dead = seen(replace(NEW, running=0, healthy=0), green=5)
        reason = look(track(Shift(5), Shift(50)), Shift(50), dead, NOON).failed
        assert reason is not None
        assert reason.cause is Cause.TASKS
        assert look(track(Shift(5)), Shift(5), seen(replace(NEW, running=0, healthy=0)), NOON).failed is None


class TestReadiness:
    @pytest.mark.parametrize(
        "lacking",
        [{"outdated": 1}, {"running": 1}, {"healthy": 1}],
        ids=["a task of another revision runs", "a task does not run", "a task is not healthy"],
    )
    @pytest.mark.parametrize("step", [Start(), Shift(100)])
    def test_is_of_all_tasks_before_requests_move(self, step: Step, lacking: dict[str, int]) -> None:
        state = replace(NEW, **lacking)  # type: ignore[arg-type]
        outcome = look(track(step), step, seen(state), NOON)
        assert (outcome.done, outcome.acts, bool(outcome.waited)) == (False, (), True)

    def test_of_a_colour_that_runs_another_revision_is_mended_first(self) -> None:
        outcome = look(track(Start()), Start(), seen(replace(NEW, revision="web:0")), NOON)
        assert outcome.acts == (RunTasks(PLACE, "web:2", 2),)

    def test_of_more_tasks_than_are_wanted_is_mended_too(self) -> None:
        outcome = look(track(Start()), Start(), seen(replace(NEW, desired=5, running=5, healthy=5)), NOON)
        assert outcome.acts == (RunTasks(PLACE, "web:2", 2),)

    def test_lets_requests_move(self) -> None:
        outcome = look(track(Shift(5)), Shift(5), seen(), NOON)
        assert outcome.acts == (SetWeights("web", {GREEN: 5, BLUE: 95}),)
        assert look(track(Shift(5)), Shift(5), seen(green=5), NOON).done

    def test_is_not_waited_for_longer_than_it_may_take(self) -> None:
        late = NOON + timedelta(seconds=601)
        outcome = look(track(Shift(100)), Shift(100), seen(replace(NEW, healthy=1)), late)
        assert outcome.failed is not None
        assert outcome.failed.cause is Cause.START
        assert "of 2 tasks 2 run, and 1 are healthy" in outcome.failed.text

    def test_of_a_rolling_service_is_of_the_new_tasks_alone(self) -> None:
        in_place = replace(MOVE, new_colour=BLUE)
        rolling = track(Roll(), move=in_place)
        assert look(rolling, Roll(), seen(), NOON).acts == (RunTasks(Place("web", BLUE), "web:2", 2),)
        halfway = ColourState("web:2", 2, running=1, outdated=1, healthy=2)
        assert not look(rolling, Roll(), seen(old=halfway), NOON).done
        assert look(rolling, Roll(), seen(old=NEW), NOON).done


class TestWeights:
    def test_that_somebody_else_has_moved_are_put_right(self) -> None:
        outcome = look(track(Shift(5)), Shift(5), seen(green=30), NOON)
        assert outcome.acts == (SetWeights("web", {GREEN: 5, BLUE: 95}),)

    def test_that_somebody_else_has_moved_keep_a_bake_from_ending(self) -> None:
        bake = replace(track(Shift(100), Bake(60.0)), step=1)
        quiet = replace(bake, moves=(replace(MOVE, settings=replace(MOVE.settings, gates=NO_GATES)),))
        late = NOON + timedelta(seconds=100)
        moved = look(quiet, Bake(60.0), seen(green=0), late)
        assert (moved.acts, moved.done) == ((SetWeights("web", {GREEN: 100, BLUE: 0}),), False)
        assert look(quiet, Bake(60.0), seen(green=100), late).done

    def test_of_a_group_wait_for_its_last_service(self) -> None:
        both = replace(track(Shift(100)), moves=(MOVE, replace(MOVE, service="api")))
        unready = ServiceState({BLUE: OLD, GREEN: replace(NEW, healthy=1)}, {BLUE: 100, GREEN: 0})
        state = Seen(services={**seen().services, "api": unready})
        assert look(both, Shift(100), state, NOON).acts == ()

    def test_go_to_the_new_colour_where_nothing_of_the_old_one_runs(self) -> None:
        gone = replace(OLD, running=0, healthy=0)
        outcome = look(track(Shift(5)), Shift(5), seen(old=gone), NOON)
        assert outcome.acts == (SetWeights("web", {GREEN: 100, BLUE: 0}),)

    def test_stay_there_until_the_old_one_is_healthy_again(self) -> None:
        starting = replace(OLD, running=2, healthy=0)
        assert look(track(Shift(5)), Shift(5), seen(old=starting, green=100), NOON).acts == ()
        assert look(track(Shift(5)), Shift(5), seen(green=100), NOON).acts != ()

    def test_do_not_go_to_it_because_a_check_of_the_old_one_failed(self) -> None:
        unwell = replace(OLD, healthy=0)
        assert look(track(Shift(5)), Shift(5), seen(old=unwell, green=5), NOON).acts == ()
