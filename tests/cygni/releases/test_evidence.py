"""Evidence that may be looked at any number of times, against the promise it makes."""

from __future__ import annotations

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cygni.releases.evidence import above, at_most, below


class TestEvidence:
    @pytest.mark.parametrize("rate", [0.003, 0.05, 0.3])
    def test_that_is_looked_at_after_every_trial_misleads_no_more_often_than_promised(
        self, rate: float
    ) -> None:
        misled = 0
        for seed in range(400):
            draw = random.Random(seed)
            count = 0
            for trials in range(1, 800):
                count += draw.random() < rate
                if above(count, trials, rate) >= math.log(20):
                    misled += 1
                    break
        assert misled / 400 <= 1 / 20

    @given(st.floats(0.001, 0.9), st.integers(1, 40))
    def test_is_worth_what_a_fair_bet_is_worth(self, rate: float, trials: int) -> None:
        value = sum(
            math.comb(trials, count)
            * rate**count
            * (1 - rate) ** (trials - count)
            * math.exp(above(count, trials, rate))
            for count in range(trials + 1)
        )
        assert value == pytest.approx(1.0, rel=1e-6)

    @given(st.floats(0.001, 0.9), st.floats(0, 1), st.integers(1, 40))
    def test_is_worth_less_where_the_rate_keeps_to_the_limit(
        self, limit: float, part: float, trials: int
    ) -> None:
        rate = limit * part
        for evidence, true in ((above, rate), (below, 1 - (1 - limit) * part)):
            value = sum(
                math.comb(trials, count)
                * true**count
                * (1 - true) ** (trials - count)
                * math.exp(evidence(count, trials, limit))
                for count in range(trials + 1)
            )
            assert value <= 1 + 1e-6

    @given(st.integers(0, 2000), st.integers(0, 2000), st.floats(0, 1))
    def test_is_finite_for_every_count(self, count: int, more: int, rate: float) -> None:
        assert math.isfinite(above(count, count + more, rate))
        assert math.isfinite(below(count, count + more, rate))

    def test_of_nothing_is_none(self) -> None:
        assert above(0, 0, 0.1) == 0.0


class TestBound:
    def test_of_nothing_is_everything(self) -> None:
        assert at_most(0, 0, 1e-4) == 1.0

    @given(st.integers(0, 300), st.integers(0, 3000))
    def test_lies_above_what_was_counted(self, count: int, more: int) -> None:
        trials = count + more
        bound = at_most(count, trials, 1e-3)
        assert (count / trials if trials else 0) <= bound <= 1

    def test_comes_near_with_many_trials(self) -> None:
        assert at_most(0, 9000, 1e-4) < 0.0015
        assert at_most(90, 9000, 1e-4) < 0.018

    def test_holds_as_often_as_promised(self) -> None:
        wrong = 0
        for seed in range(300):
            draw = random.Random(seed)
            count = sum(draw.random() < 0.02 for _ in range(500))
            wrong += at_most(count, 500, 0.05) < 0.02
        assert wrong / 300 <= 0.05
