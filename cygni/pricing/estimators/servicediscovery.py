"""Cloud Map: a private DNS namespace is billed as the hosted zone it makes."""

from __future__ import annotations

from typing import Final

from cygni.pricing.charges import Estimator
from cygni.pricing.estimators.route53 import QUERIES, ZONE

ESTIMATORS: Final = (
    Estimator(
        ("aws:servicediscovery/privateDnsNamespace:PrivateDnsNamespace",),
        (ZONE, QUERIES),
        notes=(
            "The price of the first 25 zones of an account.",
            "Tasks that ECS registers are not billed; looking names up by the Cloud Map API is not counted.",
        ),
    ),
)
