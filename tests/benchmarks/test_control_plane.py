from __future__ import annotations

from benchmarks.control_plane import READ_GOAL
from benchmarks.measuring import ratio
from benchmarks.results import Row


def test_a_read_meets_its_goal_at_six_tenths_of_the_requests_of_one_select() -> None:
    def row(ours: float, bare: float) -> Row:
        return Row("reads", None, "", "", ratio([1 / ours], [1 / bare]), READ_GOAL)

    assert row(600, 1000).met
    assert not row(590, 1000).met
