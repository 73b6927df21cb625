from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

Aws = Callable[..., Any]
NOON = dt.datetime(2026, 1, 2, 12, 0, tzinfo=dt.UTC)


def at(minutes: float) -> dt.datetime:
    return NOON + dt.timedelta(minutes=minutes)


@pytest.fixture
def cloudwatch(aws: Aws, request: pytest.FixtureRequest) -> Any:
    """A client in whose namespace (the test's name) there are 100 latencies in two minutes: 1 to 50, then 51 to 100."""
    client = aws("cloudwatch")
    for minute, first in ((0, 1), (1, 51)):
        client.put_metric_data(
            Namespace=request.node.name,
            MetricData=[
                {
                    "MetricName": "latency",
                    "Dimensions": [{"Name": "service", "Value": "web"}],
                    "Timestamp": at(minute + 0.5),
                    "Values": [float(value) for value in range(first, first + 50)],
                    "Unit": "Milliseconds",
                }
            ],
        )
    return client


def query(namespace: str, stat: str = "Sum", period: int = 60, service: str = "web") -> dict[str, Any]:
    metric = {
        "Namespace": namespace,
        "MetricName": "latency",
        "Dimensions": [{"Name": "service", "Value": service}],
    }
    return {"Id": "m", "MetricStat": {"Metric": metric, "Period": period, "Stat": stat}}


def values(cloudwatch: Any, *queries: dict[str, Any], **more: Any) -> dict[str, list[float]]:
    told = cloudwatch.get_metric_data(
        MetricDataQueries=list(queries), StartTime=at(0), EndTime=at(5), **more
    )["MetricDataResults"]
    return {result["Id"]: result["Values"] for result in told}


class TestGetMetricData:
    def test_knows_percentiles(self, cloudwatch: Any, request: pytest.FixtureRequest) -> None:
        assert values(cloudwatch, query(request.node.name, "p95", period=300)) == {"m": [95.0]}

    def test_gives_the_newest_first_unless_told(
        self, cloudwatch: Any, request: pytest.FixtureRequest
    ) -> None:
        one = query(request.node.name, "Maximum")
        assert values(cloudwatch, one) == {"m": [100.0, 50.0]}
        assert values(cloudwatch, one, ScanBy="TimestampAscending") == {"m": [50.0, 100.0]}

    def test_tells_metrics_apart_by_their_dimensions_values(
        self, cloudwatch: Any, request: pytest.FixtureRequest
    ) -> None:
        assert values(cloudwatch, query(request.node.name, service="worker")) == {"m": []}

    def test_calculates(self, cloudwatch: Any, request: pytest.FixtureRequest) -> None:
        counted = query(request.node.name, "SampleCount", period=300) | {"ReturnData": False}
        share = {"Id": "share", "Expression": "100 * m / 400"}
        assert values(cloudwatch, counted, share) == {"share": [25.0]}

    def test_says_what_it_cannot_calculate(self, cloudwatch: Any) -> None:
        with pytest.raises(ClientError, match="Error in expression"):
            values(cloudwatch, {"Id": "e", "Expression": "nobody + 1"})

    def test_says_when_times_are_the_wrong_way_round(self, cloudwatch: Any) -> None:
        with pytest.raises(ClientError, match="StartTime must be less"):
            cloudwatch.get_metric_data(MetricDataQueries=[query("n")], StartTime=at(1), EndTime=at(0))


class TestGetMetricStatistics:
    def test_gives_statistics_and_percentiles(self, cloudwatch: Any, request: pytest.FixtureRequest) -> None:
        told = cloudwatch.get_metric_statistics(
            Namespace=request.node.name,
            MetricName="latency",
            Dimensions=[{"Name": "service", "Value": "web"}],
            StartTime=at(0),
            EndTime=at(5),
            Period=300,
            Statistics=["Sum", "Average"],
            ExtendedStatistics=["p50", "p99"],
        )
        [point] = told["Datapoints"]
        assert (point["Sum"], point["Average"], point["Unit"]) == (5050.0, 50.5, "Milliseconds")
        assert point["ExtendedStatistics"] == {"p50": 50.0, "p99": 99.0}
        assert point["Timestamp"] == NOON
        assert told["Label"] == "latency"


class TestListMetrics:
    def test_names_each_metric_once(self, cloudwatch: Any, request: pytest.FixtureRequest) -> None:
        told = cloudwatch.list_metrics(Namespace=request.node.name)["Metrics"]
        assert told == [
            {
                "Namespace": request.node.name,
                "MetricName": "latency",
                "Dimensions": [{"Name": "service", "Value": "web"}],
            }
        ]
        filters = [{"Name": "service", "Value": "worker"}]
        assert cloudwatch.list_metrics(Namespace=request.node.name, Dimensions=filters)["Metrics"] == []

    def test_gives_pages(self, aws: Aws) -> None:
        client = aws("cloudwatch", "eu-west-3")
        for first in range(0, 600, 100):
            data = [{"MetricName": f"m{number:03}", "Value": 1.0} for number in range(first, first + 100)]
            client.put_metric_data(Namespace="pages", MetricData=data)
        pages = client.get_paginator("list_metrics").paginate(Namespace="pages")
        assert [len(page["Metrics"]) for page in pages] == [500, 100]


class TestPutMetricData:
    def test_takes_statistics_of_values_that_are_not_told(self, aws: Aws) -> None:
        client = aws("cloudwatch")
        told = {"SampleCount": 4.0, "Sum": 10.0, "Minimum": 1.0, "Maximum": 5.0}
        client.put_metric_data(
            Namespace="sets",
            MetricData=[{"MetricName": "latency", "Timestamp": at(1), "StatisticValues": told,
                         "Dimensions": [{"Name": "service", "Value": "web"}]}],
        )  # fmt: skip
        assert values(client, query("sets", "Average")) == {"m": [2.5]}


class TestAlarms:
    @pytest.fixture
    def alarm(self, aws: Aws, request: pytest.FixtureRequest) -> Callable[..., str]:
        """Makes an alarm on the sum of `errors` in the test's namespace, or on what it is given; tells its state."""
        client, name = aws("cloudwatch"), request.node.name
        plain = {"Namespace": name, "MetricName": "errors", "Period": 60, "Statistic": "Sum"}

        def state(**given: Any) -> str:
            rule = {"EvaluationPeriods": 1, "Threshold": 3.0, "ComparisonOperator": "GreaterThanThreshold"}
            if not client.describe_alarms(AlarmNames=[name])["MetricAlarms"]:
                client.put_metric_alarm(AlarmName=name, **(rule | (given or plain)))
            [told] = client.describe_alarms(AlarmNames=[name])["MetricAlarms"]
            return str(told["StateValue"])

        return state

    def put(self, aws: Aws, namespace: str, **values: float) -> None:
        aws("cloudwatch").put_metric_data(
            Namespace=namespace,
            MetricData=[{"MetricName": name, "Value": value} for name, value in values.items()],
        )

    def test_fire_by_what_is_measured(
        self, aws: Aws, alarm: Callable[..., str], request: pytest.FixtureRequest
    ) -> None:
        assert alarm() == "INSUFFICIENT_DATA"
        self.put(aws, request.node.name, errors=2)
        assert alarm() == "OK"
        self.put(aws, request.node.name, errors=2)
        assert alarm() == "ALARM"

    def test_may_be_calculated(
        self, aws: Aws, alarm: Callable[..., str], request: pytest.FixtureRequest
    ) -> None:
        def measured(name: str) -> dict[str, Any]:
            metric = {"Namespace": request.node.name, "MetricName": name}
            return {
                "Id": name,
                "ReturnData": False,
                "MetricStat": {"Metric": metric, "Period": 60, "Stat": "Sum"},
            }

        share = {"Id": "share", "Expression": "100 * errors / requests", "ReturnData": True}
        self.put(aws, request.node.name, errors=4, requests=100)
        assert alarm(Metrics=[measured("errors"), measured("requests"), share]) == "ALARM"
        self.put(aws, request.node.name, requests=100)
        assert alarm() == "OK"

    def test_stay_for_a_while_as_they_are_set_by_hand(
        self, aws: Aws, alarm: Callable[..., str], request: pytest.FixtureRequest
    ) -> None:
        alarm()
        name = request.node.name
        aws("cloudwatch").set_alarm_state(AlarmName=name, StateValue="ALARM", StateReason="a test")
        assert alarm() == "ALARM"
