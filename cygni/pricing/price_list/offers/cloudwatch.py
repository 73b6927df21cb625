"""Amazon CloudWatch: alarms, metrics and logs."""

from __future__ import annotations

from typing import Final

from cygni.pricing.price_list.rules import GB, GB_MONTHS, Offer, Ranges, Rule, spelled

_WATCH: Final = "AmazonCloudWatch"
_ALARMS: Final = spelled("alarms", "alarm")
_PAYLOAD: Final = {"Product Family": "Data Payload"}
_METRICS: Final = ("custom", "ec2 detailed monitoring, 7 metrics/instance")


def _metric(kind: str) -> Rule:
    """The book holds the first tier alone."""
    return Rule(
        _WATCH,
        "metric",
        "metric-month",
        spelled("metrics", "metric"),
        r"CW:MetricMonitorUsage",
        attributes={"kind": kind, "tier": "first 10k metrics"},
        ranges=Ranges.FIRST,
    )


def _alarm(usage_type: str, resolution: str) -> Rule:
    attributes = {"resolution": resolution}
    return Rule(_WATCH, "alarm", "alarm-metric-month", _ALARMS, usage_type, attributes=attributes)


def _ingest(usage_type: str, log_class: str) -> Rule:
    attributes = {"log_class": log_class}
    return Rule(_WATCH, "logs-ingest", "GB", GB, usage_type, where=_PAYLOAD, attributes=attributes)


OFFER: Final = Offer(
    _WATCH,
    (
        _alarm(r"CW:AlarmMonitorUsage", "standard"),
        _alarm(r"CW:HighResAlarmMonitorUsage", "high"),
        Rule(_WATCH, "composite-alarm", "alarm-month", _ALARMS, r"CW:CompositeAlarmMonitorUsage"),
        *(_metric(kind) for kind in _METRICS),
        _ingest(r"DataProcessing-Bytes", "standard"),
        _ingest(r"DataProcessingIA-Bytes", "infrequent_access"),
        Rule(_WATCH, "logs-insights", "GB", GB, r"DataScanned-Bytes", where=_PAYLOAD),
        Rule(
            _WATCH,
            "logs-storage",
            "GB-month",
            GB_MONTHS,
            r"TimedStorage-ByteHrs",
            where={"Product Family": "Storage Snapshot"},
        ),
    ),
)
