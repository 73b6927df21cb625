"""CloudWatch log groups, metric alarms and dashboards."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from cygni.pricing import inputs
from cygni.pricing.charges import (
    Amount,
    Charge,
    Estimator,
    Free,
    Gap,
    Measured,
    Quantity,
    by_usage,
    fixed,
    one_of,
)
from cygni.pricing.money import HOURS_PER_MONTH
from cygni.pricing.parts import priced
from cygni.pricing.resource_set import ResourceSet
from cygni.pricing.usage import Usage
from cygni.resources import Resource

INGEST: Final = by_usage(
    "log ingestion",
    "AmazonCloudWatch",
    "logs-ingest",
    "GB",
    "log_ingest_gb",
    log_class="standard",
    allowance="log-data",
)
SELDOM: Final = by_usage(
    "log ingestion, infrequent access", "AmazonCloudWatch", "logs-ingest", "GB", "log_ingest_gb",
    log_class="infrequent_access", allowance="log-data",
)  # fmt: skip
FLOW_LOGS: Final = {
    destination: by_usage(
        f"flow logs to {words}",
        "AmazonCloudWatch",
        "vended-logs",
        "GB",
        "log_ingest_gb",
        destination=destination,
    )
    for destination, words in (("s3", "S3"), ("kinesis-data-firehose", "Firehose"))
}
STORAGE: Final = by_usage("log storage", "AmazonCloudWatch", "logs-storage", "GB-month", "log_ingest_gb")
ALARM: Final = fixed(
    "alarm", "AmazonCloudWatch", "alarm", "alarm-metric-month", resolution="standard", allowance="alarms"
)
FAST_ALARM: Final = fixed(
    "high-resolution alarm", "AmazonCloudWatch", "alarm", "alarm-metric-month", resolution="high"
)
DASHBOARD: Final = fixed(
    "dashboard", "AmazonCloudWatch", "dashboard", "dashboard-month", allowance="dashboards"
)

_A_YEAR: Final = Decimal(365)


_CLASSES: Final = {"STANDARD": INGEST, "INFREQUENT_ACCESS": SELDOM}


def _log_group(resource: Resource, resources: ResourceSet, usage: Usage) -> Measured:
    kind = inputs.text(resource.inputs, "logGroupClass", "STANDARD")
    if kind not in _CLASSES:
        reason = kind if isinstance(kind, Gap) else Gap(f"no price for the log class {kind}")
        return [Amount(INGEST, reason), Amount(STORAGE, reason)]
    return _kept_logs(resource, usage, _CLASSES[str(kind)])


def _kept_logs(resource: Resource, usage: Usage, ingestion: Charge) -> Iterator[Amount]:
    yield one_of(ingestion, usage)
    days = inputs.whole(resource.inputs, "retentionInDays", 0)
    rate = usage.describe("log_ingest_gb")
    if isinstance(days, Gap):
        yield Amount(STORAGE, days)
    elif not days:
        yield Amount(STORAGE, _stored(usage, _A_YEAR), f"{rate}, kept for ever: what a year brings together")
    else:
        yield Amount(STORAGE, _stored(usage, days), f"{rate}, kept {days} days")


def _flow_log(resource: Resource, resources: ResourceSet, usage: Usage) -> Measured:
    destination = inputs.text(resource.inputs, "logDestinationType", "cloud-watch-logs")
    if destination == "cloud-watch-logs":
        return Free("billed with the log group it writes to")
    if destination in FLOW_LOGS:
        return [one_of(FLOW_LOGS[str(destination)], usage)]
    reason = destination if isinstance(destination, Gap) else Gap(f"no price for flow logs to {destination}")
    return [Amount(INGEST, reason)]


def _stored(usage: Usage, days: Decimal) -> Decimal:
    return (usage.amount("log_ingest_gb") * days * 24 / HOURS_PER_MONTH).quantize(Decimal("0.000001"))


def _alarm(resource: Resource, resources: ResourceSet, usage: Usage) -> Measured:
    queries = inputs.objects(resource.inputs, "metricQueries")
    if isinstance(queries, Gap):
        return [Amount(ALARM, queries)]
    periods = [resource.inputs.get("period"), *(_period(query) for query in queries)]
    seconds = [inputs.whole({"period": period}, "period", 60) for period in periods]
    fast = any(not isinstance(each, Gap) and 0 < each < 60 for each in seconds)
    return [Amount(FAST_ALARM if fast else ALARM, _metrics(resource, queries))]


def _period(query: Mapping[str, Any]) -> Any:
    metric = query.get("metric")
    return metric.get("period") if isinstance(metric, Mapping) else query.get("period")


def _metrics(resource: Resource, queries: Sequence[Mapping[str, Any]]) -> Quantity:
    """AWS bills each metric an alarm looks at, and three for each one judged by an anomaly band."""
    if any(str(query.get("expression", "")).strip().upper().startswith("SELECT") for query in queries):
        return Gap("an alarm on a Metrics Insights query is billed by the metrics it finds")
    metrics = sum(query.get("metric") is not None for query in queries) or 1
    return Decimal(metrics * 3 if resource.inputs.get("thresholdMetricId") is not None else metrics)


ESTIMATORS: Final = (
    Estimator(
        ("aws:cloudwatch/logGroup:LogGroup",),
        (INGEST, SELDOM, STORAGE),
        _log_group,
        (
            (
                "Storage is what the assumed ingestion brings together within `retentionInDays`, or within a year "
                "when logs are kept for ever; compression is not counted, so it is an upper bound."
            ),
        ),
    ),
    Estimator(
        ("aws:ec2/flowLog:FlowLog",),
        (INGEST, *FLOW_LOGS.values()),
        _flow_log,
        (
            "What flow logs bring to a log group counts like any other log; elsewhere they are billed as delivered.",
        ),
    ),
    Estimator(
        ("aws:cloudwatch/metricAlarm:MetricAlarm",),
        (ALARM, FAST_ALARM),
        _alarm,
        (
            "One per metric; three per metric with an anomaly detection band.",
            "High resolution when a period is below 60 seconds.",
        ),
    ),
    Estimator(("aws:cloudwatch/dashboard:Dashboard",), (DASHBOARD,)),
    priced(
        "aws:cloudwatch/compositeAlarm:CompositeAlarm",
        parts=(fixed("composite alarm", "AmazonCloudWatch", "composite-alarm", "alarm-month"),),
    ),
    priced(
        "aws:cloudwatch/metricStream:MetricStream",
        parts=(
            by_usage(
                "metric updates", "AmazonCloudWatch", "metric-stream-updates", "update", "metric_updates"
            ),
        ),
    ),
    priced(
        "aws:cloudwatch/contributorInsightRule:ContributorInsightRule",
        parts=(
            fixed("rule", "AmazonCloudWatch", "contributor-insights-rule", "rule-month"),
            by_usage(
                "matched events", "AmazonCloudWatch", "contributor-insights-events", "event", "metric_updates"
            ),
        ),
    ),
    priced(
        "aws:cloudwatch/logMetricFilter:LogMetricFilter",
        parts=(
            fixed(
                "custom metric",
                "AmazonCloudWatch",
                "metric",
                "metric-month",
                tiered=True,
                kind="custom",
                allowance="metrics",
            ),
        ),
        notes=("One metric; with dimensions there is one for each combination of their values.",),
    ),
)
