from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cygni.naming import Colour
from cygni.releases.observed import AlarmState, Place
from cygni.targets.fargate.clients import Clients
from cygni.targets.fargate.metrics import LoadBalancerMetrics, dimensions, whole_periods
from cygni.targets.fargate.running import Running

BLUE, GREEN = Place("web", Colour.BLUE), Place("web", Colour.GREEN)
START = datetime(2026, 11, 21, 10, tzinfo=UTC)


@pytest.fixture
def metrics(clients: Clients, running: Running) -> LoadBalancerMetrics:
    return LoadBalancerMetrics(clients, running, period=60, delay=60)


class TestWholePeriods:
    @given(st.floats(0, 1e6), st.floats(0, 1e4), st.sampled_from([1.0, 5.0, 60.0]))
    def test_lie_within_and_begin_at_multiples(self, start: float, length: float, period: float) -> None:
        begin = datetime.fromtimestamp(start, UTC)
        end = begin + timedelta(seconds=length)
        first, last = whole_periods(begin, end, period)
        assert first.timestamp() % period == last.timestamp() % period == 0
        if first < last:
            assert begin <= first < last <= end
        assert first.timestamp() - begin.timestamp() < period


class TestRead:
    def test_adds_up_what_was_counted_by_colour(
        self, metrics: LoadBalancerMetrics, running: Running, aws: Callable[..., Any]
    ) -> None:
        def put(place: Place, name: str, minute: int, value: float) -> None:
            aws("cloudwatch").put_metric_data(
                Namespace="AWS/ApplicationELB",
                MetricData=[
                    {
                        "MetricName": name,
                        "Dimensions": dimensions(running.service("web"), place),
                        "Timestamp": START + timedelta(minutes=minute, seconds=10),
                        "Value": value,
                    }
                ],
            )

        for minute, requests, errors in ((0, 100, 3), (1, 50, 0)):
            put(GREEN, "RequestCount", minute, requests)
            put(GREEN, "HTTPCode_Target_5XX_Count", minute, errors)
        put(GREEN, "TargetConnectionErrorCount", 1, 2)
        put(BLUE, "RequestCount", 0, 7)
        found = metrics.read([GREEN, BLUE], START, START + timedelta(minutes=4))
        assert [(one.start, one.seconds, one.requests, one.errors) for one in found[GREEN]] == [
            (START, 60, 100, 3),
            (START + timedelta(minutes=1), 60, 50, 2),
        ]
        assert [one.requests for one in found[BLUE]] == [7]

    def test_leaves_out_what_may_still_grow(self, metrics: LoadBalancerMetrics) -> None:
        assert metrics.read([GREEN], START, START + timedelta(seconds=119)) == {}

    def test_knows_an_alarm_that_is_not_there(
        self, metrics: LoadBalancerMetrics, aws: Callable[..., Any]
    ) -> None:
        aws("cloudwatch").put_metric_alarm(
            AlarmName="slow",
            MetricName="m",
            Namespace="n",
            Period=60,
            EvaluationPeriods=1,
            Threshold=1,
            ComparisonOperator="GreaterThanThreshold",
            Statistic="Sum",
        )
        aws("cloudwatch").set_alarm_state(AlarmName="slow", StateValue="ALARM", StateReason="test")
        assert metrics.alarms(["slow", "gone"]) == {"slow": AlarmState.ALARM, "gone": AlarmState.MISSING}
