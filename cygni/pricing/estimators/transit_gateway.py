"""Transit gateways: every attachment by the hour, and what goes through it."""

from __future__ import annotations

from typing import Final

from cygni.pricing.charges import by_usage, fixed
from cygni.pricing.parts import priced

ATTACHMENT: Final = fixed("transit gateway attachment", "AmazonVPC", "transit-gateway-attachment", "hour")
DATA: Final = by_usage(
    "data through the transit gateway", "AmazonVPC", "transit-gateway-data", "GB", "transit_gateway_gb"
)

ESTIMATORS: Final = (
    priced(
        "aws:ec2transitgateway/vpcAttachment:VpcAttachment",
        parts=(ATTACHMENT, DATA),
        notes=("The gateway itself costs nothing.",),
    ),
    priced(
        "aws:ec2transitgateway/peeringAttachment:PeeringAttachment",
        parts=(ATTACHMENT,),
        notes=("Data through a peering is billed as data between regions.",),
        not_counted=("data between regions",),
    ),
    priced("aws:ec2transitgateway/connect:Connect", parts=(ATTACHMENT,)),
)
