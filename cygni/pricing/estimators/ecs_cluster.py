"""ECS clusters: free, unless Container Insights watches them."""

from __future__ import annotations

from typing import Final

from cygni.pricing import inputs
from cygni.pricing.charges import Amount, Estimator, Free, Gap, Measured, by_usage, fixed
from cygni.pricing.parts import Part, priced
from cygni.pricing.readings import is_set, unknown
from cygni.pricing.resource_set import ResourceSet
from cygni.pricing.usage import Usage
from cygni.resources import Resource

INSIGHTS: Final = by_usage(
    "Container Insights", "AmazonCloudWatch", "container-insights-metric", "metric-month", None
)


def _cluster(resource: Resource, resources: ResourceSet, usage: Usage) -> Measured:
    settings = inputs.objects(resource.inputs, "settings")
    if isinstance(settings, Gap):
        return [Amount(INSIGHTS, settings)]
    for setting in settings:
        if setting.get("name") == "containerInsights" and setting.get("value") not in (None, "disabled"):
            return [Amount(INSIGHTS, Gap("billed by the metrics it writes, of which the book has no price"))]
    return Free("billed by the tasks that run on it")


ESTIMATORS: Final = (
    Estimator(
        ("aws:ecs/cluster:Cluster",),
        (INSIGHTS,),
        _cluster,
        ("Free without Container Insights; with it, its metrics are shown without a price.",),
    ),
    priced(
        "aws:ecs/capacityProvider:CapacityProvider",
        parts=(
            Part(
                fixed("managed instances", "AmazonECS", "managed-instances", "hour"),
                unknown("ECS chooses the instances when tasks need them"),
                when=is_set("managedInstancesProvider"),
            ),
        ),
        otherwise="its Auto Scaling group is billed",
        notes=("Free with an Auto Scaling group; managed instances have no price before they run.",),
    ),
)
