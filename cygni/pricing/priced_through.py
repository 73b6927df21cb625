"""What of a resource sets the price of others, which stay the same themselves when it changes in place (pure).

A group of instances costs what its launch template says, and instances of Aurora what their cluster allows: an update
of one changes the bill of the other, and the engine calls that other unchanged.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from cygni.resources import Resource

PRICED_THROUGH: Final[Mapping[str, frozenset[str]]] = {
    "aws:ec2/launchTemplate:LaunchTemplate": frozenset(
        {
            "blockDeviceMappings", "creditSpecification", "instanceMarketOptions", "instanceType", "monitoring",
            "networkInterfaces", "placement",
        }
    ),
    "aws:rds/cluster:Cluster": frozenset(
        {"engineLifecycleSupport", "engineVersion", "serverlessv2ScalingConfiguration", "storageType"}
    ),
    "aws:docdb/cluster:Cluster": frozenset({"serverlessV2ScalingConfiguration", "storageType"}),
    "aws:neptune/cluster:Cluster": frozenset({"serverlessV2ScalingConfiguration", "storageType"}),
    "aws:rds/instance:Instance": frozenset({"instanceClass"}),  # of a proxy before it
    "aws:lambda/function:Function": frozenset({"architectures", "memorySize"}),  # of its provisioned concurrency
    "aws:appautoscaling/target:Target": frozenset({"maxCapacity", "minCapacity"}),  # of the service it scales
}  # fmt: skip
"""By type, the inputs that others are priced by."""


def repricing(before: Iterable[Resource], after: Iterable[Resource]) -> Iterator[Resource]:
    """The resources that stay and change something which others are priced by."""
    old = {one.urn: one for one in before if one.type in PRICED_THROUGH}
    for new in after:
        was = old.get(new.urn)
        if was is not None and any(
            was.inputs.get(name) != new.inputs.get(name) for name in PRICED_THROUGH[new.type]
        ):
            yield new
