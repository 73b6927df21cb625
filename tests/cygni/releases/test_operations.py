"""What a person asks for besides a deploy, also while another command is under way."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import pytest

from cygni.errors import Cancelled, LockHeld, NotFound, UsageError
from cygni.naming import Colour
from cygni.releases.outcome import failure
from cygni.releases.protocols import Lease, Leases
from cygni.releases.release import DeploymentState, Kind, Wish
from cygni.releases.settings import CanaryStep, Limits, ReleaseSettings, Strategy
from cygni.releases.steps import Shift
from tests.release_reaper import Killed, Reaper
from tests.release_town import WEB, WORKER, done, town
from tests.release_world import Town

BLUE, GREEN = Colour
CANARY = replace(WEB, strategy=Strategy.CANARY, canary=(CanaryStep(5, 60.0), CanaryStep(50, 60.0)))


class TestRequests:
    def canary(
        self, *wishes: tuple[float, Wish], settings: ReleaseSettings = CANARY
    ) -> tuple[Town, DeploymentState]:
        """A deploy in the middle of which somebody asks for something, by seconds after its beginning."""
        where = town("1", web=settings)
        other = where.command()
        at = {where.cloud.now + when: lambda wish=wish: other.ask(2, wish) for when, wish in wishes}
        ended = where.command(at=at).deploy(where.release("2"))
        assert ended is not None
        return where, ended.state

    def shifts(self, where: Town) -> list[tuple[float, str]]:
        begun = float(where.cloud.operations[0].partition(":")[0])
        parts = [one.partition(": ") for one in where.cloud.operations if "shift" in one]
        return [(float(at) - begun, what.split()[-1]) for at, _, what in parts]

    def test_to_promote_end_the_wait(self) -> None:
        where, state = self.canary((20, Wish.PROMOTE))
        assert state is DeploymentState.SUCCEEDED
        assert self.shifts(where) == [(8, "95"), (20, "50"), (80, "0")]

    def test_to_promote_fully_end_all_waits_before_the_last(self) -> None:
        where, state = self.canary((20, Wish.PROMOTE_FULL))
        assert state is DeploymentState.SUCCEEDED
        assert self.shifts(where) == [(8, "95"), (20, "0")]

    def test_to_promote_fully_do_not_skip_the_start(self) -> None:
        where, _ = self.canary((2, Wish.PROMOTE_FULL))
        assert self.shifts(where) == [(8, "0")]

    def test_to_pause_keep_it_where_it_is(self) -> None:
        where, state = self.canary((20, Wish.PAUSE), (300, Wish.RESUME))
        assert state is DeploymentState.SUCCEEDED
        assert self.shifts(where)[:2] == [(8, "95"), (300, "50")]

    def test_to_promote_end_a_pause(self) -> None:
        where, _ = self.canary((20, Wish.PAUSE), (300, Wish.PROMOTE))
        assert self.shifts(where)[:2] == [(8, "95"), (300, "50")]

    def test_to_abort_send_it_back(self) -> None:
        where, state = self.canary((20, Wish.ABORT))
        assert state is DeploymentState.ROLLED_BACK
        assert self.shifts(where) == [(8, "95"), (20, "100")]
        deployment = where.command().world.store.deployment(2)
        assert deployment is not None
        error = failure(deployment, where.command().world.target)
        assert isinstance(error, Cancelled)
        assert "ada aborted it" in error.message

    def test_to_abort_stop_the_new_tasks_when_no_request_goes_to_them_any_more(self) -> None:
        where = town("1", web=CANARY)
        where.settling = 15.0
        other = where.command()
        at = {where.cloud.now + 20: lambda: other.ask(2, Wish.ABORT)}
        where.command(at=at).deploy(where.release("2"))
        times = {
            what: float(when) for when, _, what in (one.partition(": ") for one in where.cloud.operations)
        }
        assert 15 <= times["run web green web:2 0"] - times["shift web blue 100"] < 20

    def test_to_abort_while_it_is_paused_are_heard(self) -> None:
        _, state = self.canary((20, Wish.PAUSE), (40, Wish.ABORT))
        assert state is DeploymentState.ROLLED_BACK

    def test_to_abort_stop_the_job(self) -> None:
        where = town("1", web=replace(WEB, before="migrate"))
        other = where.command()
        at = {where.cloud.now + 4: lambda: other.ask(2, Wish.ABORT)}
        ended = where.command(at=at).deploy(where.release("2", migrate="migrate:2"))
        assert ended is not None
        assert ended.state is DeploymentState.ROLLED_BACK
        assert done(where) == ["stop job shop.staging.2.migrate"]

    def test_to_abort_stop_a_job_too_whose_task_nobody_knows_yet(self) -> None:
        """The command died between starting it and keeping its id."""
        for call in range(1, 40):
            where, reaper = town("1", web=replace(WEB, before="migrate")), Reaper()
            reaper.at, reaper.after = call, True
            with pytest.raises(Killed):
                where.command(reaper=reaper).deploy(where.release("2", migrate="migrate:2"))
            if where.cloud.job_starts:
                break
        ended = where.command().rollback()
        assert ended is not None
        assert ended.state is DeploymentState.ROLLED_BACK
        assert where.cloud.stopped_jobs == where.cloud.job_starts == ["shop.staging.2.migrate"]

    def test_to_approve_are_waited_for_as_long_as_it_takes(self) -> None:
        where, state = self.canary((5000, Wish.PROMOTE), settings=replace(WEB, approve=True))
        assert state is DeploymentState.SUCCEEDED
        assert self.shifts(where) == [(5000, "0")]


class TestBriefHolder:
    """What stops old tasks that were warm for long enough holds the services for a moment."""

    def test_is_waited_for_by_all_but_its_own_kind(self) -> None:
        where = town("1", "2")
        where.cloud.pass_time(700)
        refused = replace(where.command(), leases=Refusing())
        asked: list[Callable[[], object]] = [
            partial(refused.deploy, where.release("3")),
            refused.rollback,
            refused.restart,
        ]
        for act in asked:
            with pytest.raises(LockHeld):
                act()
            assert Refusing.waited == 5
        assert refused.cool() == ()
        assert Refusing.waited == 0


class TestDeploymentUnderWay:
    def killed(self, calls: int = 60) -> Town:
        where = town("1", web=CANARY)
        reaper = Reaper()
        reaper.at = calls
        with pytest.raises(Killed):
            where.command(reaper=reaper).deploy(where.release("2"))
        assert where.live().unfinished == (2,)
        return where

    def test_is_carried_on_by_the_same_deploy(self) -> None:
        where = self.killed()
        ended = where.command().deploy(where.release("2"))
        assert ended is not None
        assert (ended.number, ended.state) == (2, DeploymentState.SUCCEEDED)
        assert len(where.command().world.store.releases()) == 2

    def test_goes_back_before_another_release_is_deployed(self) -> None:
        where = self.killed()
        ended = where.command().deploy(where.release("3"))
        assert ended is not None
        assert (ended.number, ended.state) == (3, DeploymentState.SUCCEEDED)
        before = where.command().world.store.deployment(2)
        assert before is not None
        assert before.state is DeploymentState.ROLLED_BACK
        assert where.cloud.troubles == []

    def test_goes_back_when_a_rollback_is_asked_for(self) -> None:
        where = self.killed()
        ended = where.command().rollback()
        assert ended is not None
        assert (ended.number, ended.state) == (2, DeploymentState.ROLLED_BACK)
        assert where.state("web")[BLUE] == ("web:1", 2, 100)
        assert where.live().history == (1,)

    def test_goes_back_and_then_to_the_release_that_was_asked_for(self) -> None:
        where = town("1", "2", web=CANARY)
        reaper = Reaper()
        reaper.at = 60
        with pytest.raises(Killed):
            where.command(reaper=reaper).deploy(where.release("3"))
        where.command().rollback(1)
        assert where.live().history == (1,)

    @pytest.mark.parametrize("asked", [None, 1], ids=["the one before", "by its number"])
    def test_that_is_a_rollback_is_carried_on_when_it_is_asked_for_again(self, asked: int | None) -> None:
        for call in range(1, 80):
            where, reaper = town("1", "2", "3"), Reaper()
            first = 2 if asked is None else asked
            reaper.at = call
            try:
                where.command(reaper=reaper).rollback(first)
            except Killed:
                if not where.live().unfinished:
                    continue
            else:
                break
            ended = where.command().rollback(asked)
            assert ended is None or ended.state is DeploymentState.SUCCEEDED
            assert where.live().history[0] == first
            assert where.live().unfinished == ()
        assert call > 10

    def test_that_is_a_rollback_to_another_release_goes_back_first(self) -> None:
        where, reaper = town("1", "2", "3"), Reaper()
        reaper.at = 14
        with pytest.raises(Killed):
            where.command(reaper=reaper).rollback(1)
        assert where.live().unfinished != ()
        where.command().rollback(2)
        assert where.live().history == (2, 1)

    def test_that_is_a_living_rollback_is_waited_for_and_not_repeated(self) -> None:
        where, reaper = town("1", "2", "3"), Reaper()
        reaper.at = 14
        with pytest.raises(Killed):
            where.command(reaper=reaper).rollback()
        second = where.command()
        ended = replace(second, leases=Later(second.leases, where.command().finish)).rollback()
        assert ended is not None
        assert (ended.release, ended.state) == (2, DeploymentState.SUCCEEDED)
        assert where.live().history == (2, 1)

    def test_of_a_living_command_is_told_to_go_back(self) -> None:
        """`cx rollback` beside a `cx deploy` that goes on: it asks, and whoever holds the lease hears."""
        where = town("1", web=CANARY)
        first = where.command()
        second = replace(where.command(), leases=Refusing())
        where.records.alive = {first.leases.holder}  # type: ignore[attr-defined]

        def rolls_back() -> None:
            with pytest.raises(LockHeld):
                second.rollback()

        first.world.clock.at[where.cloud.now + 30] = rolls_back  # type: ignore[attr-defined]
        ended = first.deploy(where.release("2"))
        assert ended is not None
        assert ended.state is DeploymentState.ROLLED_BACK
        assert Refusing.waited >= 900

    def test_keeps_the_request_with_the_deployment_and_hears_it_once(self) -> None:
        where = self.killed()
        where.command().ask(2, Wish.PROMOTE)
        ended = where.command().deploy(where.release("2"))
        assert ended is not None
        shifts = [step for step in ended.tracks[0].steps if isinstance(step, Shift)]
        assert len(shifts) == 3
        assert len([one for one in done(where) if "shift" in one]) == 3


@dataclass(frozen=True)
class Later:
    """Leases that one gets when something else has ended."""

    leases: Leases
    first: Callable[[], object]

    def acquire(self, services: Sequence[str], *, doing: str, **_: Any) -> Lease:
        self.first()
        return self.leases.acquire(services, doing=doing)


class Refusing:
    """Leases of somebody who never gets one."""

    waited = 0.0

    def acquire(self, services: Sequence[str], *, wait: float = 0.0, **_: Any) -> Lease:
        type(self).waited = wait
        raise LockHeld("somebody else has it")


class TestFinish:
    def test_has_nothing_to_do_where_nothing_is_left(self) -> None:
        where = town("1")
        assert where.command().finish() is None
        assert done(where) == []


class TestCooling:
    def test_stops_the_old_colour_when_its_time_is_over(self) -> None:
        where = town("1", "2")
        assert where.command().cool() == ()
        where.cloud.pass_time(700)
        assert where.command().cool() == ("web",)
        assert where.state("web") == {BLUE: ("web:1", 0, 0), GREEN: ("web:2", 2, 100)}
        assert where.command().cool() == ()
        one = where.live().services["web"]
        assert (one.colours[BLUE].count, one.warm_until) == (0, None)

    def test_lets_autoscaling_leave_it_so(self) -> None:
        where = town("1", "2", web=replace(WEB, limits=Limits(2, 5)))
        where.cloud.pass_time(700)
        where.command().cool()
        assert where.cloud.services["web"].colours[BLUE].limits == Limits(0, 5)

    def test_leaves_a_colour_alone_that_requests_go_to(self) -> None:
        """Whatever the record says: somebody has moved them by hand."""
        where = town("1", "2")
        where.cloud.services["web"].weights = {BLUE: 100, GREEN: 0}
        where.cloud.pass_time(700)
        where.command().cool()
        assert where.state("web")[BLUE] == ("web:1", 2, 100)
        assert where.cloud.troubles == []

    def test_waits_for_what_is_under_way(self) -> None:
        where = town("1", "2")
        reaper = Reaper()
        reaper.at = 60
        with pytest.raises(Killed):
            where.command(reaper=reaper).deploy(where.release("3"))
        where.cloud.pass_time(700)
        assert where.command().cool() == ()

    def test_does_nothing_where_somebody_else_releases(self) -> None:
        where = town("1", "2")
        where.cloud.pass_time(700)
        assert replace(where.command(), leases=Refusing()).cool() == ()


class TestRestart:
    def test_gives_new_tasks_of_what_runs(self) -> None:
        where = town("1", "2", web=WEB, api=WEB)
        old = {task.id for task in where.cloud.services["web"].colours[GREEN].tasks}
        ended = where.command().restart(["web"])
        assert ended is not None
        assert (ended.kind, ended.services) == (Kind.RESTART, ("web",))
        assert where.state("web")[BLUE] == ("web:2", 2, 100)
        assert not old & {task.id for task in where.cloud.services["web"].colours[BLUE].tasks}
        assert where.cloud.troubles == []

    def test_of_everything_restarts_everything(self) -> None:
        where = town("1", web=WEB, mail=WORKER)
        ended = where.command().restart()
        assert ended is not None
        assert ended.services == ("mail", "web")

    def test_makes_new_tasks_even_where_the_idle_colour_has_some_of_it(self) -> None:
        where = town("1")
        where.command().restart()
        first = {task.id for task in where.cloud.services["web"].colours[GREEN].tasks}
        where.cloud.services["web"].colours[BLUE].desired = 2
        where.cloud.pass_time(20)
        where.command().restart()
        assert where.state("web")[BLUE] == ("web:1", 2, 100)
        assert not first & {task.id for task in where.cloud.services["web"].colours[BLUE].tasks}

    def test_changes_no_number_of_tasks(self) -> None:
        """Not of what it restarts, and not of what it does not."""
        where = town("1", web=WEB, api=WEB, mail=WORKER)
        where.command().scale({"web": 4, "api": 3, "mail": 0})
        ended = where.command().restart(["web", "mail"])
        assert ended is not None
        assert ended.services == ("web",)
        assert where.state("web")[GREEN] == ("web:1", 4, 100)
        assert where.state("api")[BLUE] == ("api:1", 3, 100)
        assert where.state("mail")[BLUE] == ("mail:1", 0, 0)

    def test_is_no_release_to_go_back_to(self) -> None:
        where = town("1", "2")
        where.command().restart()
        assert where.live().history == (2, 1)

    def test_refuses_a_service_that_is_not_there(self) -> None:
        with pytest.raises(NotFound, match="no service api keeps running"):
            town("1").command().restart(["api"])

    def test_needs_a_release(self) -> None:
        with pytest.raises(NotFound, match="nothing is released yet"):
            town().command().restart()


class TestScale:
    def test_changes_the_number_of_tasks_and_nothing_else(self) -> None:
        where = town("1", web=WEB, api=WEB)
        ended = where.command().scale({"web": 4})
        assert ended is not None
        assert done(where) == ["run web blue web:1 4"]
        assert where.live().services["web"].colours[BLUE].count == 4

    def test_to_what_there_is_does_nothing(self) -> None:
        assert town("1").command().scale({"web": 2}) is None

    def test_is_refused_where_autoscaling_moves_it(self) -> None:
        where = town("1", web=replace(WEB, limits=Limits(1, 3)))
        with pytest.raises(UsageError, match="web is autoscaled"):
            where.command().scale({"web": 4})

    def test_refuses_a_service_that_is_not_there(self) -> None:
        with pytest.raises(NotFound):
            town("1").command().scale({"api": 4})
