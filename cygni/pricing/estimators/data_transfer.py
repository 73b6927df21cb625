"""Traffic between zones and regions, where a resource stands for it: VPC peering."""

from __future__ import annotations

from typing import Final

from cygni.pricing.charges import by_usage
from cygni.pricing.parts import Part, priced
from cygni.pricing.readings import is_set, negated, times, units, use

_BETWEEN_ZONES: Final = by_usage(
    "data between zones", "AWSDataTransfer", "cross-az", "GB", "peering_gb", direction="each way"
)
_BETWEEN_REGIONS: Final = by_usage(
    "data between regions", "AWSDataTransfer", "inter-region", "GB", "peering_gb", to="other regions"
)

ESTIMATORS: Final = (
    priced(
        "aws:ec2/vpcPeeringConnection:VpcPeeringConnection",
        parts=(
            Part(_BETWEEN_ZONES, times(units(2), use("peering_gb")), when=negated(is_set("peerRegion"))),
            Part(_BETWEEN_REGIONS, when=is_set("peerRegion")),
        ),
        notes=(
            "All of it is taken to cross zones, which is billed on both sides; within one zone it is free.",
            "Between regions what goes out is billed where it leaves; some pairs of regions cost less.",
        ),
    ),
)
