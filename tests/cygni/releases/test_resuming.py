"""A command may die after any call, before the call has had an effect or after: the next one makes a clean end."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass, replace

import pytest

from cygni.errors import LeaseLost, NotFound
from cygni.naming import Colour
from cygni.releases.release import Deployment, DeploymentState, Release
from cygni.releases.settings import CanaryStep, Limits, ReleaseSettings, Strategy
from tests.release_reaper import Killed, Reaper, Result
from tests.release_traffic import Behaviour
from tests.release_world import Program, Town

WEB = ReleaseSettings(count=2, bake=20.0, warm=600.0)
CANARY = replace(WEB, strategy=Strategy.CANARY, canary=(CanaryStep(5, 20.0), CanaryStep(50, 20.0)))
SHOP = {
    "web": replace(WEB, depends_on=("api",), limits=Limits(2, 6), warm=0.0),
    "api": replace(WEB, count=1, before="migrate", group="back"),
    "mail": replace(WEB, count=1, takes_traffic=False, group="back"),
}
PROGRAMS = {
    "web:faulty": Program(Behaviour(errors=0.1)),
    "web:crashing": Program(lives=3.0, healthy=False, exit_code=1),
    "web:leaking": Program(lives=15.0, exit_code=137),
    "migrate:broken": Program(exit_code=3),
}


@dataclass(frozen=True)
class Story:
    """What is deployed over version 1, and how that ends."""

    settings: dict[str, ReleaseSettings]
    version: str
    ends: DeploymentState = DeploymentState.SUCCEEDED
    migration: str = "migrate:2"
    rolls_back: bool = False

    def town(self) -> Town:
        town = Town(self.settings)
        town.cloud.programs.update(PROGRAMS)
        town.runs("1")
        if self.rolls_back:
            town.runs("2")
        return town

    def release(self, town: Town) -> Release:
        return town.release(self.version, migrate=self.migration)

    def go(self, town: Town, reaper: Reaper) -> Deployment | None:
        command = town.command(reaper=reaper, poll=4.0)
        return command.rollback() if self.rolls_back else command.deploy(self.release(town))


BACK = DeploymentState.ROLLED_BACK
STORIES = {
    "blue-green": Story({"web": WEB}, "2"),
    "canary": Story({"web": CANARY}, "2"),
    "rolling": Story({"web": replace(WEB, strategy=Strategy.ROLLING)}, "2"),
    "recreate": Story({"web": replace(WEB, strategy=Strategy.RECREATE)}, "2"),
    "shop": Story(SHOP, "2"),
    "faulty canary": Story({"web": CANARY}, "faulty", BACK),
    "faulty rolling": Story({"web": replace(WEB, strategy=Strategy.ROLLING)}, "faulty", BACK),
    "faulty recreate": Story({"web": replace(WEB, strategy=Strategy.RECREATE)}, "faulty", BACK),
    "faulty shop": Story(SHOP, "faulty", BACK),
    "crashing": Story({"web": WEB}, "crashing", BACK),
    "leaking": Story({"web": replace(WEB, bake=90.0)}, "leaking", BACK),
    "failing migration": Story(SHOP, "2", BACK, migration="migrate:broken"),
    "warm rollback": Story({"web": WEB}, "2", rolls_back=True),
    "cold rollback": Story(SHOP, "2", rolls_back=True),
}


@pytest.fixture(params=list(STORIES))
def story(request: pytest.FixtureRequest) -> Story:
    return STORIES[request.param]


def outside(town: Town) -> dict[str, object]:
    """What is seen from outside."""
    return {name: town.state(name) for name in town.settings}


class TestDeath:
    @pytest.mark.parametrize("after", [False, True], ids=["before its effect", "after its effect"])
    def test_at_any_call_is_followed_by_a_clean_end(self, story: Story, after: bool) -> None:
        first = story.town()
        undisturbed, counting = copy.deepcopy(first), Reaper()
        ended = story.go(undisturbed, counting)
        assert ended is not None
        assert ended.state is story.ends
        for number in range(1, counting.calls + 1):
            town, reaper = copy.deepcopy(first), Reaper()
            reaper.at, reaper.after = number, after
            with pytest.raises(Killed):
                story.go(town, reaper)
            town.cloud.pass_time(3)
            self.assert_clean_end(story, town, undisturbed, number)

    @staticmethod
    def assert_clean_end(story: Story, town: Town, undisturbed: Town, number: int) -> None:
        where = f"killed at call {number}: {town.cloud.operations}"
        town.command(poll=4.0).finish()
        if outside(town) != outside(undisturbed):
            story.go(town, Reaper())  # it died before there was anything to carry on
        assert outside(town) == outside(undisturbed), where
        assert town.live().unfinished == (), where
        assert town.cloud.troubles == [], where
        assert town.cloud.needless == [], where
        assert sorted(set(town.cloud.job_starts)) == sorted(town.cloud.job_starts), where


class TestLongAfterADeath:
    """Nobody has watched for longer than anything may take."""

    @pytest.mark.parametrize(
        "name", ["blue-green", "shop", "faulty canary", "failing migration", "cold rollback"]
    )
    def test_the_next_command_still_has_all_the_time_for_it(self, name: str) -> None:
        story = STORIES[name]
        first = story.town()
        undisturbed, counting = copy.deepcopy(first), Reaper()
        story.go(undisturbed, counting)
        for number in range(1, counting.calls + 1, 2):
            town, reaper = copy.deepcopy(first), Reaper()
            reaper.at = number
            with pytest.raises(Killed):
                story.go(town, reaper)
            town.cloud.pass_time(1000)
            begun = bool(town.live().unfinished)
            ended = town.command(poll=4.0).finish()
            if begun and ended is not None:
                assert ended.state is story.ends, f"killed at call {number}: {ended.reason}, {ended.failure}"


class TestPausedCommand:
    """One that stood still for so long that another took over, and then goes on."""

    def test_does_at_most_what_it_was_about_to_do(self) -> None:
        story = STORIES["canary"]
        first, counting = story.town(), Reaper()
        story.go(copy.deepcopy(first), counting)
        for number in range(1, counting.calls + 1):
            town = copy.deepcopy(first)
            done_after: list[int] = []

            def take_over(town: Town = town, done_after: list[int] = done_after) -> None:
                town.command(poll=4.0).rollback() if town.live().unfinished else None
                done_after.append(len(town.cloud.operations))

            try:
                story.go(town, Interrupted(number, take_over))
            except LeaseLost:
                assert len(town.cloud.operations) <= done_after[0] + 1
            else:
                assert done_after == [] or town.live().history[0] == 2


class Interrupted(Reaper):
    """Something happens just before call number `at`, for long enough that the lease runs out."""

    def __init__(self, at: int, happens: Callable[[], None]) -> None:
        super().__init__()
        self.at, self._happens = at, happens

    def call(self, act: Callable[[], Result]) -> Result:
        self.calls += 1
        if self.calls == self.at:
            self._happens()
        return act()


class TestServicesThatAreGone:
    """A release was killed, and a service of it was taken out of cygni.yaml and deleted before the next command."""

    @staticmethod
    def killed(at: int, settings: dict[str, ReleaseSettings], gone: set[str]) -> Town:
        where = Town(settings)
        where.runs("1")
        reaper = Reaper()
        reaper.at = at
        with pytest.raises(Killed):
            where.command(reaper=reaper).deploy(where.release("2"))
        for name in gone:
            del where.cloud.services[name], where.settings[name]
        return where

    @pytest.mark.parametrize("at", [5, 15, 30, 45, 60, 75])
    @pytest.mark.parametrize("group", ["", "both"])
    def test_do_not_keep_the_others_from_going_on(self, at: int, group: str) -> None:
        one = replace(WEB, group=group)
        where = self.killed(at, {"web": one, "api": one}, {"api"})
        ended = where.command().deploy(where.release("3"))
        assert ended is not None
        assert (ended.state, ended.release) == (DeploymentState.SUCCEEDED, where.live().history[0])
        assert where.live().unfinished == ()
        assert where.live().services.keys() == {"web"}
        assert ("web:3", 2, 100) in where.state("web").values()
        assert where.cloud.troubles == []

    def test_are_forgotten_with_a_release_that_had_no_others(self) -> None:
        settings = {"web": WEB, "api": replace(WEB, depends_on=("web",))}
        where = Town(settings)
        where.runs("1")
        where.settings = {"api": settings["api"]}
        reaper = Reaper()
        reaper.at = 30
        with pytest.raises(Killed):
            where.command(reaper=reaper).deploy(where.release("2"))
        del where.cloud.services["api"]
        where.settings = {"web": WEB}
        ended = where.command().deploy(where.release("3"))
        assert ended is not None
        assert ended.state is DeploymentState.SUCCEEDED
        assert where.live().unfinished == ()

    def test_are_missed_where_cygni_yaml_still_has_them(self) -> None:
        where = self.killed(30, {"web": WEB, "api": WEB}, set())
        del where.cloud.services["api"]
        with pytest.raises(NotFound, match="api"):
            where.command().deploy(where.release("3"))

    def test_in_cygni_yaml_alone_are_brought_back_like_any_other(self) -> None:
        town, reaper = STORIES["canary"].town(), Reaper()
        reaper.at = 60
        with pytest.raises(Killed):
            STORIES["canary"].go(town, reaper)
        del town.settings["web"]
        town.command().rollback()
        assert town.state("web")[Colour.BLUE] == ("web:1", 2, 100)
        assert town.live().unfinished == ()
