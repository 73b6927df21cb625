"""Kills at random moments of a deploy that creates, updates, replaces and deletes, one after the other.

`make chaos` does 50; the usual run a few. Each point is a cloud call of the deploy, before or after it was done,
and a victim: the engine, the provider plugin, or everything `cx` started and `cx` itself. Then one `cx deploy` must
bring the cloud, the state and the specification to agree.
"""

from __future__ import annotations

import os
import random
import signal
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import pytest

from tests.e2e.cloud_gate import Change, CloudGate
from tests.e2e.project import WORKER, Project

SEED = int(os.environ.get("CYGNI_CHAOS_SEED", "23"))
POINTS = int(os.environ.get("CYGNI_CHAOS_POINTS", "3"))
SECONDS_A_POINT = 120

pytestmark = [pytest.mark.engine, pytest.mark.slow, pytest.mark.timeout(300 + POINTS * SECONDS_A_POINT)]

VICTIMS = {"engine": "/pulumi --non-interactive", "provider": "cygni.local_cloud.provider ", "all": ""}
ONE: dict[str, Any] = {
    "services": {"mailer": WORKER},
    "buckets": {"logs": {}, "drafts": {}},
    "log_retention": 7,
}
OTHER: dict[str, Any] = {
    "services": {"mailer": {**WORKER, "cpu": 512, "memory": 1024}},
    "buckets": {"logs": {"versioning": True}, "files": {}},
    "log_retention": 14,
}
ALLOWED = ("--allow-destroy=drafts", "--allow-destroy=files")


@dataclass(frozen=True)
class Point:
    victim: str
    call: int
    moment: str


@dataclass(frozen=True)
class Desired:
    """What the cloud holds when a specification is deployed undisturbed, and the calls it took to come to it."""

    sections: dict[str, Any]
    holds: Counter[str]
    calls: int


def test_every_kill_is_recovered_from(project: Project, gate: CloudGate) -> None:
    desired = _undisturbed(project, gate)
    chosen = random.Random(SEED)
    recoveries = []
    for number in range(POINTS):
        wanted = desired[number % 2]
        point = Point(
            chosen.choice(list(VICTIMS)), chosen.randint(1, wanted.calls), chosen.choice(["before", "after"])
        )
        project.change(**wanted.sections)
        _deploy_and_kill(project, gate, point)
        seconds = _recover(project, gate)
        recoveries.append(seconds)
        print(f"{number + 1:3}/{POINTS} {point}: recovered in {seconds:.1f} s", flush=True)  # noqa: T201  # for make chaos
        assert project.duplicates() == [], point
        assert project.differences() == [], point
        assert _holds(project) == wanted.holds, point
    slowest = max(recoveries)
    print(f"seed {SEED}: {POINTS} kills, none lost or doubled; slowest recovery {slowest:.1f} s")  # noqa: T201
    project.destroy("logs", "drafts", "files")
    assert project.left_behind() == []


def _undisturbed(project: Project, gate: CloudGate) -> list[Desired]:
    """Deploys ONE, then OTHER and ONE again, so that each has its calls counted from the other."""
    project.write(**ONE)
    project.deploy()
    found = []
    for sections in (OTHER, ONE):
        project.change(**sections)
        gate.open()
        project.deploy(*ALLOWED)
        found.append(Desired(sections, _holds(project), len(gate.changes)))
    return found


def _holds(project: Project) -> Counter[str]:
    """What there is of each kind. Revisions of task definitions are kept to go back to: one more is no double."""
    kinds = project.kinds()
    del kinds["task-definition"]
    return kinds


def _deploy_and_kill(project: Project, gate: CloudGate, point: Point) -> None:
    gate.open()
    run = project.start("deploy", "--yes", *ALLOWED)
    hook = _once_at(point.call, lambda: _kill(project, point.victim))
    if point.moment == "before":
        gate.before = hook
    else:
        gate.after = hook
    run.wait()


def _kill(project: Project, victim: str) -> None:
    marker = VICTIMS[victim]
    if marker:
        os.kill(project.find_process(marker).pid, signal.SIGKILL)
        return
    for line in project.processes():
        with suppress(ProcessLookupError):
            os.kill(int(line.split()[0]), signal.SIGKILL)


def _once_at(number: int, action: Callable[[], None]) -> Callable[[Change], None]:
    left = [action]

    def hook(change: Change) -> None:
        if change.number >= number and left:
            left.pop()()

    return hook


def _recover(project: Project, gate: CloudGate) -> float:
    """Seconds of the next `cx deploy`, which must succeed."""
    gate.open()
    begun = time.monotonic()
    project.deploy(*ALLOWED)
    return time.monotonic() - begun
