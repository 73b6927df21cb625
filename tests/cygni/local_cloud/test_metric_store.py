from __future__ import annotations

import pytest

from cygni.local_cloud.metric_store import (
    FINE_SECONDS,
    KEPT_SECONDS,
    Distribution,
    MetricKey,
    MetricStore,
)

KEY = MetricKey.of("N", "m", [("b", "2"), ("a", "1")])


class Clock:
    now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(clock: Clock) -> MetricStore:
    return MetricStore(clock)


def distribution(**values: float) -> Distribution:
    made = Distribution()
    made.add({float(value.removeprefix("v").replace("_", ".")): count for value, count in values.items()})
    return made


class TestStatistics:
    def test_are_those_of_all_values(self) -> None:
        told = distribution(v1=3, v5=1)
        found = {
            name: told.statistic(name) for name in ("Sum", "SampleCount", "Average", "Minimum", "Maximum")
        }
        assert found == {"Sum": 8, "SampleCount": 4, "Average": 2, "Minimum": 1, "Maximum": 5}

    @pytest.mark.parametrize(
        ("name", "expected"), [("p50", 1), ("p75", 1), ("p76", 5), ("p99.9", 5), ("p100", 5), ("p0", 1)]
    )
    def test_know_percentiles(self, name: str, expected: float) -> None:
        assert distribution(v1=75, v5=25).statistic(name) == expected

    def test_know_no_percentiles_of_what_came_without_its_values(self) -> None:
        told = distribution(v1=1)
        told.add_statistics(10, 4, 1, 5)
        assert told.statistic("Average") == 11 / 5
        assert told.statistic("p95") is None
        alike = Distribution()
        alike.add_statistics(8, 4, 2, 2)
        assert alike.statistic("p95") == 2

    @pytest.mark.parametrize("name", ["p101", "q95", "sum", ""])
    def test_are_none_that_are_not_known(self, name: str) -> None:
        assert distribution(v1=1).statistic(name) is None

    def test_of_nothing_are_none(self) -> None:
        assert Distribution().statistic("Sum") is None


class TestQuery:
    def test_adds_up_by_period_from_the_whole_minute(self, store: MetricStore) -> None:
        for at in (60.0, 61.5, 119.9, 120.0, 185.0):
            store.at(KEY, at, "Count").add({1.0: 1})
        points = store.query(KEY, 75, 1000, 60)
        assert [(at, one.count) for at, one in points] == [(60, 3), (120, 1), (180, 1)]

    def test_knows_seconds(self, store: MetricStore) -> None:
        for at in (60.0, 61.5, 62.0):
            store.at(KEY, at, "Count").add({1.0: 1})
        assert [at for at, _ in store.query(KEY, 60, 62, 1)] == [60, 61]

    def test_tells_metrics_apart_by_every_dimension(self, store: MetricStore) -> None:
        store.at(KEY, 60, "Count").add({1.0: 1})
        same = MetricKey.of("N", "m", [("a", "1"), ("b", "2")])
        others = [[("a", "1")], [("a", "2"), ("b", "2")], [("a", "1"), ("b", "2"), ("c", "3")]]
        assert len(store.query(same, 0, 1000, 60)) == 1
        assert [store.query(MetricKey.of("N", "m", other), 0, 1000, 60) for other in others] == [[], [], []]

    def test_may_ask_for_a_unit(self, store: MetricStore) -> None:
        store.at(KEY, 60, "Count").add({1.0: 1})
        assert store.query(KEY, 0, 1000, 60, "Seconds") == []
        assert len(store.query(KEY, 0, 1000, 60, "Count")) == 1


class TestAge:
    def test_leaves_minutes_of_seconds_and_loses_nothing(self, store: MetricStore, clock: Clock) -> None:
        begun = int(clock.now) // 60 * 60
        for second in range(120):
            store.at(KEY, begun + second, "Count").add({1.0: 1})
        clock.now += FINE_SECONDS + 200
        store.at(KEY, clock.now, "Count").add({1.0: 1})
        points = store.query(KEY, begun, clock.now, 1)
        assert [(at - begun, one.count) for at, one in points] == [(0, 60), (60, 60)]

    def test_drops_what_is_too_old(self, store: MetricStore, clock: Clock) -> None:
        store.at(KEY, clock.now, "Count").add({1.0: 1})
        other = MetricKey.of("N", "other", [])
        clock.now += KEPT_SECONDS + 100
        store.at(other, clock.now, "Count").add({1.0: 1})
        assert store.keys() == [other]
