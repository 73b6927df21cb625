"""Takes the metrics that the data plane reports into CloudWatch."""

from __future__ import annotations

import time
from collections.abc import Mapping

from cygni.local_cloud import moto_cloudwatch
from cygni.local_cloud.data_plane.reports import MetricDatum, MetricTotals, Report
from cygni.local_cloud.metric_store import MetricKey

_COUNTED: dict[tuple[str, str, MetricKey], Mapping[float, float]] = {}
"""What was told last by each source (and region) of each metric."""


def take(reports: tuple[MetricDatum | MetricTotals, ...]) -> None:
    for report in reports:
        key = MetricKey.of(report.namespace, report.name, report.dimensions)
        seen = dict(zip(report.values, report.counts, strict=True))
        if isinstance(report, MetricTotals):
            place = (report.source, report.region, key)
            before = _COUNTED.get(place, {})
            _COUNTED[place] = seen
            seen = {value: count - before.get(value, 0) for value, count in seen.items()}
            seen = {value: count for value, count in seen.items() if count > 0}
        if seen:
            at = report.timestamp or time.time()
            moto_cloudwatch.store(report.region).at(key, at, report.unit).add(seen)


def reported() -> tuple[Report, ...]:
    return ()  # sources tell totals


def forget() -> None:
    _COUNTED.clear()
    moto_cloudwatch.forget()
