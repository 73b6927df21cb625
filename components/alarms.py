"""Alarms on what a service does, by what CloudWatch measures anyway."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
from pulumi_aws import cloudwatch, ecs

from components.component import Component
from components.entrance import Entrance
from cygni.naming import Colour

_BALANCER = "AWS/ApplicationELB"
_PERIOD = 60
"""Seconds; load balancers and ECS report each minute."""


@dataclass(frozen=True)
class AlarmArgs:
    """What is too much, for `minutes` in a row.

    Of a web service: `errors` in percent of its answers with a 5xx status, `latency` in seconds for the slowest
    twentieth of the answers, any task that fails its health check. Of a worker: `cpu` and `memory` in percent of
    what its tasks have.
    """

    errors: float
    latency: float
    cpu: float
    memory: float
    minutes: int


class Alarms:
    """The alarms of both colours, as children of `parent`. A colour without tasks or traffic is in order."""

    def __init__(
        self,
        parent: Component,
        name: str,
        args: AlarmArgs,
        cluster_arn: pulumi.Input[str],
        services: Mapping[Colour, ecs.Service],
        entrance: Entrance | None,
    ) -> None:
        self._parent = parent
        self._args = args
        for colour, service in services.items():
            if entrance is not None:
                self._web(f"{name}-{colour}", entrance, colour)
            else:
                cluster = pulumi.Output.from_input(cluster_arn).apply(lambda arn: arn.rpartition("/")[2])
                self._worker(f"{name}-{colour}", {"ClusterName": cluster, "ServiceName": service.name})

    def _web(self, name: str, entrance: Entrance, colour: Colour) -> None:
        where: dict[str, pulumi.Input[str]] = {
            "LoadBalancer": entrance.load_balancer,
            "TargetGroup": entrance.target_groups[colour].arn_suffix,
        }
        self._errors(name, where)
        self._above(name, "latency", "TargetResponseTime", self._args.latency, where, _BALANCER, p95=True)
        self._above(name, "unhealthy", "UnHealthyHostCount", 0, where, _BALANCER)

    def _worker(self, name: str, where: Mapping[str, pulumi.Input[str]]) -> None:
        self._above(name, "cpu", "CPUUtilization", self._args.cpu, where, "AWS/ECS")
        self._above(name, "memory", "MemoryUtilization", self._args.memory, where, "AWS/ECS")

    def _above(
        self,
        name: str,
        what: str,
        metric: str,
        threshold: float,
        where: Mapping[str, pulumi.Input[str]],
        namespace: str,
        *,
        p95: bool = False,
    ) -> None:
        cloudwatch.MetricAlarm(
            f"{name}-{what}",
            alarm_description=f"{metric} of {name} above {threshold:g}",
            namespace=namespace,
            metric_name=metric,
            dimensions=where,
            statistic=None if p95 else "Average",
            extended_statistic="p95" if p95 else None,
            period=_PERIOD,
            evaluation_periods=self._args.minutes,
            threshold=threshold,
            comparison_operator="GreaterThanThreshold",
            treat_missing_data="notBreaching",
            opts=self._parent.child(),
        )

    def _errors(self, name: str, where: Mapping[str, pulumi.Input[str]]) -> None:
        """Errors in percent of the requests: a number of them means little without the number of all."""
        cloudwatch.MetricAlarm(
            f"{name}-errors",
            alarm_description=f"5xx answers of {name} above {self._args.errors:g} percent",
            metric_queries=[
                cloudwatch.MetricAlarmMetricQueryArgs(
                    id="rate",
                    expression="100 * bad / total",
                    label="errors in percent",
                    return_data=True,
                ),
                _sum("bad", "HTTPCode_Target_5XX_Count", where),
                _sum("total", "RequestCount", where),
            ],
            evaluation_periods=self._args.minutes,
            threshold=self._args.errors,
            comparison_operator="GreaterThanThreshold",
            treat_missing_data="notBreaching",
            opts=self._parent.child(),
        )


def _sum(
    id_: str, metric: str, where: Mapping[str, pulumi.Input[str]]
) -> cloudwatch.MetricAlarmMetricQueryArgs:
    return cloudwatch.MetricAlarmMetricQueryArgs(
        id=id_,
        metric=cloudwatch.MetricAlarmMetricQueryMetricArgs(
            namespace=_BALANCER, metric_name=metric, dimensions=where, period=_PERIOD, stat="Sum"
        ),
    )
