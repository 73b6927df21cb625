"""Lightsail: bundles by the month."""

from __future__ import annotations

from typing import Final

from cygni.pricing.charges import Charge, Estimator, fixed
from cygni.pricing.parts import Part, priced
from cygni.pricing.readings import text, whole

_SERVICE: Final = "AmazonLightsail"


def _bundle(token: str, usage: str, name: str = "bundleId") -> Estimator:
    charge: Charge = fixed("{bundle}", _SERVICE, usage, "hour")
    return priced(token, parts=(Part(charge, by={"bundle": text(name)}),))


ESTIMATORS: Final = (
    _bundle("aws:lightsail/instance:Instance", "instance"),
    _bundle("aws:lightsail/database:Database", "database"),
    _bundle("aws:lightsail/bucket:Bucket", "bucket"),
    _bundle("aws:lightsail/distribution:Distribution", "distribution"),
    priced("aws:lightsail/lb:Lb", parts=(fixed("load balancer", _SERVICE, "load-balancer", "hour"),)),
    priced(
        "aws:lightsail/disk:Disk",
        parts=(Part(fixed("disk", _SERVICE, "disk", "GB-month"), whole("sizeInGb")),),
    ),
    priced(
        "aws:lightsail/containerService:ContainerService",
        parts=(
            Part(
                fixed("container nodes, {power}", _SERVICE, "container-node", "hour"),
                whole("scale"),
                by={"power": text("power")},
            ),
        ),
    ),
)
