"""Which hosts have worked on an environment under a fence: whose locks a later lease may take for those of the dead.

A lock names a process of a host, and no other host can look whether it lives: a container that is gone would keep the
environment locked for good. The control plane gives an environment to one worker at a time, under a number that grows,
and the engine of the one before ends by itself. So each run notes its number and its host beside the state; a later one
waits for `PATIENCE_SECONDS`, and takes away what an earlier one has left. Whoever works on the same state with no such
number is in no note, and keeps his lock.
"""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from cygni.errors import StateError
from stacks.child_process import GRACE_SECONDS
from stacks.engine_locks import CLOCK_SLACK, EngineLock
from stacks.notes import Note
from stacks.target import Environment

WATCHDOG_SECONDS = 13.0
"""After the last renewal of a lease, when the watchdog kills `cx` (`platform_api.worker.timing`, `kill`)."""
PATIENCE_SECONDS = WATCHDOG_SECONDS + GRACE_SECONDS + 5.0
"""Longer than an engine outlives its lease, counted as if that had been renewed just now: the engine is in a session of
its own, which that kill does not reach. It notices that `cx` is gone, and has its own grace time to finish
(`stacks.child_process`)."""
_KEPT = 32
"""Runs in a note. A lock that is older than all of them waits for a person."""


@dataclass(frozen=True)
class FencedRun:
    """`began` is in seconds since the epoch, by the clock of `host`."""

    fence: int
    host: str
    began: float


def note_run(environment: Environment) -> None:
    """To be called before an engine is. Nothing happens where there is no fence. A database in which the engine has not
    made its table takes no note: a plan makes it, and the command that applies notes the run. Raises StateError."""
    if environment.fence is None:
        return
    run = FencedRun(environment.fence, socket.gethostname(), time.time())
    _note(environment).write(
        lambda known: json.dumps([asdict(one) for one in with_run(_runs(known or b"[]"), run)])
    )


def with_run(runs: Sequence[FencedRun], run: FencedRun) -> list[FencedRun]:
    """The newest of them and `run`; of one lease the first command counts, whose engine may be the one that is left
    (pure)."""
    known = any((one.fence, one.host) == (run.fence, run.host) for one in runs)
    return list(runs) if known else [*runs, run][-_KEPT:]


def noted_runs(environment: Environment) -> list[FencedRun]:
    """Raises StateError, AuthError."""
    return [run for content in _note(environment).read().values() for run in _runs(content)]


def was_taken_over(lock: EngineLock, runs: Sequence[FencedRun], fence: int | None) -> bool:
    """Whether `lock` is of an engine that an earlier lease than `fence` began, and no later one is known (pure)."""
    if fence is None or any(run.fence > fence for run in runs):
        return False
    return any(
        run.fence < fence and run.host == lock.host and run.began <= lock.since + CLOCK_SLACK for run in runs
    )


def _runs(content: bytes) -> list[FencedRun]:
    try:
        return [
            FencedRun(int(one["fence"]), str(one["host"]), float(one["began"])) for one in json.loads(content)
        ]
    except (ValueError, KeyError, TypeError):
        raise StateError(
            "the note on which workers had this environment is damaged",
            hint="Remove the file whose name ends with .fenced-runs, in .pulumi/cygni/ beside the state.",
        ) from None


def _note(environment: Environment) -> Note:
    return Note(environment, f"{environment.project}.{environment.name}", "fenced-runs")
