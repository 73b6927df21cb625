"""What connects networks: gateways, firewalls, accelerators, classic load balancers, health checks."""

from __future__ import annotations

import pytest

from cygni.pricing import PriceBook
from cygni.resources import UNKNOWN
from tests.cygni.pricing.cases import Case, lines_of

CHECK = "aws:route53/healthCheck:HealthCheck"
VPC = "aws.amazon.com/vpc/pricing, us-east-1"
TRANSIT = "aws.amazon.com/transit-gateway/pricing, us-east-1: 0.05 an attachment-hour, 0.02 a GB"
DNS = (
    "aws.amazon.com/route53/pricing: a check of AWS 0.50, of others 0.75; each feature of a check of AWS 1.00"
)
MISSING = "not in the book"

CASES = [
    Case("is billed by the hour", "aws:ec2/vpnConnection:VpnConnection", {}, {"VPN connection": "36.5"},
         "aws.amazon.com/vpn/pricing: 0.05 a connection-hour"),
    Case("is an attachment too, at a transit gateway", "aws:ec2/vpnConnection:VpnConnection",
         {"transitGatewayId": UNKNOWN}, {"VPN connection": "36.5", "transit gateway attachment": "36.5"}, TRANSIT),
    Case("is billed for each association", "aws:ec2clientvpn/networkAssociation:NetworkAssociation", {},
         {"Client VPN association": "73"}, "aws.amazon.com/vpn/pricing: 0.10 an association-hour"),
    Case("is billed for connections", "aws:ec2clientvpn/endpoint:Endpoint", {}, {"Client VPN connections": "365"},
         "aws.amazon.com/vpn/pricing: 0.05 a connection-hour; ten all month", use={"vpn_connections": 10}),
    Case("is billed by the hour and the GB", "aws:ec2transitgateway/vpcAttachment:VpcAttachment", {},
         {"transit gateway attachment": "36.5", "data through the transit gateway": "2"}, TRANSIT),
    Case("is an attachment", "aws:ec2transitgateway/peeringAttachment:PeeringAttachment", {},
         {"transit gateway attachment": "36.5"}, TRANSIT),
    Case("is an attachment", "aws:ec2transitgateway/connect:Connect", {}, {"transit gateway attachment": "36.5"}, TRANSIT),
    Case("has an endpoint in each subnet", "aws:networkfirewall/firewall:Firewall",
         {"subnetMappings": [{"subnetId": "a"}, {"subnetId": "b"}]}, {"endpoints": "576.7", "data": "6.5"},
         "aws.amazon.com/network-firewall/pricing: 0.395 an endpoint-hour, 0.065 a GB"),
    Case("has an endpoint more", "aws:networkfirewall/vpcEndpointAssociation:VpcEndpointAssociation", {},
         {"further endpoint": "1 hour, no price"}, MISSING),
    Case("is billed everywhere alike", "aws:globalaccelerator/accelerator:Accelerator", {},
         {"accelerator": "1 hour, no price", "data transfer premium": "100 GB, no price"}, MISSING),
    Case("is free when switched off", "aws:globalaccelerator/accelerator:Accelerator", {"enabled": False}, {},
         "aws.amazon.com/global-accelerator/pricing"),
    Case("is billed by its bandwidth", "aws:directconnect/connection:Connection", {"bandwidth": "1Gbps"},
         {"port 1Gbps": "1 hour, no price"}, MISSING),
    Case("is billed by its bandwidth", "aws:directconnect/hostedConnection:HostedConnection", {"bandwidth": "50Mbps"},
         {"port 50Mbps": "1 hour, no price"}, MISSING),
    Case("has several ports", "aws:directconnect/linkAggregationGroup:LinkAggregationGroup",
         {"connectionsBandwidth": "10Gbps", "numberOfConnections": 2}, {"port 10Gbps": "2 hour, no price"}, MISSING),
    Case("is billed on both sides of a zone", "aws:ec2/vpcPeeringConnection:VpcPeeringConnection", {},
         {"data between zones": "2"}, "aws.amazon.com/ec2/pricing/on-demand, data transfer: 0.01 a GB each way",
         use={"peering_gb": 100}),
    Case("is billed where it leaves a region", "aws:ec2/vpcPeeringConnection:VpcPeeringConnection",
         {"peerRegion": "eu-west-1"}, {"data between regions": "2"},
         "aws.amazon.com/ec2/pricing/on-demand, data transfer: 0.02 a GB", use={"peering_gb": 100}),
    Case("has a price of its own, and an address in each subnet", "aws:elb/loadBalancer:LoadBalancer",
         {"subnets": ["a", "b", "c"]},
         {"classic load balancer": "18.25", "data processed": "0.8", "public IPv4 address, in use": "10.95",
          "data to the internet, first 10 TB": "9"},
         "aws.amazon.com/elasticloadbalancing/pricing: classic 0.025 an hour, 0.008 a GB; an address 0.005 an hour"),
    Case("has an address in each zone", "aws:elb/loadBalancer:LoadBalancer", {"availabilityZones": ["us-east-1a"]},
         {"classic load balancer": "18.25", "data processed": "0.8", "public IPv4 address, in use": "3.65",
          "data to the internet, first 10 TB": "9"}, "aws.amazon.com/vpc/pricing: an address 0.005 an hour"),
    Case("is taken to be in two zones", "aws:elb/loadBalancer:LoadBalancer", {"subnets": UNKNOWN},
         {"classic load balancer": "18.25", "data processed": "0.8", "public IPv4 address, in use": "7.3",
          "data to the internet, first 10 TB": "9"}, "aws.amazon.com/vpc/pricing: an address 0.005 an hour"),
    Case("sends nothing out inside", "aws:elb/loadBalancer:LoadBalancer", {"internal": True},
         {"classic load balancer": "18.25", "data processed": "0.8"}, "aws.amazon.com/elasticloadbalancing/pricing"),
    Case("looks at something outside AWS", CHECK, {"type": "HTTP", "fqdn": "www.example.com"}, {"health check": "0.75"}, DNS),
    Case("looks at AWS by its name", CHECK, {"type": "TCP", "fqdn": "lb-1.us-east-1.elb.amazonaws.com"},
         {"health check": "0.5"}, DNS),
    Case("looks at what another resource is", CHECK, {"type": "HTTP", "fqdn": UNKNOWN}, {"health check": "0.5"}, DNS,
         others={"lb": ("aws:lb/loadBalancer:LoadBalancer", {})}, references={"fqdn": "lb"}),
    Case("looks where a record leads, which may be anywhere", CHECK, {"type": "HTTP", "fqdn": "www.example.com"},
         {"health check": "0.75"}, DNS, others={"r": ("aws:route53/record:Record", {})}, references={"fqdn": "r"}),
    Case("has features", CHECK,
         {"type": "HTTPS_STR_MATCH", "fqdn": "d1.cloudfront.net", "requestInterval": 10, "measureLatency": True},
         {"health check": "0.5", "features of the health check": "4"}, DNS),
    Case("has features outside AWS that the book lacks", CHECK, {"type": "HTTPS", "fqdn": "www.example.com"},
         {"health check": "0.75", "features of the health check": "1 feature-month, no price"}, DNS),
    Case("looks at other checks", CHECK, {"type": "CALCULATED"}, {"health check": "unknown"}, DNS),
    Case("is billed for each address", "aws:route53/resolverEndpoint:ResolverEndpoint",
         {"ipAddresses": [{"subnetId": "a"}, {"subnetId": "b"}]},
         {"resolver addresses": "2 hour, no price", "queries through the resolver": "1000000 query, no price"}, MISSING),
    Case("looks at queries", "aws:route53/resolverFirewallRuleGroupAssociation:ResolverFirewallRuleGroupAssociation", {},
         {"queries that a DNS firewall looks at": "1000000 query, no price"}, MISSING),
    Case("is billed by the year", "aws:route53domains/registeredDomain:RegisteredDomain", {"domainName": "shop.example.io"},
         {"registration a year, .io": "1 year, no price"}, MISSING),
    Case("is billed by the month", "aws:route53/trafficPolicyInstance:TrafficPolicyInstance", {},
         {"traffic policy record": "1 record-month, no price"}, MISSING),
    Case("is billed by the hour", "aws:route53recoverycontrol/cluster:Cluster", {},
         {"recovery control cluster": "1 hour, no price"}, MISSING),
    Case("is billed by the hour", "aws:ec2/trafficMirrorSession:TrafficMirrorSession", {},
         {"traffic mirror session": "1 hour, no price"}, MISSING),
    Case("is billed once", "aws:ec2/networkInsightsAnalysis:NetworkInsightsAnalysis", {},
         {"reachability analysis": "1 analysis, no price"}, MISSING),
    Case("is billed by addresses", "aws:ec2/vpcIpam:VpcIpam", {}, {"active addresses": "100 hour, no price"}, MISSING),
    Case("is free of the free kind", "aws:ec2/vpcIpam:VpcIpam", {"tier": "free"}, {}, VPC),
    Case("is billed by the hour and by use", "aws:vpclattice/service:Service", {},
         {"Lattice service": "1 hour, no price", "Lattice data": "10 GB, no price",
          "Lattice requests": "1000000 request, no price"}, MISSING),
    Case("is billed by the hour and by use", "aws:verifiedaccess/endpoint:Endpoint", {},
         {"verified application": "1 hour, no price", "data through it": "10 GB, no price"}, MISSING),
    Case("is billed by use", "aws:cloudfront/function:Function", {}, {"invocations": "10000000 invocation, no price"}, MISSING),
    Case("is billed by use", "aws:cloudfront/realtimeLogConfig:RealtimeLogConfig", {},
         {"log lines": "10000000 line, no price"}, MISSING),
    Case("makes a zone", "aws:servicediscovery/publicDnsNamespace:PublicDnsNamespace", {},
         {"hosted zone, first 25": "0.5", "DNS queries, first 1B": "0.4"},
         "aws.amazon.com/route53/pricing: a zone 0.50, a million queries 0.40"),
    Case("is billed by the month", "aws:servicediscovery/instance:Instance", {},
         {"registered resource": "1 resource-month, no price"}, MISSING),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=str)
def test_costs(case: Case, book: PriceBook) -> None:
    assert lines_of(case, book) == dict(case.lines), case.source
