from __future__ import annotations

from collections.abc import Iterator

import pytest

from cygni.local_cloud import moto_cloudwatch
from cygni.local_cloud.control_plane import metric_reports
from cygni.local_cloud.data_plane.reports import MetricDatum, MetricTotals
from cygni.local_cloud.metric_store import MetricKey

DIMENSIONS = (("LoadBalancer", "app/web/1"),)
KEY = MetricKey.of("N", "RequestCount", DIMENSIONS)


@pytest.fixture(autouse=True)
def nothing_counted() -> Iterator[None]:
    metric_reports.forget()
    yield
    metric_reports.forget()


def totals(source: str, **counts: float) -> MetricTotals:
    values = tuple(float(value.removeprefix("v")) for value in counts)
    return MetricTotals(
        source, "N", "RequestCount", DIMENSIONS, 60.0, values, tuple(counts.values()), "Count"
    )


def counted() -> float:
    return sum(point.count for _, point in moto_cloudwatch.store("us-east-1").query(KEY, 0, 1e12, 60))


class TestTotals:
    def test_count_what_is_new_in_them(self) -> None:
        for total in (3, 3, 10):
            metric_reports.take((totals("envoy-1", v1=total),))
        assert counted() == 10

    def test_of_another_process_begin_at_nought(self) -> None:
        metric_reports.take((totals("envoy-1", v1=5), totals("envoy-2", v1=2)))
        assert counted() == 7

    def test_count_each_value_by_itself(self) -> None:
        metric_reports.take((totals("envoy-1", v1=5, v2=1),))
        metric_reports.take((totals("envoy-1", v1=5, v2=4, v3=1),))
        [(_, point)] = moto_cloudwatch.store("us-east-1").query(KEY, 0, 1e12, 60)
        assert dict(point.values) == {1.0: 5, 2.0: 4, 3.0: 1}


class TestDatum:
    def test_is_added_as_it_is(self) -> None:
        datum = MetricDatum("N", "RequestCount", DIMENSIONS, 60.0, (2.0,), (1.0,), "Count")
        metric_reports.take((datum, datum))
        assert counted() == 2

    def test_without_a_time_is_seen_now(self) -> None:
        metric_reports.take((MetricDatum("N", "RequestCount", DIMENSIONS, 0, (2.0,), (1.0,)),))
        [(at, _)] = moto_cloudwatch.store("us-east-1").query(KEY, 0, 1e12, 60)
        assert at > 1_700_000_000
