"""How much there may be of something, and what all of it may cost."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from math import isfinite
from typing import Any, Final

from cygni.policies.limits import rank_of_capacity, rank_of_type, rank_of_vcpus, size_rank
from cygni.policies.reading import entries, texts
from cygni.policies.rule import Level, Levels, ResourceRule, Scene, SceneRule
from cygni.pricing.inputs import whole
from cygni.pricing.wording import converted, total_text
from cygni.resources import Resource

_TASK: Final = "aws:ecs/taskDefinition:TaskDefinition"
_TYPE_KEYS: Final[Mapping[str, str]] = {
    "aws:ec2/instance:Instance": "instanceType",
    "aws:ec2/launchTemplate:LaunchTemplate": "instanceType",
    "aws:eks/nodeGroup:NodeGroup": "instanceTypes",
    "aws:rds/instance:Instance": "instanceClass",
    "aws:rds/clusterInstance:ClusterInstance": "instanceClass",
    "aws:rds/cluster:Cluster": "dbClusterInstanceClass",
    "aws:docdb/clusterInstance:ClusterInstance": "instanceClass",
    "aws:neptune/clusterInstance:ClusterInstance": "instanceClass",
    "aws:redshift/cluster:Cluster": "nodeType",
    "aws:elasticache/cluster:Cluster": "nodeType",
    "aws:elasticache/replicationGroup:ReplicationGroup": "nodeType",
    "aws:memorydb/cluster:Cluster": "nodeType",
    "aws:opensearch/domain:Domain": "clusterConfig",
    "aws:mq/broker:Broker": "hostInstanceType",
}
_COUNT_KEYS: Final[Mapping[str, tuple[str, str]]] = {
    "aws:eks/nodeGroup:NodeGroup": ("scalingConfig", "maxSize"),
    "aws:autoscaling/group:Group": ("", "maxSize"),
    "aws:ecs/service:Service": ("", "desiredCount"),
    "aws:appautoscaling/target:Target": ("", "maxCapacity"),
    "aws:elasticache/replicationGroup:ReplicationGroup": ("", "numCacheClusters"),
    "aws:opensearch/domain:Domain": ("clusterConfig", "instanceCount"),
    "aws:redshift/cluster:Cluster": ("", "numberOfNodes"),
}
_NOT_INSTANCES: Final = ("dynamodb:", "lambda:", "cassandra:", "kafka:", "rds:cluster:Capacity", "sagemaker:")
"""Scalable dimensions of Application Auto Scaling that count something else than machines or tasks."""


def _above_ceiling(resource: Resource, scene: Scene) -> Iterator[str]:
    yield from _too_large(resource, scene)
    yield from _too_many(resource, scene)


def _too_large(resource: Resource, scene: Scene) -> Iterator[str]:
    most = size_rank(scene.limits.instance_size)
    if most is None:
        return
    if resource.type == _TASK:
        cpu = whole(resource.inputs, "cpu", 0)
        vcpus = cpu / 1024 if isinstance(cpu, Decimal) else Decimal(0)
        if rank_of_vcpus(vcpus) > max(most, Decimal("0.25")):
            yield f"has {vcpus.normalize():f} vCPU, more than {scene.limits.instance_size} (cpu)"
        return
    for capacity in _serverless_capacity(resource.inputs):
        if rank_of_capacity(capacity) > most:
            yield (
                f"may grow to {capacity.normalize():f} ACU, more than {scene.limits.instance_size} "
                "(serverlessv2ScalingConfiguration.maxCapacity)"
            )
    key = _TYPE_KEYS.get(resource.type, "")
    for found in _types_in(resource.inputs.get(key)):
        rank = rank_of_type(found)
        if rank is not None and rank > most:
            yield f"is a {found}, larger than {scene.limits.instance_size} ({key})"


def _serverless_capacity(inputs: Mapping[str, Any]) -> Iterator[Decimal]:
    """What a serverless cluster may grow to, in ACU, where that is known."""
    for limits in entries(inputs.get("serverlessv2ScalingConfiguration")):
        most = limits.get("maxCapacity")
        if isinstance(most, int | float) and not isinstance(most, bool) and isfinite(most):
            yield Decimal(str(most))


def _types_in(value: Any) -> Iterator[str]:
    yield from texts(value)
    for one in entries(value):
        yield from texts(one.get("instanceType"))


def _too_many(resource: Resource, scene: Scene) -> Iterator[str]:
    holder, key = _COUNT_KEYS.get(resource.type, ("", ""))
    if not key or str(resource.inputs.get("scalableDimension", "")).startswith(_NOT_INSTANCES):
        return
    for inputs in entries(resource.inputs.get(holder)) if holder else [resource.inputs]:
        count = whole(inputs, key, 0)
        if isinstance(count, Decimal) and count > scene.limits.instance_count:
            yield f"may run {count}, more than {scene.limits.instance_count} ({key})"


INSTANCE_CEILING = ResourceRule(
    name="instance-ceiling",
    checks="No instance, node, database, cache or task is larger than the ceiling, and no group or service has more "
    "of them than the other. Fargate counts by vCPU: 4 are an xlarge; Aurora Serverless by ACU: 16 are.",
    why="One typing mistake in a size or a count can cost more in a night than the project does in a year.",
    fix="Take a smaller size or fewer of them, or raise the ceiling if that is meant.",
    levels=Levels.everywhere(Level.MANDATORY),
    setting="policies.instance_size, policies.instance_count",
    types=frozenset({_TASK, *_TYPE_KEYS, *_COUNT_KEYS}),
    problems=_above_ceiling,
)


def _too_expensive(scene: Scene) -> Iterator[str]:
    ceiling, found, exchange = scene.limits.monthly_cost, scene.estimate, scene.limits.exchange
    if ceiling is None or found.bounded_monthly <= ceiling:
        return
    known = total_text(exchange.of_usd(found.monthly), found.unknown, currency=exchange.currency)
    if found.monthly <= ceiling:
        known = f"{known}, up to {converted(found.bounded_monthly, exchange)} with what is bounded,"
    yield f"costs {known} a month, and at most {converted(ceiling, exchange)} is allowed"


COST_CEILING = SceneRule(
    name="cost-ceiling",
    checks="The fixed cost of everything together, with the most that what has no price costs where anything bounds "
    "it, stays under the ceiling; there is none until one is set.",
    why="Small steps add up: each deploy looks cheap, and the sum surprises on the invoice.",
    fix="Remove or shrink what costs most, or raise the ceiling.",
    levels=Levels.everywhere(Level.MANDATORY),
    setting="policies.monthly_cost",
    problems=_too_expensive,
)
