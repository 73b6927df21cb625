"""Killed, stopped, interrupted: at any moment, nothing is lost and nothing is made twice."""

from __future__ import annotations

import os
import random
import signal
from collections.abc import Callable

import pytest

from cygni.naming import Part
from tests.e2e.cloud_gate import Change, CloudGate, Refusal, query_error
from tests.e2e.project import WEB, WORKER, Project, Running, is_one_error

pytestmark = [pytest.mark.engine, pytest.mark.slow]

SEED = int(os.environ.get("CYGNI_E2E_SEED", "11"))
ROUNDS = int(os.environ.get("CYGNI_E2E_ROUNDS", "1"))
"""How many times each victim is killed `KILLS` times in a row; more find rarer moments."""
KILLS = 2

ENGINE = "/pulumi --non-interactive"
PROVIDER = "cygni.local_cloud.provider "
CHANGES = 31  # that a deploy of one worker makes
GRACE = 14.0  # what a killed command's engine may take to end, in seconds


def at(number: int, action: Callable[[], None]) -> Callable[[Change], None]:
    """Does `action` at the change of that number, once."""
    left = [action]

    def hook(change: Change) -> None:
        if change.number >= number and left:
            left.pop()()

    return hook


class TestKill:
    """One worker service, whose deploy is killed again and again before it may succeed."""

    @pytest.mark.parametrize("round_", range(ROUNDS))
    @pytest.mark.parametrize("victim", ["engine", "provider", "cx"])
    def test_loses_nothing_and_doubles_nothing(
        self, project: Project, gate: CloudGate, victim: str, round_: int
    ) -> None:
        chosen = random.Random(f"{SEED} {victim} {round_}")
        project.write(services={"mailer": WORKER})
        moments = [
            (chosen.randint(1, CHANGES // 3), chosen.choice(["before", "after"])) for _ in range(KILLS)
        ]
        print(f"seed {SEED}, round {round_}: the {victim} is killed at {moments}")  # noqa: T201  # shown if it fails
        for number, moment in moments:
            self._deploy_and_kill(project, gate, victim, number, moment)
        project.deploy()
        assert project.duplicates() == []
        assert project.differences() == []
        project.destroy()
        assert project.left_behind() == []

    def _deploy_and_kill(
        self, project: Project, gate: CloudGate, victim: str, number: int, moment: str
    ) -> None:
        gate.open()
        run = project.start("deploy", "--yes")

        def kill() -> None:
            marker = {"engine": ENGINE, "provider": PROVIDER}.get(victim)
            os.kill(project.find_process(marker).pid if marker else run.pid, signal.SIGKILL)

        hook = at(number, kill)
        if moment == "after":
            gate.after = hook
        else:
            gate.before = hook
        result = run.wait()
        if victim == "cx":
            assert result.code == -signal.SIGKILL
        else:
            assert (result.code, is_one_error(result)) == (1, True), result.err
        assert project.left_behind(GRACE, killed=run.pid) == []
        gate.open()


class TestKillInAReplacement:
    def test_leaves_nothing_of_the_old_one(self, project: Project, gate: CloudGate) -> None:
        project.write(services={"web": WEB})
        project.deploy()
        project.change(services={"web": {**WEB, "port": 8081}})
        gate.open()

        def kill(change: Change) -> Refusal | None:
            if change.name != "DeleteTargetGroup":
                return None
            for process in [project.find_process(marker) for marker in (ENGINE, PROVIDER)]:
                os.kill(process.pid, signal.SIGKILL)
            return query_error("Unheard", "nobody listens")

        gate.before = kill
        assert project.cx("deploy", "--yes").code == 1
        assert project.kinds()["target-group"] > 2
        gate.open()
        again = project.deploy()
        assert "(replaced)" in again.err
        assert project.kinds()["target-group"] == 2
        assert project.differences() == []
        project.destroy()


class TestInterrupt:
    def test_once_lets_the_steps_in_flight_end(self, project: Project, gate: CloudGate) -> None:
        project.write(services={"mailer": WORKER})
        gate.delay = 0.3
        terminal = project.terminal("deploy", "--yes")
        gate.after = at(6, terminal.ctrl_c)
        assert terminal.end() == 130
        assert "stopped: stopped before the end" in terminal.shown
        assert project.left_behind() == []
        assert not project.state(Part.FOUNDATION).unsettled
        assert project.differences() == []
        made = len(project.inventory())
        assert 0 < made < 18
        gate.open()
        project.deploy()
        assert project.duplicates() == []
        assert project.differences() == []
        project.destroy()

    def test_is_heard_by_an_engine_that_has_only_just_started(self, project: Project) -> None:
        project.write(services={"mailer": WORKER})
        terminal = project.terminal("deploy", "--yes")
        project.find_process(f"{ENGINE} --color never up")
        terminal.ctrl_c()
        assert terminal.end() == 130
        assert project.inventory() == []
        assert project.left_behind() == []
        assert not project.state(Part.FOUNDATION).unsettled

    def test_twice_gives_up_at_once(self, project: Project, gate: CloudGate) -> None:
        project.write(services={"mailer": WORKER})
        gate.delay = 4.0
        terminal = project.terminal("deploy", "--yes")

        def twice() -> None:
            terminal.ctrl_c()
            terminal.ctrl_c()

        gate.before = at(2, twice)
        assert terminal.end() == 130
        assert project.left_behind() == []
        gate.open()
        project.deploy()
        assert project.duplicates() == []
        assert project.differences() == []
        project.destroy()


class TestCancelledPipeline:
    """What the CI of a forge does to a job that is cancelled, while the next one waits for its turn."""

    @pytest.mark.parametrize(
        ("number", "code"), [(signal.SIGTERM, 130), (signal.SIGKILL, -signal.SIGKILL)], ids=["TERM", "KILL"]
    )
    def test_leaves_nothing_locked(self, project: Project, gate: CloudGate, number: int, code: int) -> None:
        project.write(services={"mailer": WORKER})
        cancelled = project.start("deploy", "--yes", "--json")
        waiting: list[Running] = []

        def cancel() -> None:
            waiting.append(project.start("deploy", "--yes", "--json", "--lock-wait", "5m"))
            project.wait_until(lambda: "waiting for cx deploy (pid" in waiting[0].err)
            os.kill(cancelled.pid, number)

        gate.after = at(6, cancel)
        ended = cancelled.wait()
        assert ended.code == code
        if number == signal.SIGTERM:
            assert ended.json["error"]["code"] == "cancelled"
        after = waiting[0].wait()
        assert after.code == 0, after.err
        assert after.json["applied"] > 0
        assert project.left_behind(GRACE, killed=cancelled.pid) == []
        assert project.duplicates() == []
        assert project.differences() == []
        project.destroy()
