"""Deploys of every strategy, healthy and not, from what is done to what is told."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest

from cygni.errors import CygniError, GateFailed, JobFailed, NotFound, RollbackFailed, TasksFailed
from cygni.naming import Colour
from cygni.releases.observed import AlarmState, Place
from cygni.releases.outcome import failure
from cygni.releases.release import Deployment, DeploymentState, Release, ServiceRelease
from cygni.releases.settings import (
    CanaryStep,
    GateSettings,
    HttpCheck,
    Limits,
    ReleaseSettings,
    Strategy,
)
from tests.release_traffic import Behaviour
from tests.release_world import Program, Town

BLUE, GREEN = Colour
WEB = ReleaseSettings(count=2, bake=20.0, warm=600.0)
CANARY = replace(WEB, strategy=Strategy.CANARY, canary=(CanaryStep(5, 20.0), CanaryStep(50, 30.0)))
WORKER = ReleaseSettings(count=1, takes_traffic=False, bake=20.0, warm=0.0)


def town(programs: Mapping[str, Program] | None = None, **settings: ReleaseSettings) -> Town:
    """One where version 1 runs."""
    made = Town(settings)
    made.cloud.programs.update(programs or {})
    made.runs("1")
    return made


def deployed(where: Town, version: str = "2", **jobs: str) -> Deployment:
    ended = where.command().deploy(where.release(version, **jobs))
    assert ended is not None
    return ended


def keyed(where: Town, key: str) -> Release:
    """Version 1, where `web` has this version of a secret."""
    release = where.release("1")
    return replace(
        release, services={**release.services, "web": ServiceRelease("web:1", secrets={"KEY": key})}
    )


def error_of(where: Town, ended: Deployment) -> CygniError:
    error = failure(ended, where.command().world.target)
    assert error is not None
    return error


def done(where: Town) -> list[str]:
    """What was done, without when."""
    return [operation.partition(": ")[2] for operation in where.cloud.operations]


def done_at(where: Town, what: str) -> float:
    [at] = [one.partition(": ")[0] for one in where.cloud.operations if one.endswith(what)]
    return float(at)


class TestFirstRelease:
    def test_starts_where_the_requests_go(self) -> None:
        where = Town({"web": WEB, "mail": WORKER})
        assert deployed(where, "1").state is DeploymentState.SUCCEEDED
        assert done(where) == ["run mail blue mail:1 1", "run web blue web:1 2"]
        live = where.live()
        assert live.services["web"].active is BLUE
        assert live.history == (1,)

    def test_that_fails_leaves_nothing_running(self) -> None:
        where = Town({"web": WEB})
        where.cloud.programs["web:1"] = Program(healthy=False, lives=2.0, exit_code=1)
        ended = deployed(where, "1")
        assert ended.state is DeploymentState.ROLLED_BACK
        assert where.state("web")[BLUE][1] == 0
        assert "Nothing ran before, and nothing runs now." in (error_of(where, ended).hint or "")

    def test_that_does_not_answer_says_where_it_is_asked(self) -> None:
        where = Town({"web": WEB})
        where.cloud.programs["web:1"] = Program(healthy=False, lives=2.0, exit_code=143)
        ended = deployed(where, "1")
        assert ended.reason is not None
        unanswered = replace(ended.reason, text="3 tasks failed: Task failed ELB health checks in (...)")
        hint = error_of(where, replace(ended, reason=unanswered)).hint or ""
        assert "does the program listen there" in hint
        assert "does the program listen there" not in (error_of(where, ended).hint or "")


class TestBlueGreen:
    def test_moves_all_requests_once_the_new_colour_is_healthy(self) -> None:
        where = town(web=WEB)
        assert deployed(where).state is DeploymentState.SUCCEEDED
        assert done(where) == ["run web green web:2 2", "shift web blue 0"]
        assert where.state("web") == {BLUE: ("web:1", 2, 0), GREEN: ("web:2", 2, 100)}
        assert where.cloud.troubles == []

    def test_goes_into_the_other_colour_each_time(self) -> None:
        where = town(web=WEB)
        deployed(where, "2")
        deployed(where, "3")
        assert where.state("web") == {BLUE: ("web:3", 2, 100), GREEN: ("web:2", 2, 0)}

    def test_remembers_what_stays_warm_and_until_when(self) -> None:
        where = town(web=WEB)
        ended = deployed(where)
        one = where.live().services["web"]
        assert one.active is GREEN
        assert one.warm_until is not None
        assert ended.ended_at is not None
        assert (one.warm_until - ended.ended_at).total_seconds() == 600
        assert {colour: standing.release for colour, standing in one.colours.items()} == {BLUE: 1, GREEN: 2}

    def test_stops_the_old_colour_at_once_where_nothing_stays_warm(self) -> None:
        where = town(web=replace(WEB, warm=0.0))
        deployed(where)
        assert done(where)[-1] == "run web blue web:1 0"
        assert where.live().services["web"].warm_until is None


class TestCanary:
    def test_moves_requests_in_steps_and_watches_each(self) -> None:
        where = town(web=CANARY)
        assert deployed(where).state is DeploymentState.SUCCEEDED
        assert done(where) == [
            "run web green web:2 2",
            "shift web blue 95",
            "shift web blue 50",
            "shift web blue 0",
        ]
        first, second, third = (done_at(where, f"blue {weight}") for weight in (95, 50, 0))
        assert second - first >= 20
        assert third - second >= 30

    @pytest.mark.parametrize(
        ("faulty", "cause"),
        [
            (Behaviour(errors=0.03), "error rate against the old colour"),
            (Behaviour(latency=0.1), "p95 latency against the old colour"),
        ],
    )
    def test_touches_few_requests_with_a_faulty_release(self, faulty: Behaviour, cause: str) -> None:
        where = town({"web:2": Program(faulty)}, web=CANARY)
        ended = deployed(where)
        assert ended.state is DeploymentState.ROLLED_BACK
        error = error_of(where, ended)
        assert isinstance(error, GateFailed)
        assert cause in error.message
        assert "of 1," in error.message or "requests (limit " in error.message
        begun = done_at(where, "blue 95")
        touched = sum(one.requests for one in where.cloud.periods[Place("web", GREEN)])
        assert touched <= 0.06 * where.cloud.rate * (where.cloud.now - begun)
        assert where.state("web") == {BLUE: ("web:1", 2, 100), GREEN: ("web:2", 0, 0)}


class TestRolling:
    def test_lets_ecs_replace_the_tasks_of_the_active_colour(self) -> None:
        where = town(web=replace(WEB, strategy=Strategy.ROLLING))
        assert deployed(where).state is DeploymentState.SUCCEEDED
        assert done(where) == ["run web blue web:2 2"]
        assert where.state("web")[GREEN] == ("none", 0, 0)
        assert where.cloud.troubles == []

    def test_is_held_against_what_ran_before(self) -> None:
        where = town({"web:2": Program(Behaviour(errors=0.03))}, web=replace(WEB, strategy=Strategy.ROLLING))
        assert deployed(where).state is DeploymentState.ROLLED_BACK
        assert done(where) == ["run web blue web:2 2", "run web blue web:1 2"]
        assert where.state("web")[BLUE] == ("web:1", 2, 100)


class TestRecreate:
    def test_lets_no_two_versions_run_at_a_time(self) -> None:
        where = town(
            web=replace(WEB, strategy=Strategy.RECREATE), mail=replace(WORKER, strategy=Strategy.RECREATE)
        )
        assert deployed(where).state is DeploymentState.SUCCEEDED
        runs = [one for one in done(where) if one.startswith("run")]
        assert [one for one in runs if " mail " in one] == [
            "run mail blue mail:1 0",
            "run mail green mail:2 1",
        ]
        assert [one for one in runs if " web " in one] == ["run web blue web:1 0", "run web green web:2 2"]

    def test_brings_the_old_version_back_after_the_new_one_has_stopped(self) -> None:
        faulty = Program(Behaviour(errors=0.2))
        where = town({"web:2": faulty}, web=replace(WEB, strategy=Strategy.RECREATE))
        assert deployed(where).state is DeploymentState.ROLLED_BACK
        assert done(where)[-3:] == ["run web green web:2 0", "run web blue web:1 2", "shift web blue 100"]


class TestWorker:
    def test_runs_beside_the_old_one_until_it_has_proved_itself(self) -> None:
        where = town(mail=WORKER)
        assert deployed(where).state is DeploymentState.SUCCEEDED
        assert done(where) == ["run mail green mail:2 1", "run mail blue mail:1 0"]
        assert done_at(where, "blue mail:1 0") - done_at(where, "green mail:2 1") >= 20

    def test_that_ends_again_and_again_goes_back(self) -> None:
        where = town({"mail:2": Program(lives=2.0, exit_code=1)}, mail=WORKER)
        ended = deployed(where)
        assert ended.state is DeploymentState.ROLLED_BACK
        assert isinstance(error_of(where, ended), TasksFailed)
        assert where.state("mail") == {BLUE: ("mail:1", 1, 0), GREEN: ("mail:2", 0, 0)}


class TestTasksThatFail:
    def test_end_the_deploy_without_waiting_for_the_timeout(self) -> None:
        where = town({"web:2": Program(lives=3.0, healthy=False, exit_code=3)}, web=WEB)
        ended = deployed(where)
        error = error_of(where, ended)
        assert isinstance(error, TasksFailed)
        assert "exit code 3, Essential container in task exited" in error.message
        assert error.details["exit_code"] == 3
        assert len(error.details["lines"]) == 50
        assert error.details["lines"][-1] == f"line 79 of {error.details['task']}"
        assert ended.ended_at is not None
        assert (ended.ended_at - ended.started_at).total_seconds() < 60
        assert where.cloud.services["web"].weights == {BLUE: 100, GREEN: 0}

    def test_after_they_were_healthy_send_the_release_back_too(self) -> None:
        where = town({"web:2": Program(lives=15.0, exit_code=137)}, web=replace(WEB, bake=120.0))
        ended = deployed(where)
        assert ended.state is DeploymentState.ROLLED_BACK
        assert "web (green)" in error_of(where, ended).message
        assert where.state("web")[BLUE] == ("web:1", 2, 100)

    def test_never_get_healthy_are_told_with_counts(self) -> None:
        where = town({"web:2": Program(healthy=False)}, web=replace(WEB, start_timeout=60.0))
        ended = deployed(where)
        error = error_of(where, ended)
        assert isinstance(error, TasksFailed)
        assert "web (green) was not ready after 60 s: of 2 tasks 2 run, and 0 are healthy" in error.message
        assert error.details["numbers"]["healthy"] == 0

    def test_that_were_there_before_the_deploy_are_not_counted(self) -> None:
        where = town({"web:2": Program(lives=3.0, healthy=False)}, web=WEB)
        assert deployed(where).state is DeploymentState.ROLLED_BACK
        where.cloud.programs["web:2"] = Program()
        assert deployed(where).state is DeploymentState.SUCCEEDED


class TestChecks:
    GATES = GateSettings(http=(HttpCheck("/ready"), HttpCheck("/")), smoke=("./smoke", "now"))

    def test_pass_before_any_request_moves(self) -> None:
        where = town(web=replace(WEB, gates=self.GATES))
        assert deployed(where).state is DeploymentState.SUCCEEDED

    def test_that_fail_keep_the_requests_where_they_are(self) -> None:
        where = town({"web:2": Program(checks=False)}, web=replace(WEB, gates=self.GATES))
        ended = deployed(where)
        error = error_of(where, ended)
        assert isinstance(error, GateFailed)
        assert error.message == "release 2 was not let through: web (green): /ready answers with 500"
        assert done(where) == ["run web green web:2 2", "run web green web:2 0"]

    def test_of_a_worker_are_its_smoke_command(self) -> None:
        gates = GateSettings(smoke=("./smoke",))
        where = town({"mail:2": Program(checks=False)}, mail=replace(WORKER, gates=gates))
        assert deployed(where).reason is not None


class TestAlarms:
    def watched(self) -> Town:
        where = Town({"web": replace(WEB, bake=60.0, gates=GateSettings(alarms=("sales",)))})
        where.cloud.alarms["sales"] = AlarmState.OK
        where.runs("1")
        return where

    def test_that_are_raised_send_the_release_back(self) -> None:
        where = self.watched()
        raised = {where.cloud.now + 30: lambda: where.cloud.alarms.update(sales=AlarmState.ALARM)}
        ended = where.command(at=raised).deploy(where.release("2"))
        assert ended is not None
        assert error_of(where, ended).message.endswith("alarm sales of web (green) is raised")

    def test_that_were_raised_before_say_nothing(self) -> None:
        where = self.watched()
        where.cloud.alarms["sales"] = AlarmState.ALARM
        assert deployed(where).state is DeploymentState.SUCCEEDED

    def test_that_know_too_little_say_nothing(self) -> None:
        where = self.watched()
        where.cloud.alarms["sales"] = AlarmState.INSUFFICIENT_DATA
        assert deployed(where).state is DeploymentState.SUCCEEDED

    def test_that_are_not_there_are_told_before_anything_is_done(self) -> None:
        where = self.watched()
        del where.cloud.alarms["sales"]
        with pytest.raises(NotFound, match="no alarm sales"):
            deployed(where)
        assert done(where) == []
        assert where.live().unfinished == ()


class TestJobsBefore:
    SHOP: Mapping[str, Any] = {
        "web": replace(WEB, before="migrate"),
        "api": replace(WEB, before="migrate"),
        "mail": WORKER,
    }

    def test_run_once_and_before_anything_starts(self) -> None:
        where = town(**self.SHOP)
        begun = where.cloud.now
        assert deployed(where, migrate="migrate:2").state is DeploymentState.SUCCEEDED
        assert where.cloud.job_starts == ["shop.staging.2.migrate"]
        assert done_at(where, "run web green web:2 2") >= begun + 10

    def test_that_fail_leave_everything_as_it_was(self) -> None:
        where = town({"migrate:2": Program(exit_code=7)}, **self.SHOP)
        ended = deployed(where, migrate="migrate:2")
        error = error_of(where, ended)
        assert isinstance(error, JobFailed)
        assert "the job migrate failed: exit code 7, Essential container in task exited" in error.message
        assert (error.details["exit_code"], error.details["lines"]) == (7, ["cannot migrate"])
        assert done(where) == []
        assert where.live().services["web"].active is BLUE

    def test_that_take_too_long_are_stopped(self) -> None:
        where = town(web=replace(WEB, before="migrate", before_timeout=4.0))
        ended = deployed(where, migrate="migrate:2")
        assert "did not end within 4 s" in error_of(where, ended).message
        assert done(where) == ["stop job shop.staging.2.migrate"]

    def test_do_not_run_where_no_service_that_asks_for_them_changes(self) -> None:
        where = town(**self.SHOP)
        release = where.release("1", migrate="migrate:2")
        changed = {**release.services, "mail": ServiceRelease("mail:2")}
        ended = where.command().deploy(replace(release, services=changed))
        assert ended is not None
        assert (ended.services, where.cloud.job_starts) == (("mail",), [])


class TestSeveralServices:
    def test_that_depend_on_others_come_after_them(self) -> None:
        where = town(
            web=replace(WEB, depends_on=("api",)), api=replace(WEB, depends_on=("mail",)), mail=WORKER
        )
        assert deployed(where).state is DeploymentState.SUCCEEDED
        starts = [one for one in done(where) if one.startswith("run") and one.split()[-1] != "0"]
        assert [one.split()[1] for one in starts] == ["mail", "api", "web"]
        assert done_at(where, "run web green web:2 2") >= done_at(where, "shift api blue 0") + 20

    def test_go_back_together_the_last_first(self) -> None:
        faulty = Program(Behaviour(errors=0.2))
        where = town({"web:2": faulty}, web=replace(WEB, depends_on=("api",)), api=WEB, mail=WORKER)
        assert deployed(where).state is DeploymentState.ROLLED_BACK
        for name in ("web", "api"):
            assert where.state(name)[BLUE] == (f"{name}:1", 2, 100)
        assert where.state("mail")[BLUE] == ("mail:1", 1, 0)
        assert done(where).index("shift web blue 100") < done(where).index("shift api blue 100")

    def test_go_back_together_when_one_that_was_done_dies(self) -> None:
        where = town(web=replace(WEB, depends_on=("api",), bake=200.0), api=WEB)
        dies = {where.cloud.now + 90: lambda: where.cloud.programs.update({"api:2": Program(lives=1.0)})}
        ended = where.command(at=dies).deploy(where.release("2"))
        assert ended is not None
        assert ended.state is DeploymentState.ROLLED_BACK
        assert "no task of api (green) is healthy any more" in error_of(where, ended).message
        for name in ("web", "api"):
            assert where.state(name)[BLUE] == (f"{name}:1", 2, 100)

    def test_of_one_group_switch_when_all_are_ready(self) -> None:
        where = town(
            web=replace(WEB, group="front"),
            api=replace(WEB, group="front"),
            mail=replace(WORKER, group="front"),
        )
        where.cloud.programs["api:2"] = Program(healthy=False)
        late = {where.cloud.now + 60: lambda: where.cloud.programs.update({"api:2": Program()})}
        ended = where.command(at=late).deploy(where.release("2"))
        assert ended is not None
        assert ended.state is DeploymentState.SUCCEEDED
        assert [track.name for track in ended.tracks] == ["front"]
        assert done_at(where, "shift web blue 0") == done_at(where, "shift api blue 0")

    def test_that_do_not_change_are_not_touched(self) -> None:
        where = town(web=WEB, api=WEB)
        release = where.release("1")
        only_api = replace(release, services={**release.services, "api": ServiceRelease("api:2")})
        ended = where.command().deploy(only_api)
        assert ended is not None
        assert ended.services == ("api",)
        assert where.state("web") == {BLUE: ("web:1", 2, 100), GREEN: ("none", 0, 0)}

    def test_of_which_none_changes_make_no_release(self) -> None:
        where = town(web=WEB)
        assert where.command().deploy(where.release("1")) is None
        assert where.live().history == (1,)
        assert len(where.command().world.store.releases()) == 1

    def test_get_new_tasks_for_another_version_of_a_secret(self) -> None:
        where = Town({"web": WEB, "api": WEB})
        where.command().deploy(keyed(where, "v1"))
        where.cloud.operations.clear()
        assert where.command().deploy(keyed(where, "v1")) is None
        assert where.command().deploy(keyed(where, "v2")) is not None
        assert done(where) == ["run web green web:1 2", "shift web blue 0"]

    def test_get_no_old_tasks_that_are_still_warm_for_a_secret_that_changes_again(self) -> None:
        where = Town({"web": WEB})
        for key in ("v1", "v2"):
            where.command().deploy(keyed(where, key))
        assert where.live().services["web"].warm_until is not None
        where.cloud.operations.clear()
        where.command().deploy(keyed(where, "v3"))
        assert done(where) == ["run web blue web:1 0", "run web blue web:1 2", "shift web blue 100"]

    def test_are_not_renewed_where_the_versions_of_before_are_not_known(self) -> None:
        where = town(web=WEB)
        assert where.command().deploy(keyed(where, "v1")) is None

    def test_get_new_tasks_in_the_other_colour_also_where_they_roll(self) -> None:
        where = Town({"web": replace(WEB, strategy=Strategy.ROLLING)})
        where.command().deploy(keyed(where, "v1"))
        where.command().deploy(keyed(where, "v2"))
        assert where.state("web")[GREEN] == ("web:1", 2, 100)


class TestCounts:
    def test_alone_are_no_switch(self) -> None:
        where = town(web=WEB)
        where.settings["web"] = replace(WEB, count=5)
        assert deployed(where, "1").state is DeploymentState.SUCCEEDED
        assert done(where) == ["run web blue web:1 5"]

    def test_of_none_stop_a_service(self) -> None:
        where = town(web=WEB)
        where.settings["web"] = replace(WEB, count=0)
        deployed(where, "1")
        assert done(where) == ["run web blue web:1 0"]
        assert where.command().deploy(where.release("1")) is None


class TestAutoscaling:
    SCALED = replace(WEB, count=1, limits=Limits(2, 8))

    def test_starts_the_new_colour_as_large_as_the_old_one_is(self) -> None:
        where = town(web=self.SCALED)
        where.cloud.services["web"].colours[BLUE].desired = 5
        where.cloud.pass_time(20)
        assert deployed(where).state is DeploymentState.SUCCEEDED
        assert "run web green web:2 5" in done(where)
        assert where.cloud.troubles == []

    def test_takes_no_tasks_while_requests_move(self) -> None:
        where = town(web=self.SCALED)
        where.cloud.services["web"].colours[BLUE].desired = 5
        where.cloud.pass_time(20)
        deployed(where)
        before_shift = done(where)[: done(where).index("shift web blue 0")]
        assert "limit web blue 5-8" in before_shift
        assert "limit web green 5-8" in before_shift

    def test_has_its_own_limits_afterwards(self) -> None:
        where = town(web=self.SCALED)
        where.cloud.services["web"].colours[BLUE].desired = 5
        where.cloud.pass_time(20)
        deployed(where)
        assert where.cloud.services["web"].colours[GREEN].limits == Limits(2, 8)

    def test_follows_new_limits_without_a_switch(self) -> None:
        where = town(web=self.SCALED)
        where.settings["web"] = replace(self.SCALED, limits=Limits(3, 9))
        deployed(where, "1")
        assert done(where) == ["run web blue web:1 3", "limit web blue 3-9"]

    def test_leaves_nothing_held_when_a_release_goes_back(self) -> None:
        where = town({"web:2": Program(Behaviour(errors=0.5))}, web=self.SCALED)
        assert deployed(where).state is DeploymentState.ROLLED_BACK
        limits = {colour: one.limits for colour, one in where.cloud.services["web"].colours.items()}
        assert limits == {BLUE: Limits(2, 8), GREEN: Limits(0, 8)}


class TestColourThatDies:
    def test_gives_its_requests_to_the_one_that_answers(self) -> None:
        """The old tasks all end in the middle of a canary, and what replaces them ends too."""
        where = town(web=replace(CANARY, canary=(CanaryStep(5, 60.0),)))
        ends = {where.cloud.now + 25: lambda: where.cloud.programs.update({"web:1": Program(lives=2.0)})}
        ended = where.command(at=ends).deploy(where.release("2"))
        assert ended is not None
        assert ended.state is DeploymentState.SUCCEEDED
        assert done(where) == ["run web green web:2 2", "shift web blue 95", "shift web blue 0"]

    def test_keeps_its_requests_while_its_tasks_run_and_fail_a_check(self) -> None:
        where = town(web=replace(WEB, bake=60.0))

        def fails(program: Program) -> Callable[[], Any]:
            return lambda: where.cloud.programs.update({"web:1": program, "web:2": program})

        begun = where.cloud.now
        moments = {begun + 25: fails(Program(healthy=False)), begun + 28: fails(Program())}
        ended = where.command(at=moments, poll=1.0).deploy(where.release("2"))
        assert ended is not None
        assert ended.state is DeploymentState.SUCCEEDED
        assert done(where) == ["run web green web:2 2", "shift web blue 0"]

    @pytest.mark.parametrize(
        ("program", "seconds"),
        [(Program(lives=30.0), 1), (Program(healthy=False), 7)],
        ids=["all tasks end", "all tasks hang"],
    )
    def test_after_all_requests_moved_to_it_gives_them_back(self, program: Program, seconds: float) -> None:
        where = town(web=replace(WEB, bake=300.0))
        begun = where.cloud.now
        dies = {begun + 40: lambda: where.cloud.programs.update({"web:2": program})}
        ended = where.command(at=dies, poll=1.0).deploy(where.release("2"))
        assert ended is not None
        assert ended.state is DeploymentState.ROLLED_BACK
        assert "no task of web (green) is healthy any more" in error_of(where, ended).message
        assert done_at(where, "shift web blue 100") <= begun + 40 + seconds

    def test_is_not_gone_back_to_before_it_answers_again(self) -> None:
        """The old tasks are gone when the new ones turn out to be faulty."""
        where = town(web=replace(WEB, bake=120.0))

        def trouble() -> None:
            where.cloud.services["web"].colours[BLUE].desired = 0
            where.cloud.programs["web:2"] = Program(Behaviour(errors=0.5))

        ended = where.command(at={where.cloud.now + 30: trouble}).deploy(where.release("2"))
        assert ended is not None
        assert ended.state is DeploymentState.ROLLED_BACK
        assert where.state("web")[BLUE] == ("web:1", 2, 100)
        assert done_at(where, "run web blue web:1 2") + 7 <= done_at(where, "shift web blue 100")
        assert where.cloud.troubles == []


class TestWhatCannotComeBack:
    def broken(self) -> tuple[Town, Deployment]:
        where = town(web=replace(WEB, bake=300.0, start_timeout=60.0))
        where.cloud.programs["web:2"] = Program(Behaviour(errors=0.3))

        def breaks() -> None:
            where.cloud.programs["web:1"] = Program(healthy=False)

        ended = where.command(at={where.cloud.now + 20: breaks}).deploy(where.release("2"))
        assert ended is not None
        return where, ended

    def test_leaves_requests_with_whoever_answers(self) -> None:
        where, ended = self.broken()
        assert ended.state is DeploymentState.ROLLBACK_FAILED
        error = error_of(where, ended)
        assert isinstance(error, RollbackFailed)
        assert "error rate" in error.message
        assert "did not come back" in error.message
        assert where.state("web")[GREEN] == ("web:2", 2, 100)
        assert where.cloud.troubles == []

    def test_is_tried_again_by_the_next_command(self) -> None:
        where, _ = self.broken()
        where.cloud.programs["web:1"] = Program()
        where.cloud.pass_time(30)
        ended = where.command().rollback()
        assert ended is not None
        assert ended.state is DeploymentState.ROLLED_BACK
        assert where.state("web") == {BLUE: ("web:1", 2, 100), GREEN: ("web:2", 0, 0)}
        assert where.live().unfinished == ()

    def test_is_tried_once_more_and_then_replaced_by_the_next_deploy(self) -> None:
        where, _ = self.broken()
        ended = deployed(where, "3")
        assert (ended.state, ended.tracks[0].moves[0].old_colour) == (DeploymentState.SUCCEEDED, GREEN)
        assert where.state("web") == {BLUE: ("web:3", 2, 100), GREEN: ("web:2", 2, 0)}
        assert where.live().unfinished == ()
        assert where.cloud.troubles == []

    def test_is_what_a_failed_deploy_over_it_goes_back_to(self) -> None:
        where, _ = self.broken()
        where.cloud.programs["web:3"] = Program(healthy=False, lives=2.0)
        assert deployed(where, "3").state is DeploymentState.ROLLED_BACK
        assert where.state("web")[GREEN] == ("web:2", 2, 100)
        assert where.live().unfinished == ()
