from __future__ import annotations

from collections import Counter

from benchmarks.releases import Measured, rows
from benchmarks.requesting import Answer
from benchmarks.streams import Streams
from benchmarks.switches import Operation

DEPLOY = Operation("blue-green", "1", "2", begun=10.0, heard=12.0, ended=30.0)
BACK = Operation("rollback", "2", "1", begun=40.0, heard=40.5, ended=42.0)
ANSWERS = [
    *(Answer(at, 0.01, 200, "1") for at in (1.0, 20.0, 21.5)),
    *(Answer(at, 0.01, 200, "2") for at in (20.25, 25.0, 41.0)),
    Answer(41.25, 0.02, 200, "1"),
]


def told(failed: Counter[str], sent_back: dict[str, int]) -> dict[str, bool | None]:
    measured = Measured(
        sorted(ANSWERS, key=lambda one: one.at),
        failed,
        Streams("http://127.0.0.1:1"),
        [DEPLOY, BACK],
        sent_back,
    )
    return {row.measure.strip(): row.met for row in rows(measured)}


def test_a_run_meets_its_goals_or_misses_them() -> None:
    found = told(Counter(), {})
    assert found == {
        "releases : 1 blue-green, 1 rollback": None,
        "failed requests": True,
        "broken streams, of 0 that ended": True,
        "healthy releases sent back, of 1": True,
        "p50 in a switch : outside": None,
        "p99 in a switch : outside": None,
        "switch of a deploy": False,
        "rollback": True,
        "the same from its call": True,
    }


def test_one_failure_is_too_many() -> None:
    found = told(Counter(read=1), {"error rate": 1})
    assert (found["failed requests"], found["healthy releases sent back, of 1"]) == (False, False)
