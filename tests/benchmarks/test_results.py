from __future__ import annotations

from benchmarks.measuring import in_turn, ratio
from benchmarks.results import Row, compared, table


class TestRatio:
    def test_compares_pair_by_pair(self) -> None:
        found = ratio([1.0, 9.0, 2.0], [2.0, 3.0, 4.0])
        assert (found.median, found.least, found.greatest) == (0.5, 0.5, 3.0)
        assert (found.a, found.b) == (2.0, 3.0)


class TestInTurn:
    def test_takes_turns_and_every_other_round_backwards(self) -> None:
        done: list[str] = []

        def action(name: str) -> float:
            done.append(name)
            return float(len(done))

        seconds = in_turn(3, {"a": lambda: action("a"), "b": lambda: action("b")})
        assert done == ["a", "b", "b", "a", "a", "b"]
        assert seconds == {"a": [1.0, 4.0, 5.0], "b": [2.0, 3.0, 6.0]}


class TestRow:
    def test_meets_a_goal_that_it_reaches(self) -> None:
        assert compared("diff", 250, ratio([1.1], [1.0]), 1.1).met is True
        assert compared("diff", 250, ratio([1.2], [1.0]), 1.1).met is False

    def test_must_stay_below_where_the_goal_says_so(self) -> None:
        assert compared("help", None, ratio([1.0], [1.0]), 1.0, below=True).met is False

    def test_is_not_judged_without_a_goal(self) -> None:
        assert Row("memory", 250, "47 MiB").met is None


class TestTable:
    def test_shows_medians_ratio_range_goal_and_verdict(self) -> None:
        rows = [
            compared("cx diff : bare preview", 1000, ratio([1.0, 3.0], [2.0, 2.0]), 1.1),
            compared("cx deploy : bare up", 250, ratio([4.0], [2.0]), 0.5),
            Row("memory of cx in a deploy", 250, "47 MiB"),
        ]
        assert table(rows).splitlines() == [
            "measure                    size       A       B     A/B (min-max)   goal",
            "--------------------------------------------------------------------------------",
            "cx diff : bare preview    1,000  2.00 s  2.00 s  1.00 (0.50-1.50)  ≤ 1.1     met",
            "cx deploy : bare up         250  4.00 s  2.00 s  2.00 (2.00-2.00)  ≤ 0.5  MISSED",
            "memory of cx in a deploy    250  47 MiB",
        ]
