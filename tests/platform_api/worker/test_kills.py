"""Workers that are killed at random moments of what they carry out.

`make chaos` kills 50; the usual run a few. Those of a round are killed at once or nearly; then others, with the lease
that workers have, go on with what was lost.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

import psutil
import pytest

from tests.platform_api.deployments.workshop import Workshop
from tests.platform_api.worker import cloud
from tests.platform_api.worker.processes import Workers, all_made_once

SEED = int(os.environ.get("CYGNI_CHAOS_SEED", "23"))
KILLS = int(os.environ.get("CYGNI_CHAOS_WORKERS", "4"))
AT_ONCE = 10
ROUNDS = -(-KILLS // AT_ONCE)
RECOVERED_SECONDS = 35
"""In which another worker is to have what a killed one had. Leases are 15 seconds."""
WORK_SECONDS = cloud.THINGS * cloud.THING_SECONDS

pytestmark = pytest.mark.timeout(120 + ROUNDS * 90)


def test_workers_killed_at_random_moments_lose_double_and_orphan_nothing(
    workers: Workers, workshop: Workshop
) -> None:
    chance = random.Random(SEED)
    organization = workshop.organization("acme")
    lost: dict[uuid.UUID, datetime] = {}
    deployments: list[uuid.UUID] = []
    rounds = 0
    while len(lost) < KILLS:
        rounds += 1
        assert rounds <= 3 * ROUNDS, "workers end too soon to be killed at work"
        names = [f"round-{rounds}-{number}" for number in range(min(AT_ONCE, KILLS - len(lost)))]
        begun = [workshop.deployment(workshop.environment(organization, name)) for name in names]
        lost |= killed_at_work(workers, workshop, chance, begun)
        with going_on(workers):
            assert set(workers.until_over(*begun)) == {"succeeded"}
        deployments += begun
    assert all_made_once(workers, *deployments)
    assert cloud.overlaps(workers.ledger) == []
    assert programs_of(workers) == []
    for deployment in deployments:
        numbers = [event["number"] for event in workshop.events(deployment)]
        assert numbers == list(range(1, workshop.row(deployment)["last_event"] + 1))
    waits = sorted(recovered(workshop, one, at) - at for one, at in lost.items())
    print(  # noqa: T201  # the figure is what people run it for
        f"{len(lost)} workers killed at work: gone on with after {waits[0]} to {waits[-1]}"
    )
    assert waits[-1].total_seconds() <= RECOVERED_SECONDS


def killed_at_work(
    workers: Workers, workshop: Workshop, chance: random.Random, deployments: list[uuid.UUID]
) -> dict[uuid.UUID, datetime]:
    """Begins a worker for each deployment, and kills each a moment after it took one up; when, of those that had one
    still."""
    names = [f"worker-{len(workers.processes) + number}" for number in range(len(deployments))]
    victims = [Victim(name, workers.start(timing="usual"), chance.uniform(0, WORK_SECONDS)) for name in names]
    with ThreadPoolExecutor(len(victims)) as threads:
        found = threads.map(lambda one: killed(workers, workshop, one, deployments), victims)
    return {deployment: at for deployment, at in found if deployment is not None}


@dataclass(frozen=True)
class Victim:
    """`after` is how many seconds it is let work."""

    name: str
    process: subprocess.Popen[bytes]
    after: float


def killed(
    workers: Workers, workshop: Workshop, victim: Victim, deployments: list[uuid.UUID]
) -> tuple[uuid.UUID | None, datetime]:
    """The deployment it had, if it had one, and when it was killed."""
    workers.until(lambda: held_by(workshop, victim.name) or nothing_waits(workshop, deployments))
    time.sleep(victim.after)
    victim.process.send_signal(signal.SIGKILL)
    victim.process.wait()
    [now] = workshop.run("SELECT clock_timestamp() AS at")
    return held_by(workshop, victim.name), now["at"]


@contextmanager
def going_on(workers: Workers) -> Iterator[None]:
    """With two workers who take up what is there, and hand back nothing at the end since nothing is left."""
    pair = [workers.start(at_a_time=AT_ONCE // 2, timing="usual") for _ in range(2)]
    yield
    for one in pair:
        one.terminate()
        assert one.wait(30) == 0


def held_by(workshop: Workshop, worker: str) -> uuid.UUID | None:
    found = workshop.run("SELECT id FROM deployments WHERE worker = %s", worker)
    return found[0]["id"] if found else None


def nothing_waits(workshop: Workshop, deployments: list[uuid.UUID]) -> bool:
    return "queued" not in {workshop.status(one) for one in deployments}


def recovered(workshop: Workshop, deployment: uuid.UUID, lost_at: datetime) -> datetime:
    """When another worker took it up."""
    events = workshop.events(deployment)
    return min(event["at"] for event in events if event["at"] > lost_at and "attempt" in event["data"])


def programs_of(workers: Workers) -> list[int]:
    """Those that write into the ledger and are still there."""
    return [
        one.pid
        for one in psutil.process_iter(["cmdline"])
        if str(workers.ledger) in (one.info["cmdline"] or []) and one.status() != psutil.STATUS_ZOMBIE
    ]
