"""From a strategy to its steps, from dependencies to their order, and the least time that takes."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from cygni.naming import Colour
from cygni.releases.floor import Pace, floor
from cygni.releases.release import Deployment, JobRun, Kind, Move, Standing, Track
from cygni.releases.settings import (
    CanaryStep,
    GateSettings,
    HealthTiming,
    HttpCheck,
    Limits,
    ReleaseSettings,
    Strategy,
)
from cygni.releases.steps import Approve, Bake, Clear, Roll, Shift, Start, Step, StopOld, Try, Unpin
from cygni.releases.strategy import steps_of, waves

BLUE, GREEN = Colour
OLD, NEW = Standing(1, "web:1", 2), Standing(2, "web:2", 2)
WEB = ReleaseSettings(bake=60.0)
WORKER = ReleaseSettings(takes_traffic=False, bake=30.0)
CHECKED = GateSettings(http=(HttpCheck("/"),))


def move(settings: ReleaseSettings, service: str = "web") -> Move:
    return Move(service, settings, GREEN, NEW, BLUE, OLD)


class TestSteps:
    @pytest.mark.parametrize(
        ("settings", "steps"),
        [
            (WEB, (Start(), Shift(100), Bake(60))),
            (replace(WEB, approve=True, gates=CHECKED), (Start(), Try(), Approve(), Shift(100), Bake(60))),
            (
                replace(WEB, strategy=Strategy.CANARY, canary=(CanaryStep(5, 7), CanaryStep(50, 8))),
                (Start(), Shift(5), Bake(7), Shift(50), Bake(8), Shift(100), Bake(60)),
            ),
            (replace(WEB, limits=Limits(1, 3)), (Start(), Shift(100), Bake(60), Unpin())),
            (WORKER, (Start(), Bake(30), StopOld())),
            (replace(WEB, strategy=Strategy.RECREATE), (StopOld(), Start(), Shift(100), Bake(60))),
            (replace(WORKER, strategy=Strategy.RECREATE), (StopOld(), Start(), Bake(30))),
        ],
    )
    def test_of_a_deploy_follow_the_strategy(
        self, settings: ReleaseSettings, steps: tuple[Step, ...]
    ) -> None:
        assert steps_of(Kind.DEPLOY, [move(settings)]) == steps

    def test_of_a_rolling_deploy_stay_in_the_colour(self) -> None:
        settings = replace(WEB, strategy=Strategy.ROLLING)
        in_place = Move("web", settings, BLUE, NEW, BLUE, OLD)
        assert steps_of(Kind.DEPLOY, [in_place]) == (Roll(), Bake(60))
        count_alone = replace(in_place, new=replace(OLD, count=5))
        assert steps_of(Kind.DEPLOY, [count_alone]) == (Roll(),)

    def test_of_a_group_are_those_of_all_its_services(self) -> None:
        steps = steps_of(Kind.DEPLOY, [move(WEB), move(WORKER, "mail")])
        assert steps == (Start(), Shift(100), Bake(60), StopOld())

    def test_of_a_first_release_watch_only_what_has_no_health_check(self) -> None:
        first = [replace(move(settings), old=None, old_colour=None) for settings in (WEB, WORKER)]
        assert steps_of(Kind.DEPLOY, first[:1]) == (Start(), Shift(100))
        assert steps_of(Kind.DEPLOY, first[1:]) == (Start(), Bake(30))

    def test_of_a_rollback_are_as_few_as_can_be(self) -> None:
        approved = replace(WEB, approve=True, gates=CHECKED)
        assert steps_of(Kind.ROLLBACK, [move(approved)], warm=True) == (Shift(100),)
        assert steps_of(Kind.ROLLBACK, [move(approved)]) == (Start(), Shift(100))
        assert steps_of(Kind.ROLLBACK, [move(WORKER)]) == (Start(), StopOld())

    def test_of_a_restart_begin_with_an_empty_colour_and_ask_nobody(self) -> None:
        assert steps_of(Kind.RESTART, [move(replace(WEB, approve=True))]) == (
            Clear(),
            Start(),
            Shift(100),
            Bake(60),
        )


class TestWaves:
    def test_follow_the_longest_chain_of_dependencies(self) -> None:
        settings = {
            "web": replace(WEB, depends_on=("api", "mail")),
            "api": replace(WEB, depends_on=("mail", "elsewhere")),
            "mail": WORKER,
        }
        assert waves(settings) == {"mail": 0, "api": 1, "web": 2}

    def test_are_of_groups(self) -> None:
        settings = {
            "web": replace(WEB, group="front", depends_on=("api",)),
            "site": replace(WEB, group="front"),
            "api": WEB,
        }
        assert waves(settings) == {"api": 0, "front": 1}

    def test_have_no_order_in_a_circle(self) -> None:
        settings = {"a": replace(WEB, depends_on=("b",)), "b": replace(WEB, depends_on=("a",)), "c": WEB}
        with pytest.raises(ValueError, match=r"^a, b$"):
            waves(settings)


FARGATE = Pace(30.0)


class TestFloor:
    TIMING = HealthTiming(interval=10.0, deregistration_delay=20.0)

    def of(self, *tracks: Track, jobs: tuple[JobRun, ...] = (), pace: Pace = FARGATE) -> float:
        now = datetime(2026, 11, 21, tzinfo=UTC)
        deployment = Deployment("shop", "staging", 1, Kind.DEPLOY, tracks, now, "ada", jobs=jobs)
        return floor(deployment, pace)

    def test_is_what_no_speed_can_save(self) -> None:
        settings = replace(WEB, timing=self.TIMING)
        assert self.of(Track("web", 0, (move(settings),), (Start(), Shift(5), Bake(7), Bake(60)))) == 107
        assert self.of(Track("web", 0, (move(settings),), (Roll(),))) == 60
        assert self.of(Track("web", 0, (move(settings),), (StopOld(), Start()))) == 60
        assert self.of(Track("mail", 0, (move(WORKER),), (Start(), Bake(30), StopOld()))) == 60

    def test_has_no_interval_where_a_new_target_is_asked_at_once(self) -> None:
        settings, quick = replace(WEB, timing=self.TIMING), Pace(30.0, asks_at_once=True)
        assert self.of(Track("web", 0, (move(settings),), (Start(), Shift(100), Bake(7))), pace=quick) == 37
        assert self.of(Track("web", 0, (move(settings),), (Roll(),)), pace=quick) == 50

    def test_adds_waves_and_jobs_and_not_what_goes_side_by_side(self) -> None:
        tracks = [
            Track(name, wave, (move(WORKER),), (Bake(20),)) for name, wave in (("a", 0), ("b", 0), ("c", 1))
        ]
        assert self.of(*tracks) == 40
        assert self.of(*tracks, jobs=(JobRun("migrate", "m:1", 60.0),)) == 70

    def test_of_a_warm_rollback_is_nothing(self) -> None:
        assert self.of(Track("web", 0, (move(WEB),), (Shift(100),))) == 0
