"""Going back to an earlier release."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import pytest

from cygni.errors import NotFound
from cygni.naming import Colour
from cygni.releases.observed import ServiceState
from cygni.releases.release import DeploymentState, Kind, ServiceRelease
from cygni.releases.settings import Strategy
from tests.release_reaper import Reaper, Result
from tests.release_town import WEB, WORKER, done, town
from tests.release_traffic import Behaviour
from tests.release_world import FakeTarget, Program, Town

BLUE, GREEN = Colour


class Traced(Reaper):
    """Knows after how many calls requests moved."""

    def __init__(self, where: Town) -> None:
        super().__init__()
        self.where = where
        self.moved_after = 0

    def call(self, act: Callable[[], Result]) -> Result:
        result = super().call(act)
        if not self.moved_after and any("shift" in one for one in self.where.cloud.operations):
            self.moved_after = self.calls
        return result


class TestWarmRollback:
    def test_moves_requests_and_nothing_else_first(self) -> None:
        where = town("1", "2")
        begun = where.cloud.now
        ended = where.command().rollback()
        assert ended is not None
        assert (ended.kind, ended.release, ended.state) == (Kind.ROLLBACK, 1, DeploymentState.SUCCEEDED)
        assert where.cloud.operations[0] == f"{begun}: shift web blue 100"
        assert where.state("web")[BLUE] == ("web:1", 2, 100)

    def test_looks_once_at_the_world_before_it_moves(self) -> None:
        """Whatever the number of services; all else are records."""
        where = town("1", "2", web=WEB, api=WEB, site=WEB)
        looks: list[int] = []

        class Counted(FakeTarget):
            def look(self, services: Sequence[str]) -> Mapping[str, ServiceState]:
                looks.append(len(where.cloud.operations))
                return super().look(services)

        command = where.command()
        workload = Counted(where.cloud, Reaper())
        target = replace(command.world.target, workload=workload)
        replace(command, world=replace(command.world, target=target)).rollback()
        assert looks.count(0) == 1
        assert done(where)[:3] == ["shift api blue 100", "shift site blue 100", "shift web blue 100"]

    def test_needs_few_calls(self) -> None:
        where = town("1", "2")
        traced = Traced(where)
        where.command(reaper=traced).rollback()
        assert traced.moved_after <= 10

    def test_stops_what_was_rolled_back(self) -> None:
        where = town("1", "2")
        where.command().rollback()
        assert where.state("web")[GREEN] == ("web:2", 0, 0)
        assert where.live().services["web"].warm_until is None

    def test_keeps_what_it_goes_back_from_until_no_request_goes_to_it_any_more(self) -> None:
        where = town("1", "2")
        where.settling = 15.0
        where.command().rollback()
        assert done(where) == ["shift web blue 100", "run web green web:2 0"]
        moved, stopped = (float(one.partition(":")[0]) for one in where.cloud.operations)
        assert 15 <= stopped - moved < 20

    def test_brings_as_many_tasks_as_run(self) -> None:
        where = town("1", "2")
        where.command().scale({"web": 5})
        where.cloud.pass_time(60)
        where.command().rollback()
        assert where.state("web")[BLUE] == ("web:1", 5, 100)
        assert where.cloud.troubles == []

    def test_is_not_warm_where_tasks_are_missing(self) -> None:
        where = town("1", "2")
        where.cloud.services["web"].colours[BLUE].desired = 1
        where.cloud.pass_time(20)
        where.command().rollback()
        assert done(where)[0] == "run web blue web:1 2"
        assert where.state("web")[BLUE] == ("web:1", 2, 100)
        assert where.cloud.troubles == []


class TestColdRollback:
    def test_starts_first_and_moves_requests_when_it_is_healthy(self) -> None:
        where = town("1", "2", "3")
        ended = where.command().rollback(1)
        assert ended is not None
        assert ended.state is DeploymentState.SUCCEEDED
        assert done(where)[:2] == ["run web green web:1 2", "shift web blue 0"]
        assert where.cloud.troubles == []

    def test_of_a_worker_starts_the_old_one_before_the_new_one_stops(self) -> None:
        where = town("1", "2", mail=WORKER)
        where.command().rollback()
        assert done(where) == ["run mail blue mail:1 1", "run mail green mail:2 0"]

    def test_goes_against_the_dependencies(self) -> None:
        where = town("1", "2", web=replace(WEB, depends_on=("api",)), api=WEB)
        where.command().rollback()
        assert done(where)[:2] == ["shift web blue 100", "shift api blue 100"]

    def test_rolls_where_that_is_the_strategy(self) -> None:
        where = town("1", "2", web=replace(WEB, strategy=Strategy.ROLLING))
        where.command().rollback()
        assert done(where) == ["run web blue web:1 2"]

    def test_lets_no_two_versions_run_where_that_is_forbidden(self) -> None:
        where = town("1", "2", web=replace(WEB, strategy=Strategy.RECREATE))
        where.command().rollback()
        assert done(where)[:2] == ["run web green web:2 0", "run web blue web:1 2"]


class TestWhichRelease:
    def test_is_the_one_before_and_then_the_one_before_that(self) -> None:
        where = town("1", "2", "3")
        for expected in ("web:2", "web:1"):
            where.command().rollback()
            assert {where.state("web")[colour][0] for colour in Colour if where.state("web")[colour][2]} == {
                expected
            }
        with pytest.raises(NotFound, match="no release before"):
            where.command().rollback()

    def test_is_none_that_differs_in_its_secrets_alone(self) -> None:
        where = town("1", "2")
        for key in ("v1", "v2"):
            services = {"web": ServiceRelease("web:2", secrets={"KEY": key})}
            where.command().deploy(replace(where.release("2"), services=services))
        where.command().restart()
        where.command().rollback()
        assert 100 in [weight for revision, _, weight in where.state("web").values() if revision == "web:1"]

    def test_may_be_one_that_was_rolled_back(self) -> None:
        where = town("1", "2")
        where.command().rollback()
        ended = where.command().rollback(2)
        assert ended is not None
        assert where.live().history[:2] == (2, 1)
        assert where.live().services["web"].warm_until is not None
        assert 100 in [weight for revision, _, weight in where.state("web").values() if revision == "web:2"]

    def test_that_never_was_live_is_judged_like_a_deploy(self) -> None:
        where = town("1")
        where.cloud.programs["web:2"] = Program(Behaviour(errors=0.3))
        where.command().deploy(where.release("2"))
        ended = where.command().rollback(2)
        assert ended is not None
        assert (ended.kind, ended.state) == (Kind.ROLLBACK, DeploymentState.ROLLED_BACK)
        assert where.state("web")[BLUE] == ("web:1", 2, 100)

    def test_must_be_there(self) -> None:
        where = town("1", "2")
        with pytest.raises(NotFound, match="no release 9"):
            where.command().rollback(9)
        assert where.live().unfinished == ()

    def test_that_runs_needs_nothing(self) -> None:
        assert town("1", "2").command().rollback(2) is None
