"""Cloud Map: a private DNS namespace is billed as the hosted zone it makes."""

from __future__ import annotations

from typing import Final

from cygni.pricing.charges import Estimator, fixed
from cygni.pricing.estimators.route53 import QUERIES, ZONE
from cygni.pricing.parts import priced

ESTIMATORS: Final = (
    Estimator(
        (
            "aws:servicediscovery/privateDnsNamespace:PrivateDnsNamespace",
            "aws:servicediscovery/publicDnsNamespace:PublicDnsNamespace",
        ),
        (ZONE, QUERIES),
        notes=(
            "The price of the first 25 zones of an account.",
            "Tasks that ECS registers are not billed.",
        ),
        not_counted=("looking names up by the Cloud Map API",),
    ),
    priced(
        "aws:servicediscovery/instance:Instance",
        parts=(fixed("registered resource", "AWSCloudMap", "resource", "resource-month"),),
        notes=("What ECS registers by itself is free.",),
    ),
)
