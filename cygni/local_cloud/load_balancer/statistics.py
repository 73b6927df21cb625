"""Envoy's counters as CloudWatch's metrics of application load balancers. Pure.

What is read are totals since Envoy began, and totals are what is reported: the server takes the difference, so that a
data plane that was killed counts nothing twice and loses nothing.

Names and dimensions are AWS's ("CloudWatch metrics for your Application Load Balancer"); a request has an answer of
its target's (HTTPCode_Target_*) or of the load balancer's (HTTPCode_ELB_*, which are not told by target group).
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from cygni.local_cloud.load_balancer.listeners import STATISTICS

NAMESPACE = "AWS/ApplicationELB"
Dimensions = tuple[tuple[str, str], ...]

_NAME = re.compile(
    rf"^{STATISTICS}\.(?:requests|time)\.lb\.(?P<lb>[^.]+)\.tg\.(?P<tg>[^.]*)"
    r"(?:\.code\.(?P<code>\d+)\.why\.(?P<why>.+))?$"
)
_FROM_TARGET = ("via_upstream", "upstream_reset_after_response_started")
_NO_TARGET = ("no_healthy_upstream", "cluster_not_found")
_NO_CONNECTION = ("upstream_reset_before_response_started{remote_connection_failure",
                  "upstream_reset_before_response_started{connection_timeout",
                  "upstream_reset_before_response_started{local_connection_failure")  # fmt: skip
_CLIENT_LEFT = 460  # Elastic Load Balancing: HTTP 460, "the client closed the connection"


@dataclass(frozen=True, slots=True)
class Metric:
    name: str
    dimensions: Dimensions
    unit: str


Totals = Mapping[Metric, Mapping[float, float]]
"""Of each metric, how often each value was seen."""


def totals(statistics: Iterable[Mapping[str, Any]]) -> Totals:
    """What Envoy's admin interface told, as totals of metrics."""
    found: defaultdict[Metric, Counter[float]] = defaultdict(Counter)
    for one in statistics:
        if "histograms" in one:
            for histogram in one["histograms"].get("details", ()):
                _take_times(found, histogram)
        else:
            _take_requests(found, str(one["name"]), int(one["value"]))
    return found


def _take_requests(found: defaultdict[Metric, Counter[float]], name: str, count: int) -> None:
    told = _NAME.match(name)
    if told is None or told["code"] is None or not count:
        return
    group = told["tg"] or None  # rules that answer by themselves name no group
    code, why = int(told["code"]) or _CLIENT_LEFT, told["why"]
    for metric in _metrics(code, why, chosen=group is not None and not why.startswith(_NO_TARGET)):
        for dimensions in _dimensions(told["lb"], None if metric.startswith(_NOT_BY_GROUP) else group):
            found[Metric(metric, dimensions, "Count")][1.0] += count


_NOT_BY_GROUP = ("HTTPCode_ELB", "HTTP_")


def _metrics(code: int, why: str, *, chosen: bool) -> Iterable[str]:
    """The metrics that one request counts in. `chosen`: a target was found for it."""
    if chosen:
        yield "RequestCount"
    if why.startswith(_FROM_TARGET):
        yield f"HTTPCode_Target_{code // 100}XX_Count"
        return
    if why.startswith(_NO_CONNECTION):
        yield "TargetConnectionErrorCount"
    if why == "direct_response":
        yield "HTTP_Redirect_Count" if code in (301, 302) else "HTTP_Fixed_Response_Count"
    if code >= 300:
        yield f"HTTPCode_ELB_{code // 100}XX_Count"
    if code in (500, 502, 503, 504):
        yield f"HTTPCode_ELB_{code}_Count"


def _take_times(found: defaultdict[Metric, Counter[float]], histogram: Mapping[str, Any]) -> None:
    told = _NAME.match(str(histogram["name"]))
    if told is None:
        return
    for dimensions in _dimensions(told["lb"], told["tg"]):
        values = found[Metric("TargetResponseTime", dimensions, "Seconds")]
        for bin_ in histogram.get("totals", ()):
            middle = (bin_["lower_bound"] + bin_["width"] / 2) / 1e6
            values[round(middle, 9)] += bin_["count"]


def _dimensions(balancer: str, group: str | None) -> Iterable[Dimensions]:
    yield (("LoadBalancer", balancer),)
    if group is not None:
        yield (("LoadBalancer", balancer), ("TargetGroup", group))
