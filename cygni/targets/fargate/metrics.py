"""What the load balancer counted: CloudWatch's metrics of Application Load Balancers, and alarms."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from cygni.releases.observed import QUANTILES, AlarmState, Period, Place
from cygni.targets.fargate.clients import Clients, asking
from cygni.targets.fargate.running import Running, RunningService

_NAMESPACE: Final = "AWS/ApplicationELB"
_REQUESTS: Final = "RequestCount"
_ERRORS: Final = ("HTTPCode_Target_5XX_Count", "TargetConnectionErrorCount")
"""Answers with 5xx, and connections that could not be made: to the client, a 502. Per target group, these are all
the failures that AWS counts (CloudWatch metrics for your Application Load Balancer)."""
_LATENCY: Final = "TargetResponseTime"
_QUERIES_A_CALL: Final = 500
_ALARMS_A_CALL: Final = 100

_STATES: Final = {
    "OK": AlarmState.OK,
    "ALARM": AlarmState.ALARM,
    "INSUFFICIENT_DATA": AlarmState.INSUFFICIENT_DATA,
}

Column = tuple[Place, str]
"""A place and what is counted of it: a metric, or a percentile such as `p95`."""


class LoadBalancerMetrics:
    """Values of `period` seconds, which are taken `delay` seconds after they end: until then they may grow."""

    def __init__(self, clients: Clients, running: Running, *, period: float, delay: float) -> None:
        self.period = period
        self.delay = delay
        self._clients = clients
        self._running = running

    def read(
        self, places: Sequence[Place], start: datetime, end: datetime
    ) -> Mapping[Place, Sequence[Period]]:
        """As `cygni.releases.protocols.Metrics`."""
        first, last = whole_periods(start, end - timedelta(seconds=self.delay), self.period)
        wanted = [place for place in places if self._running.service(place.service).load_balancer]
        if first >= last or not wanted:
            return {}
        columns = [(place, name) for place in wanted for name in (_REQUESTS, *_ERRORS, *_percentiles())]
        values: dict[Column, Mapping[datetime, float]] = {}
        with asking("what the load balancer counted is not known"):
            for at in range(0, len(columns), _QUERIES_A_CALL):
                values |= self._values(columns[at : at + _QUERIES_A_CALL], first, last)
        return {place: tuple(_periods(place, values, self.period)) for place in wanted}

    def alarms(self, names: Sequence[str]) -> Mapping[str, AlarmState]:
        """As `cygni.releases.protocols.Metrics`."""
        found = dict.fromkeys(names, AlarmState.MISSING)
        with asking("the state of the alarms is not known"):
            for at in range(0, len(names), _ALARMS_A_CALL):
                answer = self._clients("cloudwatch").describe_alarms(
                    AlarmNames=list(names[at : at + _ALARMS_A_CALL]),
                    AlarmTypes=["MetricAlarm", "CompositeAlarm"],
                )
                for one in (*answer.get("MetricAlarms", []), *answer.get("CompositeAlarms", [])):
                    found[one["AlarmName"]] = _STATES[one["StateValue"]]
        return found

    def _values(
        self, columns: Sequence[Column], first: datetime, last: datetime
    ) -> dict[Column, Mapping[datetime, float]]:
        queries = [self._query(f"q{number}", *column) for number, column in enumerate(columns)]
        pages = (
            self._clients("cloudwatch")
            .get_paginator("get_metric_data")
            .paginate(MetricDataQueries=queries, StartTime=first, EndTime=last, ScanBy="TimestampAscending")
        )
        found: dict[Column, dict[datetime, float]] = {column: {} for column in columns}
        for page in pages:
            for result in page["MetricDataResults"]:
                values = zip(result["Timestamps"], result["Values"], strict=True)
                found[columns[int(result["Id"][1:])]] |= {at.astimezone(UTC): value for at, value in values}
        return dict(found)

    def _query(self, id: str, place: Place, name: str) -> dict[str, Any]:
        quantile = name.startswith("p")
        return {
            "Id": id,
            "MetricStat": {
                "Metric": {
                    "Namespace": _NAMESPACE,
                    "MetricName": _LATENCY if quantile else name,
                    "Dimensions": dimensions(self._running.service(place.service), place),
                },
                "Period": int(self.period),
                "Stat": name if quantile else "Sum",
            },
        }


def dimensions(service: RunningService, place: Place) -> list[dict[str, str]]:
    """By which CloudWatch tells the colours apart: a target group's ARN ends with `:targetgroup/NAME/ID`."""
    group = service.target_groups[place.colour].rpartition(":")[2]
    return [{"Name": "LoadBalancer", "Value": service.load_balancer}, {"Name": "TargetGroup", "Value": group}]


def whole_periods(start: datetime, end: datetime, period: float) -> tuple[datetime, datetime]:
    """The beginning of the first and the end of the last period that lie within: CloudWatch's begin at multiples."""
    first = -(-start.timestamp() // period) * period
    last = end.timestamp() // period * period
    return datetime.fromtimestamp(first, UTC), datetime.fromtimestamp(last, UTC)


def _percentiles() -> tuple[str, ...]:
    return tuple(f"p{100 * quantile:g}" for quantile in QUANTILES)


def _periods(
    place: Place, values: Mapping[Column, Mapping[datetime, float]], seconds: float
) -> Iterator[Period]:
    """Of the periods in which there was a request, or one that failed."""
    requests = values[place, _REQUESTS]
    errors = [values[place, name] for name in _ERRORS]
    for at in sorted({*requests, *(at for one in errors for at in one)}):
        latency = {
            quantile: values[place, name][at]
            for quantile, name in zip(QUANTILES, _percentiles(), strict=True)
            if at in values[place, name]
        }
        failed = int(sum(one.get(at, 0) for one in errors))
        # A connection that failed is counted as no request of the target group.
        yield Period(at, seconds, max(int(requests.get(at, 0)), failed), failed, latency)
