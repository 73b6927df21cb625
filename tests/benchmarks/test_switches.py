from __future__ import annotations

import math

import pytest

from benchmarks.requesting import Answer
from benchmarks.switches import Operation, Switch, quantile, spans, switches, within


def answer(at: float, version: str, seconds: float = 0.01) -> Answer:
    return Answer(at, seconds, 200, version)


DEPLOY = Operation("blue-green", "1", "2", begun=10.0, heard=12.0, ended=30.0)
BACK = Operation("rollback", "2", "1", begun=40.0, heard=41.0, ended=42.0)
ANSWERS = [
    *(answer(at, "1") for at in (1.0, 11.0, 20.0)),
    answer(20.2, "2"),
    answer(20.5, "1", 0.3),
    *(answer(at, "2") for at in (21.0, 39.0, 41.25)),
    answer(41.5, "1"),
    answer(60.0, "1"),
]


class TestSwitches:
    def test_last_from_the_first_answer_of_the_new_version_to_the_last_of_the_old_one(self) -> None:
        deploy, back = switches([DEPLOY, BACK], ANSWERS)
        assert (deploy.first_new, deploy.last_old) == (20.2, 20.5)
        assert deploy.seconds == pytest.approx(0.3)
        assert (back.seconds, back.after_heard, back.after_command) == (0.0, 0.5, 1.5)

    def test_are_only_where_another_version_came(self) -> None:
        scaled = Operation("scale-in", "1", "1", 50.0, 51.0, 52.0)
        assert switches([scaled], ANSWERS) == []
        assert switches([DEPLOY], ANSWERS[:3]) == []


class TestTimes:
    def test_belong_to_a_switch_or_not(self) -> None:
        inside, outside = within(ANSWERS, spans([Switch(DEPLOY, 20.2, 20.5), Switch(BACK, 41.5, 41.25)]))
        assert (len(inside), len(outside)) == (6, 4)
        assert 0.3 in inside

    def test_have_quantiles(self) -> None:
        assert quantile([3.0, 1.0, 2.0, 4.0], 0.5) == 3.0
        assert quantile([1.0], 0.99) == 1.0
        assert math.isnan(quantile([], 0.5))
