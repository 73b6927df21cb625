from __future__ import annotations

from collections.abc import Iterable

import pytest

from cygni.local_cloud.load_balancer.health import (
    HEALTHY,
    Health,
    Outcome,
    after_check,
    counts,
    matches,
    receiving,
)
from tests.cygni.local_cloud.balancers import check, group

GOOD, BAD, LATE, REFUSED = Outcome(200), Outcome(500), Outcome(timed_out=True), Outcome()


def after(outcomes: Iterable[Outcome], health: Health | None = None) -> Health:
    """The state after checks that need 3 good ones to become healthy and 2 bad ones to become unhealthy."""
    health = health or Health()
    for outcome in outcomes:
        health = after_check(health, check(healthy_threshold=3, unhealthy_threshold=2), outcome)
    return health


class TestNewTarget:
    def test_is_healthy_after_one_good_check(self) -> None:
        assert after([GOOD]).state == "healthy"
        assert after([BAD, GOOD]).state == "healthy"

    def test_is_checked_before_it_is_called_unhealthy(self) -> None:
        assert (after([BAD]).state, after([BAD]).reason) == ("initial", "Elb.InitialHealthChecking")
        assert after([BAD, BAD]).state == "unhealthy"


class TestHealthyTarget:
    def test_becomes_unhealthy_by_bad_checks_in_a_row(self) -> None:
        assert after([GOOD, BAD, GOOD, BAD]).state == "healthy"
        assert after([GOOD, BAD, BAD]).state == "unhealthy"


class TestUnhealthyTarget:
    def test_becomes_healthy_by_good_checks_in_a_row(self) -> None:
        unhealthy = after([BAD, BAD])
        assert after([GOOD, GOOD], unhealthy).state == "unhealthy"
        assert after([GOOD, GOOD, BAD, GOOD], unhealthy).state == "unhealthy"
        assert after([GOOD, GOOD, GOOD], unhealthy).state == "healthy"

    @pytest.mark.parametrize(
        ("outcome", "reason", "description"),
        [
            (BAD, "Target.ResponseCodeMismatch", "Health checks failed with these codes: [500]"),
            (LATE, "Target.Timeout", "Request timed out"),
            (REFUSED, "Target.FailedHealthChecks", "Health checks failed"),
        ],
    )
    def test_says_why(self, outcome: Outcome, reason: str, description: str) -> None:
        told = after([outcome, outcome])
        assert (told.reason, told.description) == (reason, description)

    def test_says_what_failed_last(self) -> None:
        assert after([BAD, BAD, LATE]).reason == "Target.Timeout"


class TestMatcher:
    @pytest.mark.parametrize(
        ("codes", "code", "fits"),
        [
            ("200", 200, True),
            ("200", 204, False),
            ("200-299", 204, True),
            ("200-299", 300, False),
            ("200,301-303", 302, True),
            ("200, 202", 202, True),
        ],
    )
    def test_names_codes_and_ranges(self, codes: str, code: int, fits: bool) -> None:
        assert matches(codes, code) is fits


class TestReceiving:
    def test_are_the_healthy_targets(self) -> None:
        one = group("arn:tg", 1, 2, 3)
        assert receiving(one, {one.targets[1]: HEALTHY}) == {one.targets[1]}

    def test_are_all_where_none_is(self) -> None:
        one = group("arn:tg", 1, 2)
        assert receiving(one, {one.targets[0]: after([BAD, BAD])}) == set(one.targets)

    def test_count_as_healthy_unhealthy_or_neither(self) -> None:
        one = group("arn:tg", 1, 2, 3, 4)
        health = {one.targets[0]: HEALTHY, one.targets[1]: after([BAD, BAD]), one.targets[2]: Health()}
        assert counts(one.targets, health) == (1, 1)
