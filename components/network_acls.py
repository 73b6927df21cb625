"""Network ACLs: what each kind of subnet takes and sends, whatever security groups say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
from pulumi_aws import ec2

from components.component import Component

_ANYWHERE = "0.0.0.0/0"
_ALL, _ICMP, _TCP, _UDP = "-1", "1", "6", "17"
_HTTP, _HTTPS = 80, 443
_LAST_PORT = 65535

_NAT_PORTS = 1024
"""First of the ports that NAT gateways and load balancers send from (VPC User Guide, ephemeral ports). 3389 lies
among them, and answers to it cannot be told from strangers: security groups do that, which remember who asked."""

_LINUX_PORTS = 32768
"""First of the ports that Linux, which tasks run on, sends from."""


@dataclass(frozen=True)
class NetworkAclsArgs:
    """The subnets of each kind in a VPC of the range `cidr`."""

    vpc_id: pulumi.Input[str]
    cidr: str
    public: Sequence[pulumi.Input[str]]
    private: Sequence[pulumi.Input[str]]
    isolated: Sequence[pulumi.Input[str]]


class NetworkAcls(Component):
    """Three ACLs. They remember nothing, so answers must be let in by their ports. Public subnets take HTTP, HTTPS and
    answers from outside the VPC, private ones answers, isolated ones nothing, and send nothing there either."""

    token = "cygni:network:NetworkAcls"

    def __init__(self, name: str, args: NetworkAclsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, opts)
        inside = _rule(100, _ALL, args.cidr)
        anywhere = _rule(100, _ALL, _ANYWHERE)
        web = [_rule(number, _TCP, _ANYWHERE, port, port) for number, port in ((110, _HTTP), (120, _HTTPS))]
        for kind, subnets, ingress, egress in (
            ("public", args.public, [inside, *web, *_answers(_NAT_PORTS)], anywhere),
            ("private", args.private, [inside, *_answers(_LINUX_PORTS)], anywhere),
            ("isolated", args.isolated, [inside], inside),
        ):
            ec2.NetworkAcl(
                f"{name}-{kind}",
                vpc_id=args.vpc_id,
                subnet_ids=list(subnets),
                ingress=[ec2.NetworkAclIngressArgs(**rule) for rule in ingress],
                egress=[ec2.NetworkAclEgressArgs(**egress)],
                tags={"Name": f"{name}-{kind}"},
                opts=self.child(),
            )
        self.register_outputs({"vpcId": args.vpc_id})


def _rule(number: int, protocol: str, cidr: str, first: int = 0, last: int = 0) -> dict[str, Any]:
    return {
        "rule_no": number,
        "action": "allow",
        "protocol": protocol,
        "cidr_block": cidr,
        "from_port": first,
        "to_port": last,
    }


def _answers(first_port: int) -> list[dict[str, Any]]:
    """What comes back from outside: answers, and word that a packet was too large (ICMP type 3, code 4), without
    which connections hang."""
    too_large = {**_rule(150, _ICMP, _ANYWHERE), "icmp_type": 3, "icmp_code": 4}
    return [
        _rule(130, _TCP, _ANYWHERE, first_port, _LAST_PORT),
        _rule(140, _UDP, _ANYWHERE, first_port, _LAST_PORT),
        too_large,
    ]
