"""Interface endpoints: AWS services inside the VPC."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
from pulumi_aws import ec2, vpc

from components.component import Component
from components.egress import to_anywhere


@dataclass(frozen=True)
class EndpointsArgs:
    """`services` as their endpoints are named: `ecr.api`. `subnet_ids` has one subnet a zone; each endpoint costs by
    the hour in each of them. Whoever is in `cidr` may use them."""

    services: Sequence[str]
    region: str
    vpc_id: pulumi.Input[str]
    subnet_ids: Sequence[pulumi.Input[str]]
    cidr: str


class Endpoints(Component):
    """An interface endpoint with private DNS for each service, in one security group that takes HTTPS from the VPC.

    Outputs: `endpoints`, by service.
    """

    token = "cygni:network:Endpoints"

    def __init__(self, name: str, args: EndpointsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, opts)
        group = ec2.SecurityGroup(
            f"{name}-endpoints",
            description="Endpoints of AWS services",
            vpc_id=args.vpc_id,
            egress=to_anywhere(),
            tags={"Name": f"{name}-endpoints"},
            opts=self.child(),
        )
        vpc.SecurityGroupIngressRule(
            f"{name}-endpoints",
            security_group_id=group.id,
            description="HTTPS from the VPC",
            ip_protocol="tcp",
            from_port=443,
            to_port=443,
            cidr_ipv4=args.cidr,
            opts=self.child(),
        )
        self.endpoints = {
            service: ec2.VpcEndpoint(
                f"{name}-{service}",
                vpc_id=args.vpc_id,
                service_name=f"com.amazonaws.{args.region}.{service}",
                vpc_endpoint_type="Interface",
                subnet_ids=list(args.subnet_ids),
                security_group_ids=[group.id],
                private_dns_enabled=True,
                tags={"Name": f"{name}-{service}"},
                opts=self.child(),
            )
            for service in args.services
        }
        self.register_outputs({"securityGroupId": group.id})
