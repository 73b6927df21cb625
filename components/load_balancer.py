"""The public entrance of an environment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pulumi
from pulumi_aws import ec2, lb, vpc

from components.component import Component
from components.egress import to_anywhere
from cygni.naming import auto_named, host_in_name

HTTP_PORT = 80
HTTPS_PORT = 443
TLS_POLICY = "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09"
"""TLS 1.3 and 1.2 with forward secrecy and authenticated encryption only, and post-quantum key exchange: what AWS
recommends (Elastic Load Balancing, security policies for application load balancers)."""


@dataclass(frozen=True)
class LoadBalancerArgs:
    """The VPC and the public subnets (at least two zones) the load balancer stands in.

    `certificates` are ARNs of issued ones by host, the first for who names no host too; with any, it speaks HTTPS.
    `further_certificates` are more of them: one of these may come and go while the others are served without a gap.
    `only_from` is a prefix list: who is in it may come, over HTTPS, and nobody else.
    """

    vpc_id: pulumi.Input[str]
    subnet_ids: Sequence[pulumi.Input[str]]
    certificates: Mapping[str, pulumi.Input[str]] = field(default_factory=dict)
    further_certificates: Mapping[str, pulumi.Input[str]] = field(default_factory=dict)
    only_from: pulumi.Input[str] | None = None

    @property
    def is_secure(self) -> bool:
        return bool(self.certificates or self.further_certificates)


class LoadBalancer(Component):
    """Application Load Balancer, its security group and its listeners.

    Without certificates there is one listener, for HTTP. With them there is one for HTTPS as well, and HTTP is
    redirected to it. Outputs: `balancer`, `listener` (the one for the services' rules; it answers 404 to what no rule
    takes), `security_group`.
    """

    token = "cygni:network:LoadBalancer"

    def __init__(self, name: str, args: LoadBalancerArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, opts)
        self.name = name
        self.security_group = ec2.SecurityGroup(
            f"{name}-alb",
            description="Entrance of the load balancer",
            vpc_id=args.vpc_id,
            egress=to_anywhere(),
            opts=self.child(),
        )
        self._let_in(args)
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
            default_actions=[_to_https() if args.is_secure else _not_found()],
            opts=self.child(),
        )
        if args.is_secure:
            self.listener = self._https(args)
        self.register_outputs({"dnsName": self.balancer.dns_name})

    def _let_in(self, args: LoadBalancerArgs) -> None:
        """A prefix list counts as all its entries against the rules that a group may have: one rule has room."""
        if args.only_from is not None:
            self._ingress("https", HTTPS_PORT, "HTTPS from the prefix list", prefix_list_id=args.only_from)
            return
        self._ingress("http", HTTP_PORT, "HTTP from anywhere", cidr_ipv4="0.0.0.0/0")
        if args.is_secure:
            self._ingress("https", HTTPS_PORT, "HTTPS from anywhere", cidr_ipv4="0.0.0.0/0")

    def _ingress(self, kind: str, port: int, description: str, **source: pulumi.Input[str]) -> None:
        vpc.SecurityGroupIngressRule(
            f"{self.name}-alb-{kind}",
            security_group_id=self.security_group.id,
            description=description,
            ip_protocol="tcp",
            from_port=port,
            to_port=port,
            opts=self.child(),
            **source,
        )

    def _https(self, args: LoadBalancerArgs) -> lb.Listener:
        """Further certificates are all in the listener's list, the default one too: AWS lets it be both, so that
        another becomes the default and this one goes while those in the list stay (DescribeListenerCertificates)."""
        certificates = {**args.further_certificates, **args.certificates}
        default, *others = [*args.certificates, *args.further_certificates]
        listed = others if args.certificates else [default, *others]
        listener = lb.Listener(
            f"{self.name}-https",
            load_balancer_arn=self.balancer.arn,
            port=HTTPS_PORT,
            protocol="HTTPS",
            ssl_policy=TLS_POLICY,
            certificate_arn=certificates[default],
            default_actions=[_not_found()],
            opts=self.child(),
        )
        for host in listed:
            lb.ListenerCertificate(
                f"{self.name}-{host_in_name(host)}",
                listener_arn=listener.arn,
                certificate_arn=certificates[host],
                # AWS removes none that is the default one; the list goes with its listener.
                opts=self.child(deleted_with=listener),
            )
        return listener


def _not_found() -> lb.ListenerDefaultActionArgs:
    return lb.ListenerDefaultActionArgs(
        type="fixed-response",
        fixed_response=lb.ListenerDefaultActionFixedResponseArgs(
            content_type="text/plain", message_body="no such service", status_code="404"
        ),
    )


def _to_https() -> lb.ListenerDefaultActionArgs:
    return lb.ListenerDefaultActionArgs(
        type="redirect",
        redirect=lb.ListenerDefaultActionRedirectArgs(
            status_code="HTTP_301", protocol="HTTPS", port=str(HTTPS_PORT)
        ),
    )
