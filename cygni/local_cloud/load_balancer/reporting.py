"""Reads Envoy's counters every few seconds and reports what has changed."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping

from cygni.errors import LocalCloudError
from cygni.local_cloud.data_plane.reports import MetricDatum, MetricTotals, Report
from cygni.local_cloud.data_plane.snapshot import ElasticLoadBalancing, Forward, Target
from cygni.local_cloud.load_balancer import names
from cygni.local_cloud.load_balancer.admin import Admin
from cygni.local_cloud.load_balancer.configuration import used_groups
from cygni.local_cloud.load_balancer.health import Health, counts
from cygni.local_cloud.load_balancer.listeners import STATISTICS
from cygni.local_cloud.load_balancer.statistics import NAMESPACE, Dimensions, Metric, totals

READ_SECONDS = 2.0
_HOSTS_SECONDS = 10.0

HealthByGroup = Mapping[str, Mapping[Target, Health]]


class MetricReporter:
    """Used by one thread."""

    def __init__(self, admin: Admin, report: Callable[[Report], None]):
        self._admin = admin
        self._report = report
        self._told: dict[tuple[str, Metric], Mapping[float, float]] = {}
        self._read_after = 0.0
        self._hosts: list[MetricDatum] = []
        self._hosts_after = 0.0

    def tick(self, elbv2: ElasticLoadBalancing, health: HealthByGroup, source: str) -> None:
        """Read and report when it is time."""
        now = time.monotonic()
        if now >= self._read_after:
            self._read_after = now + READ_SECONDS
            self.tell(elbv2, health, source)

    def tell(self, elbv2: ElasticLoadBalancing, health: HealthByGroup, source: str) -> None:
        """Read and report now. `source` names the process that counts."""
        self._tell_hosts(elbv2, health)
        try:
            read = self._admin.statistics(STATISTICS)
        except LocalCloudError:  # it has just begun, or ended
            return
        regions = {names.load_balancer(one.arn): one.arn.split(":")[3] for one in elbv2.load_balancers}
        now = time.time()
        for metric, values in totals(read).items():
            if self._told.get((source, metric)) != values:
                self._told[source, metric] = values
                region = regions.get(dict(metric.dimensions)["LoadBalancer"])
                if region is not None:
                    self._report(_totals(source, metric, values, now, region))

    def _tell_hosts(self, elbv2: ElasticLoadBalancing, health: HealthByGroup) -> None:
        """HealthyHostCount and UnHealthyHostCount: when they change, and now and then."""
        found = [
            datum for dimensions, arn, region in _pairs(elbv2) for datum in _hosts(
                dimensions, region, *counts(_targets(elbv2, arn), health.get(arn, {}))
            )
        ]  # fmt: skip
        now = time.monotonic()
        if found != self._hosts or now >= self._hosts_after:
            self._hosts, self._hosts_after = found, now + _HOSTS_SECONDS
            for datum in found:
                self._report(datum)


def _totals(
    source: str, metric: Metric, values: Mapping[float, float], now: float, region: str
) -> MetricTotals:
    return MetricTotals(
        source, NAMESPACE, metric.name, metric.dimensions, now, tuple(values), tuple(values.values()),
        metric.unit, region,
    )  # fmt: skip


def _pairs(elbv2: ElasticLoadBalancing) -> Iterable[tuple[Dimensions, str, str]]:
    """Every target group with each load balancer that it serves: the dimensions, its ARN and its region."""
    for balancer in elbv2.load_balancers:
        used = {
            arn
            for listener in balancer.listeners
            for rule in listener.rules
            if isinstance(rule.action, Forward)
            for arn, _ in rule.action.groups
        }
        for arn in sorted(used):
            dimensions = (
                ("LoadBalancer", names.load_balancer(balancer.arn)),
                ("TargetGroup", names.target_group(arn)),
            )
            yield dimensions, arn, balancer.arn.split(":")[3]


def _targets(elbv2: ElasticLoadBalancing, arn: str) -> Iterable[Target]:
    return next((group.targets for group in used_groups(elbv2) if group.arn == arn), ())


def _hosts(dimensions: Dimensions, region: str, healthy: int, unhealthy: int) -> list[MetricDatum]:
    return [
        MetricDatum(NAMESPACE, name, dimensions, 0, (float(count),), (1.0,), "Count", region)
        for name, count in (("HealthyHostCount", healthy), ("UnHealthyHostCount", unhealthy))
    ]
