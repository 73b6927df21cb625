"""A world that does not answer, refuses, or follows late."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from cygni.errors import JobFailed, NotFound, ResourceFailed, Unreachable
from cygni.naming import Colour
from cygni.releases.events import Waits
from cygni.releases.observed import JobState, LogLine, Place, ServiceState, Weights
from cygni.releases.operations import Releases
from cygni.releases.outcome import failure
from cygni.releases.release import DeploymentState, Wish
from cygni.releases.settings import CanaryStep, ReleaseSettings, Strategy
from tests.release_reaper import Killed, Reaper
from tests.release_world import FakeJobs, FakeTarget, Town

BLUE, GREEN = Colour
WEB = ReleaseSettings(count=2, bake=20.0, warm=600.0)
CANARY = replace(WEB, strategy=Strategy.CANARY, canary=(CanaryStep(5, 60.0),))


def town(**settings: ReleaseSettings) -> Town:
    made = Town(settings or {"web": CANARY})
    made.runs("1")
    return made


def with_parts(command: Releases, *, follow: bool = False, **parts: Any) -> Releases:
    target = replace(command.world.target, **parts)
    return replace(command, world=replace(command.world, target=target, follow=follow))


class Silent(FakeTarget):
    """Does not answer between two seconds of the cloud's."""

    between: tuple[float, float] = (0.0, 0.0)

    def _answer(self) -> None:
        if self.between[0] <= self.cloud.now < self.between[1]:
            raise Unreachable("the state of the services is not known: timed out")

    def look(self, services: Sequence[str]) -> Mapping[str, ServiceState]:
        self._answer()
        return super().look(services)

    def shift(self, service: str, weights: Weights) -> None:
        self._answer()
        super().shift(service, weights)

    def since(self, place: Place, after: datetime, limit: int) -> Sequence[LogLine]:
        raise ResourceFailed("the log of web is not known")


class TestWorldThatDoesNotAnswer:
    def deploying(self, where: Town, begins: float, seconds: float) -> Releases:
        silent = Silent(where.cloud, Reaper())
        silent.between = (where.cloud.now + begins, where.cloud.now + begins + seconds)
        return with_parts(where.command(), workload=silent, traffic=silent)

    @pytest.mark.parametrize("begins", [3.0, 8.0, 30.0, 68.0])
    def test_for_a_while_is_asked_again(self, begins: float) -> None:
        where = town()
        ended = self.deploying(where, begins, 40.0).deploy(where.release("2"))
        assert ended is not None
        assert ended.state is DeploymentState.SUCCEEDED
        assert where.cloud.needless == []
        [told] = [one.text for one in where.events if isinstance(one, Waits) and "asks again" in one.text]
        assert "timed out" in told

    def test_for_long_ends_the_command_and_leaves_the_record(self) -> None:
        where = town()
        with pytest.raises(Unreachable):
            self.deploying(where, 30.0, 1000.0).deploy(where.release("2"))
        assert where.live().unfinished == (2,)

    def test_with_lines_of_a_log_holds_no_release_up(self) -> None:
        where = town()
        silent = Silent(where.cloud, Reaper())
        ended = with_parts(where.command(), logs=silent, follow=True).deploy(where.release("2"))
        assert ended is not None
        assert ended.state is DeploymentState.SUCCEEDED


class Refusing(FakeJobs):
    def start(self, job: str, revision: str, token: str) -> str:
        raise ResourceFailed("the job migrate was not started: the security group is not there")


class Slow(FakeJobs):
    """Jobs that take a while to stop."""

    stops = 0

    def stop(self, id: str) -> None:
        self.stops += 1
        assert self.stops < 1000, "it asks again and again, and no time passes"
        self.cloud.stopped_jobs.append(id)

    def _state(self, id: str) -> JobState:
        if self.cloud.now < self.until:
            return JobState(id, super()._state("-").phase)
        return super()._state(id)

    until = 0.0


class TestJob:
    WEB = replace(WEB, before="migrate")

    def test_that_is_refused_sends_the_release_back(self) -> None:
        where = town(web=self.WEB)
        refusing = Refusing(where.cloud, Reaper())
        command = with_parts(where.command(), jobs=refusing)
        ended = command.deploy(where.release("2", migrate="migrate:2"))
        assert ended is not None
        assert ended.state is DeploymentState.ROLLED_BACK
        error = failure(ended, command.world.target)
        assert isinstance(error, JobFailed)
        assert "the security group is not there" in error.message
        assert where.live().unfinished == ()
        assert where.state("web")[BLUE] == ("web:1", 2, 100)

    def test_that_there_is_no_more_holds_nobody_up(self) -> None:
        """The command died before it knew of the job's task; then the job was taken out of cygni.yaml."""

        class Gone(FakeJobs):
            def start(self, job: str, revision: str, token: str) -> str:
                raise NotFound(f"there is no job called {job}")

        for call in range(1, 40):
            reaper = Reaper()
            reaper.at = call
            where = town(web=self.WEB)
            with pytest.raises(Killed):
                where.command(reaper=reaper).deploy(where.release("2", migrate="migrate:2"))
            begun = where.command().world.store.deployment(2)
            if begun is not None and begun.jobs[0].since is not None:
                break
        command = with_parts(where.command(), jobs=Gone(where.cloud, Reaper()))
        ended = command.deploy(where.release("3"))
        assert ended is not None
        assert (ended.number, ended.state) == (3, DeploymentState.SUCCEEDED)
        assert where.live().unfinished == ()

    def test_that_is_slow_to_stop_is_not_asked_without_a_pause(self) -> None:
        where = town(web=self.WEB)
        slow = Slow(where.cloud, Reaper())
        begun = where.cloud.now
        at = {begun + 4: lambda: where.command().ask(2, Wish.ABORT)}
        slow.until = begun + 40
        where.cloud.jobs["-"] = ("migrate:2", begun + 1000)
        command = with_parts(where.command(at=at), jobs=slow)
        ended = command.deploy(where.release("2", migrate="migrate:2"))
        assert ended is not None
        assert ended.state is DeploymentState.ROLLED_BACK
        assert 1 < slow.stops <= 20
