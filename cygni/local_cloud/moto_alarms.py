"""moto's alarms never change their state by themselves. Here they are evaluated when somebody asks for them; applied by
moto_cloudwatch.py. They start no actions."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from typing import Any

from cygni.local_cloud.alarm_states import Rule, is_known, state_of, window
from cygni.local_cloud.metric_math import Series
from cygni.local_cloud.patching import after, before

SeriesOf = Callable[[Any, list[dict[str, Any]], float, float], Mapping[str, Series]]
"""Of moto's backend and queries of GetMetricData, from when to when."""

_SET_SECONDS = 60
"""How long a state that was set by hand stays; AWS evaluates an alarm once a minute."""


def fix_alarms(series_of: SeriesOf) -> None:
    from moto.cloudwatch.models import Alarm, CloudWatchBackend
    from moto.cloudwatch.responses import CloudWatchResponse

    def begin(alarm: Any, answer: Any, *args: Any, **named: Any) -> None:
        alarm.state_value = "INSUFFICIENT_DATA"
        alarm.set_until = 0.0

    def remember(backend: Any, answer: Any, alarm_name: str, *args: Any, **named: Any) -> None:
        backend.alarms[alarm_name].set_until = time.time() + _SET_SECONDS

    def evaluate_all(response: Any) -> None:
        backend = response.cloudwatch_backend
        for alarm in backend.alarms.values():
            if alarm.rule is None and is_known(alarm.comparison_operator):
                _evaluate(alarm, backend, series_of)

    after(Alarm, "__init__", begin)
    after(CloudWatchBackend, "set_alarm_state", remember)
    before(CloudWatchResponse, "describe_alarms", evaluate_all)
    before(CloudWatchResponse, "describe_alarms_for_metric", evaluate_all)


def _evaluate(alarm: Any, backend: Any, series_of: SeriesOf) -> None:
    now = time.time()
    if now < alarm.set_until:
        return
    queries, shown = _queries(alarm)
    periods = int(alarm.evaluation_periods)
    rule = Rule(
        comparison=alarm.comparison_operator,
        threshold=float(alarm.threshold),
        seconds=int(next(query["MetricStat"]["Period"] for query in queries if "MetricStat" in query)),
        periods=periods,
        datapoints=int(alarm.datapoints_to_alarm or periods),
        missing=alarm.treat_missing_data or "missing",
    )
    try:
        series = series_of(backend, queries, *window(rule, now))[shown]
    except ValueError:  # an expression that is not understood here
        return
    found = state_of(rule, series, now)
    if found is not None and found[0] != alarm.state_value:
        alarm.update_state(found[1], json.dumps({"version": "1.0"}), found[0])


def _queries(alarm: Any) -> tuple[list[dict[str, Any]], str]:
    """The alarm's metrics as queries of GetMetricData, and the id of the one that is compared."""
    if not alarm.metric_data_queries:
        statistic = alarm.statistic or alarm.extended_statistic
        return [
            _measured("m", alarm.namespace, alarm.metric_name, alarm.dimensions, alarm.period, statistic)
        ], "m"
    queries, shown = [], ""
    for query in alarm.metric_data_queries:
        if str(query.return_data).lower() != "false":
            shown = query.id
        if query.expression:
            queries.append({"Id": query.id, "Expression": query.expression})
        else:
            told, metric = query.metric_stat, query.metric_stat.metric
            queries.append(
                _measured(
                    query.id, metric.namespace, metric.metric_name, metric.dimensions, told.period, told.stat
                )
            )
    return queries, shown


def _measured(
    id: str, namespace: str, name: str, dimensions: Any, period: Any, statistic: str
) -> dict[str, Any]:
    return {
        "Id": id,
        "MetricStat": {
            "Metric": {
                "Namespace": namespace,
                "MetricName": name,
                "Dimensions": [{"Name": one.name, "Value": one.value} for one in dimensions],
            },
            "Period": int(period),
            "Stat": statistic,
        },
    }
