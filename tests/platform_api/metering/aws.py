"""An AWS with one environment, `shop` in an environment of any name, that answers in the shapes of its APIs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from types import SimpleNamespace
from typing import Any

from botocore.exceptions import ClientError, EndpointConnectionError

from tests.platform_api.moving_clock import MovingClock

GROUP = "arn:aws:elasticloadbalancing:us-east-1:1:targetgroup/web-blue/1a"
BALANCER = "arn:aws:elasticloadbalancing:us-east-1:1:loadbalancer/app/shop/2b"


@dataclass
class Aws:
    """`counts` are what CloudWatch has of a metric in an hour. `away` says that nothing answers, `stands` that there is
    a cluster. ECS forgets tasks when it is told to."""

    clock: MovingClock
    tasks: dict[str, dict[str, Any]] = field(default_factory=dict)
    counts: dict[tuple[str, datetime], float] = field(default_factory=dict)
    databases: dict[str, int] = field(default_factory=dict)
    family: str = "shop_staging"
    stands: bool = True
    away: bool = False
    calls: list[str] = field(default_factory=list)

    def start(self, id: str, service: str = "web", cpu: str = "256", memory: str = "512") -> None:
        self.tasks[id] = {
            "taskArn": f"arn:aws:ecs:us-east-1:1:task/c/{id}",
            "taskDefinitionArn": f"arn:aws:ecs:us-east-1:1:task-definition/{self.family}_{service}:7",
            "cpu": cpu,
            "memory": memory,
            "pullStartedAt": self.clock.now(),
        }

    def stop(self, id: str) -> None:
        self.tasks[id]["stoppedAt"] = self.clock.now()

    def forget(self, id: str) -> None:
        del self.tasks[id]

    def __call__(self, service: str, region: str | None = None) -> Any:
        """As `Clients` does."""
        if self.away:
            raise EndpointConnectionError(endpoint_url=f"https://{service}.us-east-1.amazonaws.com")
        self.calls.append(service)
        return SimpleNamespace(
            get_paginator=lambda name: SimpleNamespace(
                paginate=lambda **asked: [getattr(self, name)(**asked)]
            ),
            describe_tasks=lambda cluster, tasks: {
                "tasks": [self.tasks[arn.rpartition("/")[2]] for arn in tasks]
            },
            describe_services=self.describe_services,
            describe_target_groups=lambda **asked: {"TargetGroups": [{"LoadBalancerArns": [BALANCER]}]},
            list_buckets=lambda: {"Buckets": []},
        )

    def list_tasks(self, **asked: Any) -> dict[str, Any]:
        self._demand()
        stopped = asked["desiredStatus"] == "STOPPED"
        return {
            "taskArns": [one["taskArn"] for one in self.tasks.values() if ("stoppedAt" in one) == stopped]
        }

    def list_services(self, cluster: str) -> dict[str, Any]:
        self._demand()
        return {"serviceArns": ["arn:aws:ecs:us-east-1:1:service/c/web-blue"]}

    def describe_services(self, cluster: str, services: list[str]) -> dict[str, Any]:
        revision = f"arn:aws:ecs:us-east-1:1:task-definition/{self.family}_web:7"
        return {"services": [{"taskDefinition": revision, "loadBalancers": [{"targetGroupArn": GROUP}]}]}

    def describe_nat_gateways(self, **asked: Any) -> dict[str, Any]:
        return {"NatGateways": [{"NatGatewayId": "nat-1"}]}

    def describe_db_instances(self) -> dict[str, Any]:
        tags = [{"Key": "cygni:project", "Value": "shop"}, {"Key": "cygni:environment", "Value": "staging"}]
        mine = [
            {"DBInstanceIdentifier": name, "AllocatedStorage": size, "Engine": "postgres", "TagList": tags}
            for name, size in self.databases.items()
        ]
        other = {
            "DBInstanceIdentifier": "other",
            "AllocatedStorage": 999,
            "Engine": "postgres",
            "TagList": [],
        }
        return {"DBInstances": [*mine, other]}

    def get_metric_data(self, **asked: Any) -> dict[str, Any]:
        return {
            "MetricDataResults": list(
                self._results(asked["MetricDataQueries"], asked["StartTime"], asked["EndTime"])
            )
        }

    def _results(self, queries: list[Any], start: datetime, end: datetime) -> Iterator[dict[str, Any]]:
        for query in queries:
            name = query["MetricStat"]["Metric"]["MetricName"]
            found = {at: value for (of, at), value in self.counts.items() if of == name and start <= at < end}
            yield {"Id": query["Id"], "Timestamps": list(found), "Values": list(found.values())}

    def _demand(self) -> None:
        if not self.stands:
            raise ClientError(
                {"Error": {"Code": "ClusterNotFoundException", "Message": "Cluster not found."}}, "x"
            )
