"""The tasks of the services, as ECS and the load balancer have them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cygni.errors import NotFound
from cygni.naming import Colour
from cygni.releases.observed import ColourState, Place, ServiceState, StoppedTask
from cygni.releases.settings import Limits
from cygni.targets.fargate.clients import Clients, asking
from cygni.targets.fargate.running import Running, RunningService
from cygni.targets.fargate.stopped import stopped_task
from cygni.targets.fargate.tasks import TASKS_A_CALL, batches
from cygni.targets.fargate.traffic import weights_of

_DIMENSION = "ecs:service:DesiredCount"
_SERVICES_A_CALL, _RULES_A_CALL, _TARGETS_A_CALL = 10, 100, 50
"""What DescribeServices, DescribeRules and DescribeScalableTargets take at once (API references)."""


class EcsWorkload:
    """Reads with few calls that go out together, and writes with one."""

    def __init__(self, clients: Clients, running: Running) -> None:
        self._clients = clients
        self._running = running

    def look(self, services: Sequence[str]) -> Mapping[str, ServiceState]:
        """As `cygni.releases.protocols.Workload`."""
        asked = [self._running.service(name) for name in services]
        web = [one for one in asked if one.rule]
        with asking("the state of the services is not known"):
            found = _Futures(
                services=[self._start(self._describe, *batch) for batch in _by_cluster(asked)],
                rules=[
                    self._start(self._rules, batch)
                    for batch in batches([one.rule for one in web], _RULES_A_CALL)
                ],
                health={
                    arn: self._start(self._healthy, arn) for one in web for arn in one.target_groups.values()
                },
                limits=[
                    self._start(self._limits, batch)
                    for batch in batches(
                        [
                            _resource_id(one, colour)
                            for one in asked
                            if one.most is not None
                            for colour in Colour
                        ],
                        _TARGETS_A_CALL,
                    )
                ],
            ).results()
        return {one.name: _state(one, found) for one in asked}

    def stopped(self, places: Sequence[Place], since: datetime) -> Sequence[StoppedTask]:
        """As `cygni.releases.protocols.Workload`. ECS remembers a stopped task for an hour."""
        with asking("what has stopped is not known"):
            found = [task for place in places for task in self._stopped_of(place)]
        return sorted((one for one in found if one.created_at > since), key=lambda one: one.stopped_at)

    def run(self, place: Place, revision: str, count: int) -> None:
        """UpdateService."""
        service = self._running.service(place.service)
        with asking(f"{place.service} ({place.colour}) was not set to {count} tasks"):
            self._clients("ecs").update_service(
                cluster=service.cluster,
                service=service.names[place.colour],
                taskDefinition=revision,
                desiredCount=count,
            )

    def limit(self, place: Place, limits: Limits) -> None:
        """RegisterScalableTarget."""
        service = self._running.service(place.service)
        with asking(f"the limits of {place.service} ({place.colour}) were not set"):
            self._clients("application-autoscaling").register_scalable_target(
                ServiceNamespace="ecs",
                ResourceId=_resource_id(service, place.colour),
                ScalableDimension=_DIMENSION,
                MinCapacity=limits.least,
                MaxCapacity=limits.most,
            )

    def _start(self, work: Any, *given: Any) -> Future[Any]:
        return self._clients.threads.submit(work, *given)

    def _describe(self, cluster: str, names: Sequence[str]) -> list[dict[str, Any]]:
        answer = self._clients("ecs").describe_services(cluster=cluster, services=list(names))
        there = {one["serviceName"] for one in answer["services"] if one["status"] == "ACTIVE"}
        missing = [name for name in names if name not in there]
        if missing:
            raise NotFound(
                f"ECS has no service called {' or '.join(missing)}",
                hint="Was it deleted outside of Cygni? Make it again with: cx deploy --refresh",
            )
        found: list[dict[str, Any]] = answer["services"]
        return found

    def _rules(self, arns: Sequence[str]) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self._clients("elbv2").describe_rules(RuleArns=list(arns))["Rules"]
        return found

    def _healthy(self, group: str) -> int:
        answer = self._clients("elbv2").describe_target_health(TargetGroupArn=group)
        return sum(one["TargetHealth"]["State"] == "healthy" for one in answer["TargetHealthDescriptions"])

    def _limits(self, resources: Sequence[str]) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self._clients("application-autoscaling").describe_scalable_targets(
            ServiceNamespace="ecs", ResourceIds=list(resources), ScalableDimension=_DIMENSION
        )["ScalableTargets"]
        return found

    def _stopped_of(self, place: Place) -> Iterator[StoppedTask]:
        service, ecs = self._running.service(place.service), self._clients("ecs")
        pages = ecs.get_paginator("list_tasks").paginate(
            cluster=service.cluster, serviceName=service.names[place.colour], desiredStatus="STOPPED"
        )
        arns = [arn for page in pages for arn in page["taskArns"]]
        for batch in batches(arns, TASKS_A_CALL):
            for task in ecs.describe_tasks(cluster=service.cluster, tasks=batch)["tasks"]:
                if task.get("stoppedAt"):
                    yield stopped_task(place, task)


@dataclass(frozen=True)
class _Found:
    """ECS services by name, rules and healthy targets by ARN, limits by resource id."""

    services: Mapping[str, dict[str, Any]]
    rules: Mapping[str, dict[str, Any]]
    health: Mapping[str, int]
    limits: Mapping[str, Limits]


@dataclass(frozen=True)
class _Futures:
    services: Sequence[Future[Any]]
    rules: Sequence[Future[Any]]
    health: Mapping[str, Future[Any]]
    limits: Sequence[Future[Any]]

    def results(self) -> _Found:
        """What all of them answered; raises what the first of them raised."""
        return _Found(
            services={one["serviceName"]: one for answer in self.services for one in answer.result()},
            rules={one["RuleArn"]: one for answer in self.rules for one in answer.result()},
            health={arn: answer.result() for arn, answer in self.health.items()},
            limits={
                one["ResourceId"]: Limits(int(one["MinCapacity"]), int(one["MaxCapacity"]))
                for answer in self.limits
                for one in answer.result()
            },
        )


def _state(service: RunningService, found: _Found) -> ServiceState:
    colours = {
        colour: _colour_state(
            found.services[name],
            found.health.get(service.target_groups.get(colour, "")),
            found.limits.get(_resource_id(service, colour)),
        )
        for colour, name in service.names.items()
    }
    weights = weights_of(service, found.rules[service.rule]) if service.rule else None
    return ServiceState(colours, weights)


def _colour_state(service: Mapping[str, Any], healthy: int | None, limits: Limits | None) -> ColourState:
    """From DescribeServices: its deployments tell what runs of which task definition."""
    revision = service["taskDefinition"]
    running = sum(
        int(one["runningCount"])
        for one in service.get("deployments", [])
        if one["taskDefinition"] == revision
    )
    return ColourState(
        revision=revision,
        desired=int(service["desiredCount"]),
        running=running,
        pending=int(service["pendingCount"]),
        outdated=max(0, int(service["runningCount"]) - running),
        healthy=running if healthy is None else healthy,
        limits=limits,
    )


def _by_cluster(services: Sequence[RunningService]) -> Iterator[tuple[str, list[str]]]:
    for cluster in sorted({one.cluster for one in services}):
        names = [name for one in services if one.cluster == cluster for name in one.names.values()]
        for batch in batches(names, _SERVICES_A_CALL):
            yield cluster, batch


def _resource_id(service: RunningService, colour: Colour) -> str:
    return f"service/{service.cluster.rpartition('/')[2]}/{service.names[colour]}"
