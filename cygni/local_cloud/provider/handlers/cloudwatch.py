"""CloudWatch alarms on metrics."""

from __future__ import annotations

from typing import Any

from cygni.local_cloud.provider import shapes
from cygni.local_cloud.provider.handlers.base import (
    At,
    Handler,
    State,
    tag_changes,
    tag_list,
    tag_map,
    unless_gone,
)
from cygni.local_cloud.provider.wire import Values

_RENAME = {
    "name": "AlarmName",
    "arn": "AlarmArn",
    "okActions": "OKActions",
    "metricQueries": "Metrics",
    "evaluateLowSampleCountPercentiles": "EvaluateLowSampleCountPercentile",
}
_LISTS = ("alarmActions", "okActions", "insufficientDataActions")


class MetricAlarm(Handler):
    """An alarm; its id is its name."""

    token = "aws:cloudwatch/metricAlarm:MetricAlarm"

    def _wanted(self, at: At, inputs: State) -> dict[str, Any]:
        drop = ("region", "tags", "tagsAll", "dimensions", "metricQueries")
        client = at.client("cloudwatch")
        wanted = shapes.request(client, "PutMetricAlarm", inputs, rename=_RENAME, drop=drop)
        wanted["ActionsEnabled"] = bool(inputs.get("actionsEnabled", True))
        if inputs.get("dimensions"):
            wanted["Dimensions"] = _dimensions(inputs["dimensions"])
        if inputs.get("metricQueries"):
            wanted["Metrics"] = [_query(client, query) for query in inputs["metricQueries"]]
        return wanted

    def create(self, at: At, inputs: State) -> str:
        there = self.find(at, inputs)
        # PutMetricAlarm overwrites; an alarm of another program must not be taken over.
        if there and not self.owned(at, there[0], inputs):
            raise RuntimeError(f"an alarm named {inputs['name']} exists already")
        at.client("cloudwatch").put_metric_alarm(
            **self._wanted(at, inputs), Tags=tag_list(inputs.get("tagsAll"))
        )
        return str(inputs["name"])

    def read(self, at: At, id: str, known: State) -> Values | None:
        client = at.client("cloudwatch")
        alarms = client.describe_alarms(AlarmNames=[id], AlarmTypes=["MetricAlarm"])["MetricAlarms"]
        if not alarms:
            return None
        alarm = alarms[0]
        rename = _RENAME | {"dimensions": "", "metricQueries": ""}
        clears = ("alarmDescription", "unit", "datapointsToAlarm", *_LISTS)
        found = shapes.outputs(self.properties, alarm, rename=rename, clears=clears)
        tags = client.list_tags_for_resource(ResourceARN=alarm["AlarmArn"])["Tags"]
        found["dimensions"] = tag_map(alarm.get("Dimensions"), "Name") or None
        found["metricQueries"] = [self._query_of(query) for query in alarm.get("Metrics", [])] or None
        return found | {"id": alarm["AlarmName"], "tagsAll": tag_map(tags)}

    def _query_of(self, query: State) -> Values:
        nested = self.properties["metricQueries"].nested
        found: Values = shapes.outputs(nested, query, rename={"metric": ""})
        stat = query.get("MetricStat")
        if stat:
            members = nested["metric"].nested
            metric = {**stat.get("Metric", {}), **stat}
            found["metric"] = shapes.outputs(members, metric, rename={"dimensions": ""})
            found["metric"]["dimensions"] = tag_map(stat["Metric"].get("Dimensions"), "Name") or None
        return found

    def update(self, at: At, id: str, olds: State, news: State, changed: frozenset[str]) -> None:
        client = at.client("cloudwatch")
        if changed - {"tags", "tagsAll"}:
            client.put_metric_alarm(**self._wanted(at, news))
        put, removed = tag_changes(olds, news)
        if removed:
            client.untag_resource(ResourceARN=olds["arn"], TagKeys=removed)
        if put:
            client.tag_resource(ResourceARN=olds["arn"], Tags=tag_list(put))

    def delete(self, at: At, id: str, known: State) -> None:
        with unless_gone():
            at.client("cloudwatch").delete_alarms(AlarmNames=[id])

    def find(self, at: At, inputs: State) -> list[str]:
        name = inputs.get("name")
        if not name:
            return []
        alarms = at.client("cloudwatch").describe_alarms(AlarmNames=[name])["MetricAlarms"]
        return [alarm["AlarmName"] for alarm in alarms]


def _dimensions(dimensions: State) -> list[dict[str, str]]:
    return [{"Name": name, "Value": str(value)} for name, value in dimensions.items()]


def _query(client: Any, query: State) -> dict[str, Any]:
    given = {name: value for name, value in query.items() if name != "metric"}
    wanted: dict[str, Any] = shapes.value(client, "MetricDataQuery", given)
    wanted["ReturnData"] = bool(query.get("returnData"))
    metric = query.get("metric")
    if metric:
        named = {"Namespace": metric.get("namespace"), "MetricName": metric["metricName"]}
        stat = {"Period": int(metric["period"]), "Stat": metric["stat"], "Unit": metric.get("unit")}
        wanted["MetricStat"] = {
            "Metric": {name: value for name, value in named.items() if value}
            | {"Dimensions": _dimensions(metric.get("dimensions") or {})},
            **{name: value for name, value in stat.items() if value},
        }
    return wanted
