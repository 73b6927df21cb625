"""Network Firewall: an endpoint in each subnet, and what it looks at."""

from __future__ import annotations

from typing import Final

from cygni.pricing.charges import by_usage, fixed
from cygni.pricing.parts import Part, priced
from cygni.pricing.readings import choice, count, is_set

_SERVICE: Final = "AWSNetworkFirewall"
_ENDPOINTS: Final = choice(
    is_set("availabilityZoneMappings"), count("availabilityZoneMappings"), count("subnetMappings")
)

ESTIMATORS: Final = (
    priced(
        "aws:networkfirewall/firewall:Firewall",
        parts=(
            Part(fixed("endpoints", _SERVICE, "endpoint", "hour"), _ENDPOINTS),
            by_usage("data", _SERVICE, "data", "GB", "firewall_gb"),
        ),
        notes=(
            "Billed for each subnet, or zone, it has an endpoint in.",
            "NAT gateways behind it are waived hour by hour; that is not deducted.",
        ),
        not_counted=("inspection of TLS and of advanced threats",),
    ),
    priced(
        "aws:networkfirewall/vpcEndpointAssociation:VpcEndpointAssociation",
        parts=(fixed("further endpoint", _SERVICE, "secondary-endpoint", "hour"),),
    ),
)
