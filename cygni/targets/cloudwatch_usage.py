"""Asks CloudWatch how much resources are used."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from cygni.pricing.usage_metrics import Points, Query
from cygni.targets.fargate.clients import asking

_A_CALL: Final = 500  # queries of GetMetricData, its API reference

ClientOf = Callable[[str], Any]
"""The client of CloudWatch of a region."""


def ask(
    wanted: Sequence[Query], client_of: ClientOf, start: datetime, end: datetime
) -> Mapping[Query, Points]:
    """The values of every query, one for each period between two midnights (UTC). Raises AuthError, ResourceFailed."""
    regions: defaultdict[str, list[Query]] = defaultdict(list)
    for query in wanted:
        regions[query.region].append(query)
    found: dict[Query, Points] = {}
    for region, own in sorted(regions.items()):
        with asking(f"CloudWatch of {region} does not tell what is used"):
            for at in range(0, len(own), _A_CALL):
                found |= _asked(client_of(region), own[at : at + _A_CALL], start, end)
    return found


def _asked(client: Any, wanted: Sequence[Query], start: datetime, end: datetime) -> dict[Query, Points]:
    pages = client.get_paginator("get_metric_data").paginate(
        MetricDataQueries=[_query(f"q{number}", one) for number, one in enumerate(wanted)],
        StartTime=start,
        EndTime=end,
        ScanBy="TimestampAscending",
    )
    found: dict[Query, list[tuple[datetime, float]]] = {one: [] for one in wanted}
    for page in pages:
        for result in page["MetricDataResults"]:
            points = zip(result["Timestamps"], result["Values"], strict=True)
            found[wanted[int(result["Id"][1:])]] += points
    return {query: sorted(points) for query, points in found.items()}


def _query(id: str, query: Query) -> dict[str, Any]:
    return {
        "Id": id,
        "MetricStat": {
            "Metric": {
                "Namespace": query.metric.namespace,
                "MetricName": query.name,
                "Dimensions": [{"Name": name, "Value": value} for name, value in query.dimensions],
            },
            "Period": query.metric.period,
            "Stat": query.metric.statistic,
        },
    }
