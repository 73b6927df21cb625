from __future__ import annotations

from typing import Any

import pytest

from cygni.local_cloud.ecs.failures import LONGEST_CRASH_WAIT, LONGEST_WAIT, Breaker, wait_after


def breaker(**given: Any) -> Breaker:
    return Breaker.of({"deploymentCircuitBreaker": {"enable": True, "rollback": True, **given}})


class TestBreaker:
    @pytest.mark.parametrize(
        ("desired", "threshold"), [(0, 3), (1, 3), (6, 3), (7, 4), (25, 13), (400, 200), (800, 200)]
    )
    def test_trips_at_half_the_desired_count_within_its_bounds(self, desired: int, threshold: int) -> None:
        assert breaker().threshold(desired) == threshold
        assert breaker().trips(desired, threshold)
        assert not breaker().trips(desired, threshold - 1)

    @pytest.mark.parametrize(
        ("configuration", "threshold"),
        [
            ({"type": "COUNT", "value": 5}, 5),
            ({"type": "UNBOUNDED_PERCENT", "value": 10}, 1),
            ({"type": "UNBOUNDED_PERCENT", "value": 300}, 30),
            ({"type": "BOUNDED_PERCENT", "value": 100}, 10),
        ],
    )
    def test_trips_where_it_is_told_to(self, configuration: dict[str, Any], threshold: int) -> None:
        assert breaker(thresholdConfiguration=configuration).threshold(10) == threshold

    def test_never_trips_where_it_is_off(self) -> None:
        assert not Breaker.of(None).trips(1, 1000)
        assert not Breaker.of({"deploymentCircuitBreaker": {"enable": False, "rollback": False}}).trips(
            1, 1000
        )

    def test_forgets_failures_when_a_task_is_healthy_unless_told_not_to(self) -> None:
        assert breaker().resets
        assert not breaker(resetOnHealthyTask=False).resets


class TestWait:
    def test_doubles_with_each_failure_up_to_the_longest(self) -> None:
        assert [wait_after(count, ran=False) for count in (0, 1, 2, 3, 4)] == [0, 1, 2, 4, 8]
        assert wait_after(100, ran=False) == LONGEST_WAIT
        assert wait_after(100, ran=True) == LONGEST_CRASH_WAIT
