"""Where an ECS service's tasks run: on Fargate, on Fargate Spot, or on instances that are billed themselves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_FLOOR, Decimal
from typing import Any, Final

from cygni.pricing import inputs
from cygni.pricing.charges import Free, Gap
from cygni.pricing.money import ZERO
from cygni.pricing.resource_set import ResourceSet
from cygni.resources import Resource

_CLUSTER_PROVIDERS: Final = "aws:ecs/clusterCapacityProviders:ClusterCapacityProviders"
_ON_EC2: Final = Free("its tasks run on EC2 instances, which are billed themselves")

_FARGATE, _SPOT = "FARGATE", "FARGATE_SPOT"

Strategies = Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class SpotMix:
    """Tasks on Fargate and on Fargate Spot: `base` of them come first, on Spot or not; of the rest `share` is not."""

    base: Decimal
    base_is_spot: bool
    share: Decimal

    def on_demand(self, tasks: Decimal) -> Decimal:
        """How many of `tasks` are certainly not on Spot."""
        first = min(self.base, tasks)
        rest = ((tasks - first) * self.share).to_integral_value(ROUND_FLOOR)
        return rest if self.base_is_spot else first + rest


def capacity_of(
    service: Resource, resources: ResourceSet, definition: Mapping[str, Any] | Gap
) -> Free | Gap | SpotMix | None:
    """None for Fargate at list price, SpotMix when a part is on Spot; Free when something else is billed; Gap when
    there is no price."""
    strategies = inputs.objects(service.inputs, "capacityProviderStrategies")
    if isinstance(strategies, Gap):
        return strategies
    if strategies:
        return _by_strategy(strategies)
    launch = inputs.text(service.inputs, "launchType")
    if launch == "":
        return _by_default(service, resources, definition)
    if launch == "FARGATE":
        return None
    if launch == "EC2":
        return _ON_EC2
    return launch if isinstance(launch, Gap) else Gap(f"no price for the launch type {launch}")


def _by_strategy(strategies: Strategies) -> Free | Gap | SpotMix | None:
    used = [
        inputs.text(strategy, "capacityProvider")
        for strategy in strategies
        if strategy.get("weight") not in (None, 0) or strategy.get("base") not in (None, 0)
    ]
    for provider in used:
        if isinstance(provider, Gap):
            return provider
    if _SPOT in used and set(used) <= {_FARGATE, _SPOT}:
        return _mix(strategies)
    if _FARGATE not in used and _SPOT not in used:
        return _ON_EC2 if used else Gap("no capacity provider of the strategy has a weight or a base")
    return None if set(used) == {_FARGATE} else Gap("it runs on both Fargate and other capacity")


def _mix(strategies: Strategies) -> SpotMix | Gap:
    weights = {_FARGATE: ZERO, _SPOT: ZERO}
    base, base_is_spot = ZERO, False
    for strategy in strategies:
        weight, first = inputs.whole(strategy, "weight", 0), inputs.whole(strategy, "base", 0)
        for known in (weight, first):
            if isinstance(known, Gap):
                return Gap(f"the capacity provider strategy's {known.reason}")
        assert isinstance(weight, Decimal)
        assert isinstance(first, Decimal)
        provider = str(strategy["capacityProvider"])
        weights[provider] += weight
        if first:
            base, base_is_spot = first, provider == _SPOT
    both = sum(weights.values())
    return SpotMix(base, base_is_spot, weights[_FARGATE] / both if both else ZERO)


def _by_default(
    service: Resource, resources: ResourceSet, definition: Mapping[str, Any] | Gap
) -> Free | Gap | SpotMix | None:
    """AWS takes the cluster's default strategy, and EC2 without one. A task definition that requires
    Fargate alone can run nowhere else."""
    for providers in resources.of_type(_CLUSTER_PROVIDERS):
        if _same_cluster(service, providers):
            strategies = inputs.objects(providers.inputs, "defaultCapacityProviderStrategies")
            if isinstance(strategies, Gap):
                return strategies
            if strategies:
                return _by_strategy(strategies)
    if isinstance(definition, Gap):
        return Gap("launchType is not set")
    required = definition.get("requiresCompatibilities")
    if isinstance(required, Sequence) and list(required) == ["FARGATE"]:
        return None
    return Gap("launchType is not set, and its task definition does not require Fargate")


def _same_cluster(service: Resource, providers: Resource) -> bool:
    if set(service.references.get("cluster", ())) & set(providers.references.get("clusterName", ())):
        return True
    cluster, name = service.inputs.get("cluster"), providers.inputs.get("clusterName")
    return isinstance(cluster, str) and isinstance(name, str) and cluster.rsplit("/", 1)[-1] == name
