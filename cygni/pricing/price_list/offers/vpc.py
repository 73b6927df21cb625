"""Amazon VPC: public addresses, endpoints, and ways into other networks."""

from __future__ import annotations

from typing import Final

from cygni.pricing.price_list.rules import GB, HOURS, Offer, Ranges, Rule

_VPC: Final = "AmazonVPC"
_ATTACHED: Final = {"operation": "TransitGatewayVPC"}
_ENDPOINT: Final = {"Product Family": "VpcEndpoint"}
_INTERFACE: Final = {"type": "Interface"}
_BALANCER: Final = {"type": "GatewayLoadBalancer"}

OFFER: Final = Offer(
    _VPC,
    (
        Rule(_VPC, "public-ipv4", "hour", HOURS, r"PublicIPv4:InUseAddress", attributes={"state": "in-use"}),
        Rule(_VPC, "public-ipv4", "hour", HOURS, r"PublicIPv4:IdleAddress", attributes={"state": "idle"}),
        Rule(
            _VPC,
            "vpc-endpoint",
            "hour",
            HOURS,
            r"VpcEndpoint-Hours",
            where=_ENDPOINT,
            attributes={**_INTERFACE, "per": "availability zone / ENI"},
        ),
        Rule(
            _VPC,
            "vpc-endpoint-data",
            "GB",
            GB,
            r"VpcEndpoint-Bytes",
            where=_ENDPOINT,
            attributes=_INTERFACE,
            ranges=Ranges.DATA,
        ),
        Rule(
            _VPC,
            "vpc-endpoint",
            "hour",
            HOURS,
            r"VpcEndpoint-GWLBE-Hours",
            where=_ENDPOINT,
            attributes=_BALANCER,
        ),
        Rule(
            _VPC,
            "vpc-endpoint-data",
            "GB",
            GB,
            r"VpcEndpoint-GWLBE-Bytes",
            where=_ENDPOINT,
            attributes=_BALANCER,
        ),
        Rule(_VPC, "transit-gateway-attachment", "hour", HOURS, r"TransitGateway-Hours", where=_ATTACHED),
        Rule(_VPC, "transit-gateway-data", "GB", GB, r"TransitGateway-Bytes", where=_ATTACHED),
        Rule(_VPC, "vpn-connection", "hour", HOURS, r"VPN-Usage-Hours:ipsec\.1"),
        Rule(_VPC, "client-vpn-association", "hour", HOURS, r"ClientVPN-EndpointHours"),
        Rule(_VPC, "client-vpn-connection", "hour", HOURS, r"ClientVPN-ConnectionHours"),
    ),
)
