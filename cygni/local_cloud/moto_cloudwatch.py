"""Where moto's CloudWatch differs from AWS in a way that releases meet; applied by moto_fixes.py.

moto knows no percentiles, compares the dimensions of a metric by their names alone in places, begins periods at odd
seconds, and knows one expression: the id of another query. Here the data points are in a store of their own
(metric_store.py), and so are those that the data plane reports.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

from cygni.local_cloud.metric_math import Series, evaluate
from cygni.local_cloud.metric_store import MetricKey, MetricStore
from cygni.local_cloud.moto_alarms import fix_alarms

_STORES: defaultdict[str, MetricStore] = defaultdict(MetricStore)
"""By region; the local cloud has one account."""


def store(region: str) -> MetricStore:
    return _STORES[region]


def forget() -> None:
    """Drop every data point."""
    _STORES.clear()


def fix_cloudwatch() -> None:
    """Called once, before moto's CloudWatch answers."""
    from moto.cloudwatch.exceptions import InvalidParameterValue, ValidationError
    from moto.cloudwatch.models import CloudWatchBackend
    from moto.cloudwatch.responses import CloudWatchResponse

    def put_metric_data(backend: Any, namespace: str, metric_data: list[dict[str, Any]]) -> None:
        for number, metric in enumerate(metric_data, start=1):
            backend._validate_parameters_put_metric_data(metric, number)  # noqa: SLF001
        for metric in metric_data:
            _put(store(backend.region_name), namespace, metric)

    def get_metric_data(
        backend: Any,
        queries: list[dict[str, Any]],
        start_time: datetime,
        end_time: datetime,
        scan_by: str = "TimestampAscending",
    ) -> list[dict[str, Any]]:
        start, end = _seconds(start_time), _seconds(end_time)
        if start >= end:
            raise ValidationError("The parameter StartTime must be less than the parameter EndTime.")
        try:
            found = series_of(store(backend.region_name), queries, start, end)
        except ValueError as error:
            raise ValidationError(str(error)) from None
        return [
            _result(query, found[query["Id"]], newest_first=scan_by == "TimestampDescending")
            for query in queries
            if str(query.get("ReturnData", True)).lower() != "false"
        ]

    def list_metrics(
        backend: Any, next_token: Any, namespace: str, metric_name: str, dimensions: Any
    ) -> tuple[str | None, list[Any]]:
        keys = [
            key
            for key in store(backend.region_name).keys()  # noqa: SIM118  # no dictionary
            if _is_asked_for(key, namespace, metric_name, dimensions or ())
        ]
        begin = int(next_token or 0)
        page = [_metric(key) for key in keys[begin : begin + 500]]
        return (str(begin + 500) if len(keys) > begin + 500 else None), page

    def get_metric_statistics(response: Any) -> Any:
        from moto.core.responses import ActionResult

        asked = response._get_params()  # noqa: SLF001
        if _seconds(asked["StartTime"]) >= _seconds(asked["EndTime"]):
            raise InvalidParameterValue("The parameter StartTime must be less than the parameter EndTime.")
        points = _statistics(store(response.cloudwatch_backend.region_name), asked)
        return ActionResult({"Label": asked["MetricName"], "Datapoints": points})

    CloudWatchBackend.put_metric_data = put_metric_data
    CloudWatchBackend.get_metric_data = get_metric_data
    CloudWatchBackend.list_metrics = list_metrics
    CloudWatchResponse.get_metric_statistics = get_metric_statistics
    fix_alarms(
        lambda backend, queries, start, end: series_of(store(backend.region_name), queries, start, end)
    )


def series_of(
    metrics: MetricStore, queries: Iterable[Mapping[str, Any]], start: float, end: float
) -> dict[str, Series]:
    """What each query of GetMetricData gives, by its id. Raises ValueError for an expression that is not
    understood."""
    found: dict[str, Series] = {}
    expressions = []
    for query in queries:
        if "MetricStat" in query:
            found[query["Id"]] = _measured(metrics, query["MetricStat"], start, end)
        else:
            expressions.append(query)
    for query in expressions:
        found[query["Id"]] = evaluate(query["Expression"], found)
    return found


def _measured(metrics: MetricStore, asked: Mapping[str, Any], start: float, end: float) -> Series:
    metric = asked["Metric"]
    key = _key(metric["Namespace"], metric["MetricName"], metric.get("Dimensions") or ())
    points = metrics.query(key, start, end, int(asked["Period"]), asked.get("Unit"))
    values = {at: distribution.statistic(asked["Stat"]) for at, distribution in points}
    return {at: value for at, value in values.items() if value is not None}


def _statistics(metrics: MetricStore, asked: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The data points of GetMetricStatistics."""
    key = _key(asked["Namespace"], asked["MetricName"], asked.get("Dimensions") or ())
    points = []
    for at, distribution in metrics.query(
        key, _seconds(asked["StartTime"]), _seconds(asked["EndTime"]), int(asked["Period"]), asked.get("Unit")
    ):
        point: dict[str, Any] = {"Timestamp": datetime.fromtimestamp(at, UTC), "Unit": distribution.unit}
        point |= {name: distribution.statistic(name) for name in asked.get("Statistics") or ()}
        extended = {name: distribution.statistic(name) for name in asked.get("ExtendedStatistics") or ()}
        if extended:
            point["ExtendedStatistics"] = extended
        points.append(point)
    return points


def _put(metrics: MetricStore, namespace: str, metric: Mapping[str, Any]) -> None:
    at = metric.get("Timestamp") or datetime.now(UTC)
    key = _key(namespace, metric["MetricName"], metric.get("Dimensions") or ())
    distribution = metrics.at(key, _seconds(at), metric.get("Unit") or "None")
    if metric.get("Values"):
        counts = metric.get("Counts") or [1] * len(metric["Values"])
        for value, count in zip(metric["Values"], counts, strict=True):
            distribution.add({float(value): float(count)})
    elif metric.get("StatisticValues"):
        told = metric["StatisticValues"]
        distribution.add_statistics(
            float(told["Sum"]), float(told["SampleCount"]), float(told["Minimum"]), float(told["Maximum"])
        )
    else:
        distribution.add({float(metric.get("Value") or 0): 1.0})


def _result(query: Mapping[str, Any], series: Series, *, newest_first: bool) -> dict[str, Any]:
    times = sorted(series, reverse=newest_first)
    metric = query.get("MetricStat", {}).get("Metric", {}).get("MetricName")
    return {
        "id": query["Id"],
        "label": query.get("Label") or metric or query["Id"],
        "values": [series[at] for at in times],
        "timestamps": [datetime.fromtimestamp(at, UTC) for at in times],
        "status_code": "Complete",
    }


def _metric(key: MetricKey) -> Any:
    dimensions = [SimpleNamespace(name=name, value=value) for name, value in key.dimensions]
    return SimpleNamespace(
        namespace=key.namespace, metric_name=key.name, name=key.name, dimensions=dimensions
    )


def _is_asked_for(key: MetricKey, namespace: Any, name: Any, dimensions: Iterable[Any]) -> bool:
    told = dict(key.dimensions)
    return (
        (not namespace or key.namespace == namespace)
        and (not name or key.name == name)
        and all(one["Name"] in told and one.get("Value") in (None, told[one["Name"]]) for one in dimensions)
    )


def _key(namespace: str, name: str, dimensions: Iterable[Mapping[str, str]]) -> MetricKey:
    return MetricKey.of(namespace, name, ((one["Name"], one["Value"]) for one in dimensions))


def _seconds(at: datetime) -> float:
    """moto gives times without a zone, which are UTC."""
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()
