"""Gates: what fails a release, what lets it pass, and what they must never take for a fault."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from cygni.releases.evidence import above, below
from cygni.releases.gates import BASELINE, State, Traffic, Verdict, verdict
from cygni.releases.observed import Period
from cygni.releases.settings import GateSettings, TooFew
from tests.release_traffic import Behaviour, Noise

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
SECONDS = 10.0
SETTINGS = GateSettings()
HEALTHY = Behaviour(errors=0.002)
CANARY, FULL = 5, 100


def watched(
    new: Behaviour,
    *,
    weight: int,
    rate: float,
    seed: int,
    old: Behaviour = HEALTHY,
    settings: GateSettings = SETTINGS,
    least: float = 60.0,
) -> tuple[Verdict, int, int]:
    """The verdict that ends a step at `weight` percent of `rate` requests a second, and how many requests the new and
    the old colour had got by then."""
    noise = Noise(seed)
    [before] = noise.periods(
        NOON - timedelta(seconds=BASELINE), int(BASELINE / SECONDS), SECONDS, [(rate, old)]
    )
    counted: list[list[Period]] = [[], []]
    shares = ((rate * weight / 100, new), (rate * (100 - weight) / 100, old))
    waited = 0.0
    while True:
        more = noise.periods(NOON + timedelta(seconds=waited), 1, SECONDS, shares)
        for own, [period] in zip(counted, more, strict=True):
            own.append(period)
        waited += SECONDS
        found = verdict(settings, Traffic(counted[0], counted[1], before), waited, 2 * SECONDS)
        if found.state is State.FAIL or (found.state is State.PASS and waited >= least):
            mine, others = (sum(period.requests for period in own) for own in counted)
            return found, mine, others


def deployed(new: Behaviour, weights: Sequence[int], *, rate: float, seed: int) -> Verdict:
    """The verdict of a whole deploy that goes through `weights`."""
    for number, weight in enumerate(weights):
        found, *_ = watched(new, weight=weight, rate=rate, seed=1000 * seed + number)
        if found.state is State.FAIL:
            return found
    return found


class TestHealthyRelease:
    @pytest.mark.parametrize("rate", [1, 20, 150, 600])
    def test_is_failed_by_noise_in_one_of_five_hundred_deploys_at_most(self, rate: float) -> None:
        results = (
            deployed(HEALTHY, (5, 100) if run % 2 else (100,), rate=rate, seed=run) for run in range(500)
        )
        assert sum(one.state is State.FAIL for one in results) <= 1

    @pytest.mark.parametrize("spread", [0.2, 1.0])
    def test_is_not_failed_however_its_latencies_are_spread(self, spread: float) -> None:
        behaviour = replace(HEALTHY, spread=spread)
        for seed in range(20):
            found, *_ = watched(behaviour, weight=CANARY, rate=200, seed=seed, old=behaviour)
            assert found.state is State.PASS

    def test_is_not_failed_where_both_colours_are_in_trouble(self) -> None:
        trouble = Behaviour(errors=0.08, latency=0.3)
        for seed in range(20):
            found, *_ = watched(trouble, weight=CANARY, rate=200, seed=seed, old=trouble)
            assert found.state is State.PASS

    def test_at_the_very_limit_is_hardly_ever_failed_however_often_one_looks(self) -> None:
        settings = GateSettings(
            max_error_percent=2, error_tolerance=None, latency_factor=None, patience=1e9, min_requests=10**9
        )
        failed = 0
        for seed in range(60):
            noise = Noise(seed, hiccups=0.0)
            new: list[Period] = []
            for number in range(60):
                new.append(noise.period(NOON + timedelta(seconds=number), 1.0, 40, Behaviour(errors=0.02)))
                failed += verdict(settings, Traffic(new), 1.0, 1.0).state is State.FAIL
        assert failed == 0

    def test_is_not_failed_where_little_is_known_of_the_old_one(self) -> None:
        """None of 200 requests failed: its rate may still be 4 percent."""
        before = [Period(NOON, SECONDS, 200, 0)]
        new = [Period(NOON, SECONDS, 1000, 12)] * 6
        assert verdict(SETTINGS, Traffic(new, before=before), 60.0, 20.0).state is not State.FAIL
        known = [Period(NOON, SECONDS, 20_000, 0)]
        assert verdict(SETTINGS, Traffic(new, before=known), 60.0, 20.0).state is State.FAIL

    def test_that_mends_a_broken_one_passes(self) -> None:
        broken = Behaviour(errors=0.6, latency=0.5)
        found, *_ = watched(HEALTHY, weight=FULL, rate=50, seed=1, old=broken)
        assert found.state is State.PASS


class TestFaultyRelease:
    @pytest.mark.parametrize(
        "faulty",
        [
            Behaviour(errors=0.03),
            Behaviour(errors=1.0),
            Behaviour(errors=0.002, latency=0.1),
            Behaviour(errors=0.002, latency=0.1, spread=1.0),
        ],
        ids=["3 percent of errors", "errors only", "5 times slower", "5 times slower, widely spread"],
    )
    @pytest.mark.parametrize("rate", [20, 150, 600])
    def test_is_failed_with_few_requests_touched(self, faulty: Behaviour, rate: float) -> None:
        old = replace(HEALTHY, spread=faulty.spread)
        settings = replace(SETTINGS, patience=7200.0)
        for seed in range(12):
            found, new, others = watched(
                faulty, weight=CANARY, rate=rate, seed=seed, old=old, settings=settings
            )
            assert found.state is State.FAIL, found
            touched = 0.05 * (new + others)
            assert new <= touched + 4 * touched**0.5  # as chance would have it

    def test_is_failed_after_all_traffic_has_moved(self) -> None:
        for faulty in (Behaviour(errors=0.03), replace(HEALTHY, latency=0.1)):
            found, *_ = watched(faulty, weight=FULL, rate=50, seed=1)
            assert found.state is State.FAIL

    def test_says_why_with_numbers(self) -> None:
        found, *_ = watched(Behaviour(errors=0.5), weight=CANARY, rate=200, seed=1)
        [reading] = found.failed
        assert reading.gate == "error rate against the old colour"
        assert reading.value is not None
        assert 40 < reading.value < 60
        assert reading.text.startswith("error rate against the old colour 4")
        assert "requests (limit " in reading.text

    @pytest.mark.parametrize(("errors", "told"), [(1000, "100 %"), (126, "13 %"), (31, "3.1 %")])
    def test_says_rates_as_people_write_them(self, errors: int, told: str) -> None:
        before = [Period(NOON, SECONDS, 9000, 0)]
        [reading] = verdict(
            SETTINGS, Traffic([Period(NOON, SECONDS, 1000, errors)] * 3, before=before), 60, 20
        ).failed
        assert reading.text.startswith(f"error rate against the old colour {told} of 3,000 requests")

    def test_that_fails_everything_is_failed_by_the_first_period(self) -> None:
        new = [Period(NOON, 60.0, 25, 25)]
        before = [Period(NOON, 60.0, 500, 0)]
        assert verdict(SETTINGS, Traffic(new, before=before), 60.0, 120.0).state is State.FAIL


class TestOdds:
    SETTINGS = GateSettings(max_error_percent=2, error_tolerance=None, latency_factor=None, min_requests=1)

    def states(self, requests: int) -> list[State]:
        """By the number of errors in each of ten periods."""
        counted = ([Period(NOON, SECONDS, requests, errors)] * 10 for errors in range(requests // 5))
        return [verdict(self.SETTINGS, Traffic(new), 60.0, 20.0).state for new in counted]

    def test_of_failing_are_one_to_ten_thousand_without_the_two_worst_periods(self) -> None:
        expected = [above(8 * errors, 800, 0.02) >= math.log(10_000) for errors in range(20)]
        assert [state is State.FAIL for state in self.states(100)] == expected
        assert {True, False} == set(expected)

    def test_of_passing_are_one_to_a_thousand_against_a_rate_that_would_be_too_much(self) -> None:
        expected = [below(10 * errors, 1000, 0.035) >= math.log(1000) for errors in range(20)]
        assert [state is State.PASS for state in self.states(100)] == expected
        assert {True, False} == set(expected)


class TestOnePeriod:
    def test_alone_fails_nothing_that_mostly_works(self) -> None:
        bad = Period(NOON, SECONDS, 200, 30, dict.fromkeys((0.5, 0.75, 0.9, 0.95, 0.99), 0.5))
        good = [Period(NOON, SECONDS, 200, 0, dict.fromkeys((0.5, 0.75, 0.9, 0.95, 0.99), 0.02))]
        traffic = Traffic([bad, *good * 2], good * 3, good * 10)
        assert verdict(SETTINGS, traffic, 60, 20).state is not State.FAIL
        again = replace(traffic, new=[bad, bad, *good])
        assert {one.gate for one in verdict(SETTINGS, again, 60, 20).failed} == {
            "error rate against the old colour",
            "p95 latency against the old colour",
        }


class TestConstants:
    def test_are_held_to_without_an_old_colour(self) -> None:
        settings = GateSettings(
            max_error_percent=1, max_latency=0.2, error_tolerance=None, latency_factor=None
        )
        slow = [Period(NOON, SECONDS, 300, 0, {0.5: 0.3, 0.95: 0.6})] * 3
        failing = [Period(NOON, SECONDS, 300, 12, {0.5: 0.1, 0.95: 0.15})] * 3
        found = [
            [one.gate for one in verdict(settings, Traffic(new), 60, 20).failed] for new in (slow, failing)
        ]
        assert found == [["p95 latency"], ["error rate"]]

    def test_switched_off_all_pass_at_once(self) -> None:
        settings = GateSettings(error_tolerance=None, latency_factor=None)
        assert verdict(settings, Traffic([]), 0.0, 120.0) == Verdict(State.PASS)


class TestDoubt:
    """A canary of which 19 of 858 requests failed in its first minute, never many at once."""

    PATIENT = replace(SETTINGS, patience=60.0)
    ERRORS = (2, 2, 2, 1, 2, 1, 2, 1, 2, 2, 2)

    def found(self, waited: float, errors: Sequence[int] = ERRORS) -> Verdict:
        new = [Period(NOON + timedelta(seconds=5 * at), 5.0, 78, bad) for at, bad in enumerate(errors)]
        old = [replace(period, requests=20 * period.requests, errors=0) for period in new]
        return verdict(self.PATIENT, Traffic(new, old), waited, 20.0)

    def test_keeps_a_step_waiting_longer_than_its_patience(self) -> None:
        found = self.found(60.0)
        assert (found.state, [one.gate for one in found.readings if one.doubtful]) == (
            State.WAIT,
            ["error rate against the old colour"],
        )

    def test_begins_with_a_suspicion_that_is_looked_at_longer(self) -> None:
        """One of two such canaries would show its three percent in twice the time."""
        errors = (1, 2, 1, 0, 2, 1, 2, 1, 2, 1, 1)
        found = self.found(60.0, errors)
        assert (found.state, [one.doubtful for one in found.readings if one.suspect]) == (State.WAIT, [False])
        assert self.found(180.0, errors).given_up

    def test_that_stays_fails_the_step(self) -> None:
        found = self.found(180.0)
        assert (found.state, [one.gate for one in found.failed]) == (
            State.FAIL,
            ["error rate against the old colour"],
        )

    def test_is_none_where_trouble_came_at_once_or_not_at_all(self) -> None:
        assert self.found(60.0, (0, 0, 0, 9, 0, 0, 8, 0, 0, 0, 0)).given_up
        assert self.found(60.0, (1, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0)).state is State.PASS


class TestTooFewRequests:
    FEW = (Period(NOON, SECONDS, 1, 0, {0.95: 0.02}),)

    def test_are_waited_for_while_there_is_hope(self) -> None:
        traffic = Traffic([replace(self.FEW[0], requests=10)] * 3)
        assert verdict(SETTINGS, traffic, 60.0, 20.0).state is State.WAIT
        assert verdict(SETTINGS, traffic, SETTINGS.patience, 20.0).state is State.PASS

    def test_are_not_waited_for_where_there_is_none(self) -> None:
        found = verdict(SETTINGS, Traffic(self.FEW), 60.0, 20.0)
        assert (found.state, found.given_up) == (State.PASS, True)
        assert verdict(SETTINGS, Traffic([]), 60.0, 20.0).given_up

    def test_are_no_sign_before_any_could_be_seen(self) -> None:
        assert verdict(SETTINGS, Traffic([]), 60.0, 240.0).state is State.WAIT

    def test_are_taken_for_counts_that_are_late_where_there_were_many_before(self) -> None:
        busy = Traffic([], before=[Period(NOON, SECONDS, 3000, 0)])
        assert verdict(SETTINGS, busy, 25.0, 20.0).state is State.WAIT
        assert verdict(SETTINGS, busy, 60.0, 20.0).given_up

    def test_fail_where_that_is_asked_for(self) -> None:
        settings = replace(SETTINGS, too_few=TooFew.FAIL)
        found = verdict(settings, Traffic(self.FEW), 60.0, 20.0)
        assert found.state is State.FAIL
        assert "requests 1 (limit 100)" in [one.text for one in found.failed]
