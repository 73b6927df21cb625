"""Site-to-site VPN connections and Client VPN endpoints."""

from __future__ import annotations

from typing import Final

from cygni.pricing.charges import by_usage, fixed
from cygni.pricing.parts import Part, priced
from cygni.pricing.readings import is_set

_CONNECTION: Final = fixed("VPN connection", "AmazonVPC", "vpn-connection", "hour")
_ATTACHMENT: Final = fixed("transit gateway attachment", "AmazonVPC", "transit-gateway-attachment", "hour")

ESTIMATORS: Final = (
    priced(
        "aws:ec2/vpnConnection:VpnConnection",
        parts=(_CONNECTION, Part(_ATTACHMENT, when=is_set("transitGatewayId"))),
        not_counted=("what it sends to the internet and through a transit gateway",),
    ),
    priced(
        "aws:ec2clientvpn/networkAssociation:NetworkAssociation",
        parts=(fixed("Client VPN association", "AmazonVPC", "client-vpn-association", "hour"),),
    ),
    priced(
        "aws:ec2clientvpn/endpoint:Endpoint",
        parts=(
            by_usage(
                "Client VPN connections", "AmazonVPC", "client-vpn-connection", "hour", "vpn_connections"
            ),
        ),
        notes=("Subnets that are associated with it are billed on their own.",),
    ),
)
