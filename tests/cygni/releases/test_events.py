"""What is told of a deployment: each thing once, in order, for people and for programs."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

import pytest

from cygni.errors import StateError
from cygni.naming import Colour
from cygni.releases.driver import World
from cygni.releases.events import (
    Asked,
    Began,
    Changed,
    Counts,
    Event,
    GateRead,
    JobBegan,
    JobEnded,
    Logged,
    StepBegan,
    StepEnded,
    TaskFailed,
    Waits,
    Weighed,
    from_dict,
    to_dict,
)
from cygni.releases.observed import LogLine, Place
from cygni.releases.operations import Releases
from cygni.releases.outcome import failure
from cygni.releases.release import Deployment, DeploymentState, Kind, Wish
from cygni.releases.settings import CanaryStep, ReleaseSettings, Strategy
from tests.release_reaper import Killed, Reaper
from tests.release_traffic import Behaviour
from tests.release_world import FakeTarget, Program, Town

WEB = ReleaseSettings(count=2, bake=20.0)
CANARY = replace(WEB, strategy=Strategy.CANARY, canary=(CanaryStep(5, 20.0),), before="migrate")


def town(settings: ReleaseSettings = CANARY) -> Town:
    made = Town({"web": settings})
    made.runs("1")
    return made


def deploy(where: Town, version: str = "2", at: dict[float, Callable[[], None]] | None = None) -> list[Event]:
    where.command(at=at).deploy(where.release(version, migrate="migrate:2"))
    return where.events


class TestEvents:
    def test_begin_with_the_steps_and_the_least_time(self) -> None:
        began = deploy(town())[0]
        assert isinstance(began, Began)
        assert (began.kind, began.release, began.resumed) == (Kind.DEPLOY, 2, False)
        assert began.tracks == {"web": ("start", "shift to 5 %", "bake", "shift to 100 %", "bake")}
        assert began.floor == 5 + 5 + 5 + 20 + 20

    def test_tell_the_beginning_and_the_end_of_every_step(self) -> None:
        events = deploy(town())
        begun = [(one.index, one.label) for one in events if isinstance(one, StepBegan)]
        ended = [(one.index, one.label) for one in events if isinstance(one, StepEnded) and one.passed]
        assert begun == ended == [*enumerate(["start", "shift to 5 %", "bake", "shift to 100 %", "bake"])]
        seconds = [one.seconds for one in events if isinstance(one, StepEnded)]
        assert seconds[2] >= 20

    def test_tell_jobs_weights_counts_and_gates_as_they_change(self) -> None:
        events = deploy(town())
        assert [type(one) for one in events if isinstance(one, JobBegan | JobEnded)] == [JobBegan, JobEnded]
        weights = [one.weights[Colour.GREEN] for one in events if isinstance(one, Weighed)]
        assert weights == [0, 5, 100]
        green = [one.healthy for one in events if isinstance(one, Counts) and one.colour is Colour.GREEN]
        assert green == [0, 0, 0, 2]
        gates = {one.gate for one in events if isinstance(one, GateRead)}
        assert gates == {
            "error rate against the old colour",
            "p95 latency against the old colour",
            "requests",
        }
        assert any(isinstance(one, Waits) and one.text == "web (green): 0 of 2 healthy" for one in events)

    def test_end_with_how_it_ended(self) -> None:
        where = town()
        where.cloud.programs["web:2"] = Program(Behaviour(errors=0.5))
        events = deploy(where)
        states = [(one.state, one.reason) for one in events if isinstance(one, Changed)]
        assert [state for state, _ in states] == [
            DeploymentState.FORWARD,
            DeploymentState.BACK,
            DeploymentState.ROLLED_BACK,
        ]
        assert "error rate against the old colour" in states[-1][1]
        [failed] = [one for one in events if isinstance(one, StepEnded) and not one.passed]
        assert failed.label == "bake"

    def test_tell_failed_tasks_once_each(self) -> None:
        where = town()
        where.cloud.programs["web:2"] = Program(lives=2.0, healthy=False, exit_code=9)
        failed = [one for one in deploy(where) if isinstance(one, TaskFailed)]
        assert len(failed) == len({one.task for one in failed}) >= 3
        assert {one.exit_code for one in failed} == {9}

    def test_tell_a_job_that_failed(self) -> None:
        where = town()
        where.cloud.programs["migrate:2"] = Program(exit_code=1)
        assert [one.passed for one in deploy(where) if isinstance(one, JobEnded)] == [False]

    def test_tell_a_request_once(self) -> None:
        where = town()
        other = where.command()
        at = {where.cloud.now + 25: lambda: other.ask(2, Wish.PROMOTE)}
        asked = [one for one in deploy(where, at=at) if isinstance(one, Asked)]
        assert [(one.wish, one.author) for one in asked] == [(Wish.PROMOTE, "ada")]

    def test_say_that_another_command_goes_on(self) -> None:
        where = town()
        reaper = Reaper()
        reaper.at = 60
        with pytest.raises(Killed):
            where.command(reaper=reaper).deploy(where.release("2", migrate="migrate:2"))
        where.events.clear()
        began = deploy(where)[0]
        assert isinstance(began, Began)
        assert began.resumed

    def test_are_json_and_come_back_equal(self) -> None:
        where = town()
        where.cloud.programs["web:2"] = Program(Behaviour(errors=0.5))
        events = [
            *deploy(where),
            Logged(at=where.cloud.moment(), service="web", colour=Colour.BLUE, task="t", text="x"),
        ]
        for event in events:
            written = json.loads(json.dumps(to_dict(event)))
            assert written["event"] == event.event
            assert from_dict(written) == event

    def test_of_no_kind_are_refused(self) -> None:
        with pytest.raises(ValueError, match="event"):
            from_dict({"event": "nothing"})


class Talking(FakeTarget):
    """Tasks that write a line every ten seconds."""

    def since(self, place: Place, after: datetime, limit: int) -> Sequence[LogLine]:
        until = int(self.cloud.now)
        lines = [
            LogLine(at, "task", f"{place.colour} {second}")
            for second in range(0, until, 10)
            if (
                at := type(self.cloud.moment())(
                    2026, 11, 21, 12, second // 60, second % 60, tzinfo=after.tzinfo
                )
            )
            > after
        ]
        return lines[:limit]


class TestLogs:
    def test_of_the_new_colour_are_told_once_and_in_order_where_that_is_asked_for(self) -> None:
        where = town(WEB)
        command = where.command()
        logs = Talking(where.cloud, Reaper())
        world = replace(command.world, target=replace(command.world.target, logs=logs), follow=True)
        replace(command, world=world).deploy(where.release("2"))
        texts = [one.text for one in where.events if isinstance(one, Logged)]
        assert len(texts) >= 3
        assert texts == [f"green {10 * (13 + index)}" for index in range(len(texts))]

    def test_are_not_read_where_nobody_asks(self) -> None:
        assert not any(isinstance(one, Logged) for one in deploy(town()))


class Unreachable(FakeTarget):
    """A cloud that is out of reach from some moment on."""

    def __init__(self, town: Town, since: float) -> None:
        super().__init__(town.cloud, Reaper())
        self.from_now_on = since

    def look(self, services):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN201
        if self.cloud.now >= self.from_now_on:
            raise StateError("cannot reach ECS")
        return super().look(services)

    def tail(self, place: Place, task: str, limit: int) -> Sequence[LogLine]:
        raise StateError("cannot reach CloudWatch Logs")


def cut_off(where: Town, seconds: float) -> Releases:
    command = where.command()
    target = Unreachable(where, where.cloud.now + seconds)
    world: World = replace(command.world, target=replace(command.world.target, workload=target, logs=target))
    return replace(command, world=world)


class TestTrouble:
    def test_of_the_cloud_leaves_the_deployment_for_the_next_command(self) -> None:
        where = town(WEB)
        with pytest.raises(StateError, match="cannot reach ECS"):
            cut_off(where, 15).deploy(where.release("2"))
        assert where.live().unfinished == (2,)
        assert where.records.holders == {}
        ended = where.command().deploy(where.release("2"))
        assert ended is not None
        assert (ended.number, ended.state) == (2, DeploymentState.SUCCEEDED)
        assert where.cloud.troubles == []

    def test_of_the_logs_spoils_no_error(self) -> None:
        where = town(WEB)
        where.cloud.programs["web:2"] = Program(lives=2.0, healthy=False, exit_code=9)
        command = cut_off(where, 10_000)
        ended = command.deploy(where.release("2"))
        assert isinstance(ended, Deployment)
        error = failure(ended, command.world.target)
        assert error is not None
        assert "lines" not in error.details
        assert error.details["exit_code"] == 9
        assert "Its log has no lines." in (error.hint or "")
