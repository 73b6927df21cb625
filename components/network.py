"""A VPC over several zones, with NAT as asked."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from typing import NamedTuple

import pulumi
from pulumi_aws import ec2

from components.component import Component


@dataclass(frozen=True)
class NetworkArgs:
    """`cidr` of the VPC (/16 to /20), `zones` are availability zone names, `nat` is none, single or per-zone.

    A NAT gateway costs by the hour and by the gigabyte; with `none` there is none, and private subnets reach
    only the VPC itself and S3 (through a gateway endpoint, which is free). `kubernetes` says that a cluster runs in it,
    whose load balancers find their subnets by tags.
    """

    cidr: str
    zones: Sequence[str]
    nat: str
    region: str
    kubernetes: bool = False


_LOAD_BALANCER_ROLES = {"public": "kubernetes.io/role/elb", "private": "kubernetes.io/role/internal-elb"}
"""Tags by which the AWS Load Balancer Controller finds where load balancers may be, open to the internet and not; their
value is `1` (EKS User Guide, Network requirements of load balancers)."""


class Subnets(NamedTuple):
    """The ranges of a network's subnets, one for each zone, in the order of the zones."""

    public: list[str]
    private: list[str]
    isolated: list[str]


def subnets_of(cidr: str, zones: int) -> Subnets:
    """Public, private and isolated subnets for each of up to four zones, without overlap.

    The VPC is cut into eight. The first zones get an eighth of the lower half as their public subnet and one of
    the upper half as their private subnet. What the lower half has left, its last eighth, is for what needs few
    addresses: the first half of it, cut into four, for isolated subnets (1/64 of the VPC each: 1,019 addresses
    of a /16, 59 of a /20, after the five AWS keeps), the second half for the public subnet of a fourth zone. So
    any zone can be added without moving anything.
    """
    eighths = list(ipaddress.IPv4Network(cidr).subnets(prefixlen_diff=3))
    small, fourth_public = eighths[3].subnets(prefixlen_diff=1)
    public = [*eighths[:3], fourth_public]
    isolated = small.subnets(prefixlen_diff=2)
    kinds = (public, eighths[4:], isolated)
    return Subnets(*([str(piece) for piece in islice(pieces, zones)] for pieces in kinds))


class Network(Component):
    """VPC, public, private and isolated subnets, internet gateway, route tables, NAT gateways, S3 endpoint.

    Isolated subnets reach nothing but the VPC: they are for databases and caches. Outputs: `vpc`,
    `public_subnets`, `private_subnets`, `isolated_subnets` (one for each zone, in the order of the zones).
    """

    token = "cygni:network:Network"

    def __init__(self, name: str, args: NetworkArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, opts)
        self.name = name
        self.vpc = ec2.Vpc(
            name,
            cidr_block=args.cidr,
            enable_dns_hostnames=True,
            enable_dns_support=True,
            tags={"Name": name},
            opts=self.child(),
        )
        gateway = ec2.InternetGateway(name, vpc_id=self.vpc.id, tags={"Name": name}, opts=self.child())
        cidrs = subnets_of(args.cidr, len(args.zones))
        roles = _LOAD_BALANCER_ROLES if args.kubernetes else {}
        self.public_subnets = self._subnets("public", args.zones, cidrs.public, roles.get("public"))
        self.private_subnets = self._subnets("private", args.zones, cidrs.private, roles.get("private"))
        self.isolated_subnets = self._subnets("isolated", args.zones, cidrs.isolated)
        public_table = self._public_routes(args.zones, gateway)
        nat_gateways = self._nat_gateways(args, gateway)
        private_tables = self._private_routes(args, nat_gateways)
        self._isolated_routes(args.zones)
        ec2.VpcEndpoint(
            f"{name}-s3",
            vpc_id=self.vpc.id,
            service_name=f"com.amazonaws.{args.region}.s3",
            vpc_endpoint_type="Gateway",
            route_table_ids=[table.id for table in [public_table, *private_tables]],
            tags={"Name": f"{name}-s3"},
            opts=self.child(),
        )
        self.register_outputs({"vpcId": self.vpc.id})

    def _subnets(
        self, kind: str, zones: Sequence[str], cidrs: Sequence[str], tag: str | None = None
    ) -> list[ec2.Subnet]:
        own = {tag: "1"} if tag else {}
        return [
            ec2.Subnet(
                f"{self.name}-{kind}-{zone[-1]}",
                vpc_id=self.vpc.id,
                cidr_block=cidr,
                availability_zone=zone,
                tags={"Name": f"{self.name}-{kind}-{zone[-1]}", **own},
                opts=self.child(),
            )
            for zone, cidr in zip(zones, cidrs, strict=True)
        ]

    def _public_routes(self, zones: Sequence[str], gateway: ec2.InternetGateway) -> ec2.RouteTable:
        name = f"{self.name}-public"
        table = ec2.RouteTable(name, vpc_id=self.vpc.id, tags={"Name": name}, opts=self.child())
        ec2.Route(
            f"{name}-internet",
            route_table_id=table.id,
            destination_cidr_block="0.0.0.0/0",
            gateway_id=gateway.id,
            opts=self.child(),
        )
        for zone, subnet in zip(zones, self.public_subnets, strict=True):
            self._associate(f"{name}-{zone[-1]}", subnet, table)
        return table

    def _nat_gateways(self, args: NetworkArgs, gateway: ec2.InternetGateway) -> list[ec2.NatGateway]:
        count = {"none": 0, "single": 1, "per-zone": len(args.zones)}[args.nat]
        gateways = []
        for zone, subnet in list(zip(args.zones, self.public_subnets, strict=True))[:count]:
            name = f"{self.name}-nat-{zone[-1]}"
            address = ec2.Eip(name, domain="vpc", tags={"Name": name}, opts=self.child(depends_on=[gateway]))
            gateways.append(
                ec2.NatGateway(
                    name,
                    allocation_id=address.id,
                    subnet_id=subnet.id,
                    tags={"Name": name},
                    opts=self.child(depends_on=[gateway]),
                )
            )
        return gateways

    def _private_routes(
        self, args: NetworkArgs, nat_gateways: Sequence[ec2.NatGateway]
    ) -> list[ec2.RouteTable]:
        tables = []
        for index, (zone, subnet) in enumerate(zip(args.zones, self.private_subnets, strict=True)):
            name = f"{self.name}-private-{zone[-1]}"
            table = ec2.RouteTable(name, vpc_id=self.vpc.id, tags={"Name": name}, opts=self.child())
            if nat_gateways:
                ec2.Route(
                    f"{name}-nat",
                    route_table_id=table.id,
                    destination_cidr_block="0.0.0.0/0",
                    nat_gateway_id=nat_gateways[min(index, len(nat_gateways) - 1)].id,
                    opts=self.child(),
                )
            self._associate(name, subnet, table)
            tables.append(table)
        return tables

    def _isolated_routes(self, zones: Sequence[str]) -> None:
        """One table without a route serves all zones: what is not local has nowhere to go."""
        name = f"{self.name}-isolated"
        table = ec2.RouteTable(name, vpc_id=self.vpc.id, tags={"Name": name}, opts=self.child())
        for zone, subnet in zip(zones, self.isolated_subnets, strict=True):
            self._associate(f"{name}-{zone[-1]}", subnet, table)

    def _associate(self, name: str, subnet: ec2.Subnet, table: ec2.RouteTable) -> None:
        ec2.RouteTableAssociation(
            name,
            subnet_id=subnet.id,
            route_table_id=table.id,
            opts=self.child(),
        )
