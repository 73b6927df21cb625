"""The public entrance of an environment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
from pulumi_aws import ec2, lb, vpc

from components.component import Component
from components.egress import to_anywhere
from cygni.naming import auto_named

HTTP_PORT = 80


@dataclass(frozen=True)
class LoadBalancerArgs:
    """The VPC and the public subnets (at least two zones) the load balancer stands in."""

    vpc_id: pulumi.Input[str]
    subnet_ids: Sequence[pulumi.Input[str]]


class LoadBalancer(Component):
    """Application Load Balancer, its security group (port 80 from anywhere) and an HTTP listener.

    The listener answers 404 to what no service's rule takes. Outputs: `balancer`, `listener`,
    `security_group`.
    """

    token = "cygni:network:LoadBalancer"

    def __init__(self, name: str, args: LoadBalancerArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, opts)
        self.security_group = ec2.SecurityGroup(
            f"{name}-alb",
            description="Entrance of the load balancer",
            vpc_id=args.vpc_id,
            egress=to_anywhere(),
            opts=self.child(),
        )
        vpc.SecurityGroupIngressRule(
            f"{name}-alb-http",
            security_group_id=self.security_group.id,
            description="HTTP from anywhere",
            ip_protocol="tcp",
            from_port=HTTP_PORT,
            to_port=HTTP_PORT,
            cidr_ipv4="0.0.0.0/0",
            opts=self.child(),
        )
        self.balancer = lb.LoadBalancer(
            auto_named(name),
            load_balancer_type="application",
            internal=False,
            security_groups=[self.security_group.id],
            subnets=list(args.subnet_ids),
            drop_invalid_header_fields=True,
            opts=self.child(),
        )
        self.listener = lb.Listener(
            name,
            load_balancer_arn=self.balancer.arn,
            port=HTTP_PORT,
            protocol="HTTP",
            default_actions=[
                lb.ListenerDefaultActionArgs(
                    type="fixed-response",
                    fixed_response=lb.ListenerDefaultActionFixedResponseArgs(
                        content_type="text/plain", message_body="no such service", status_code="404"
                    ),
                )
            ],
            opts=self.child(),
        )
        self.register_outputs({"dnsName": self.balancer.dns_name})
