"""Runs under leases, and whose locks a later lease takes away."""

from __future__ import annotations

import json
import socket
import time
from dataclasses import replace
from pathlib import Path

import pytest

from cygni.errors import StateError
from platform_api.worker.timing import Timing
from stacks import fenced_runs
from stacks.child_process import GRACE_SECONDS
from stacks.engine_locks import EngineLock
from stacks.fenced_runs import FencedRun, note_run, noted_runs, was_taken_over, with_run
from stacks.target import Environment
from tests.factories import create_environment

LOCK = EngineLock("lock.json", 1, "container-1", 1000.0)
BEFORE = FencedRun(7, "container-1", 990.0)


class TestWasTakenOver:
    def test_is_what_an_earlier_lease_began_on_its_host(self) -> None:
        assert was_taken_over(LOCK, [FencedRun(6, "container-0", 900.0), BEFORE], 8)

    @pytest.mark.parametrize(
        ("runs", "fence"),
        [
            ([], 8),
            ([BEFORE], None),
            ([BEFORE], 7),
            ([replace(BEFORE, host="laptop")], 8),
            ([replace(BEFORE, began=1010.0)], 8),
            ([BEFORE, FencedRun(9, "container-2", 1020.0)], 8),
        ],
        ids=["nobody's", "no lease", "own", "another host's", "older than its run", "taken over oneself"],
    )
    def test_is_no_other(self, runs: list[FencedRun], fence: int | None) -> None:
        assert not was_taken_over(LOCK, runs, fence)


def test_of_one_lease_the_first_command_counts_and_old_ones_are_forgotten() -> None:
    assert with_run([BEFORE], replace(BEFORE, began=999.0)) == [BEFORE]
    runs: list[FencedRun] = []
    for fence in range(100):
        runs = with_run(runs, replace(BEFORE, fence=fence))
    assert [one.fence for one in runs] == list(range(68, 100))


def test_an_engine_has_ended_when_its_lock_is_taken_away() -> None:
    """The watchdog kills `cx`; its engine hears of that, and has its grace time."""
    assert Timing().kill == fenced_runs.WATCHDOG_SECONDS
    assert Timing().kill + GRACE_SECONDS < fenced_runs.PATIENCE_SECONDS


class TestNoted:
    @pytest.fixture
    def shared(self, tmp_path: Path) -> Environment:
        """In a state that other machines reach."""
        (tmp_path / "here").mkdir()
        alone = create_environment(tmp_path / "here", fence=7)
        return replace(alone, engine=replace(alone.engine, backend_url=(tmp_path / "share").as_uri()))

    def test_are_seen_by_every_host(self, shared: Environment, tmp_path: Path) -> None:
        note_run(shared)
        there = create_environment(tmp_path / "there", fence=8)
        there = replace(there, engine=replace(there.engine, backend_url=shared.engine.backend_url))
        [run] = noted_runs(there)
        assert (run.fence, run.host) == (7, socket.gethostname())
        assert abs(run.began - time.time()) < 60
        note_run(there)
        assert [one.fence for one in noted_runs(shared)] == [7, 8]

    def test_are_none_where_nobody_has_a_lease(self, shared: Environment) -> None:
        note_run(replace(shared, fence=None))
        assert noted_runs(shared) == []

    @pytest.mark.parametrize("content", ["{", "[1]", json.dumps([{"fence": 1}])])
    def test_that_are_damaged_say_what_to_do(self, tmp_path: Path, content: str) -> None:
        alone = create_environment(tmp_path, fence=7)
        note_run(alone)
        [file] = tmp_path.rglob("*.fenced-runs")
        file.write_text(content)
        with pytest.raises(StateError, match="damaged") as caught:
            noted_runs(alone)
        assert ".fenced-runs" in (caught.value.hint or "")
