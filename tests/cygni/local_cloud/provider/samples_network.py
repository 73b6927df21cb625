"""Samples of network ACLs and flow logs."""

from __future__ import annotations

from typing import Any

from tests.cygni.local_cloud.provider.samples import RETAGGED, Sample, tags


def rule(number: int, protocol: str, first: int = 0, last: int = 0, **more: Any) -> dict[str, Any]:
    ends = {"fromPort": first, "toPort": last}
    return {
        "ruleNo": number,
        "action": "allow",
        "protocol": protocol,
        "cidrBlock": "10.0.0.0/8",
        **ends,
        **more,
    }


NETWORK: dict[str, Sample] = {
    "acl": Sample(
        "aws:ec2/networkAcl:NetworkAcl",
        lambda make: {
            "vpcId": make("vpc").id,
            "subnetIds": [make("subnet").id],
            "ingress": [
                rule(100, "tcp", 80, 80),
                rule(110, "6", 443, 443, action="deny"),
                rule(120, "icmp", icmpType=3, icmpCode=4),
            ],
            "egress": [rule(100, "-1")],
            **tags(),
        },
        lambda make: {
            "subnetIds": [make("subnet b").id],
            "ingress": [rule(100, "6", 81, 82), rule(130, "17", 53, 53)],
            "egress": [],
            **RETAGGED,
        },
    ),
    "bare acl": Sample("aws:ec2/networkAcl:NetworkAcl", lambda make: {"vpcId": make("vpc").id, **tags()}),
    "acl rule": Sample(
        "aws:ec2/networkAclRule:NetworkAclRule",
        lambda make: {
            "networkAclId": make("bare acl").id,
            "ruleNumber": 50,
            "protocol": "tcp",
            "ruleAction": "allow",
            "cidrBlock": "10.0.0.0/8",
            "fromPort": 1,
            "toPort": 2,
        },
        None,
        None,  # its id has the protocol as the program wrote it, and an import has its number
    ),
    "acl rule of all": Sample(
        "aws:ec2/networkAclRule:NetworkAclRule",
        lambda make: {
            "networkAclId": make("bare acl").id,
            "ruleNumber": 60,
            "protocol": "-1",
            "egress": True,
            "ruleAction": "deny",
            "cidrBlock": "0.0.0.0/0",
        },
        None,
        lambda kept: f"{kept.outputs['networkAclId']}:60:-1:true",
    ),
    "flow log": Sample(
        "aws:ec2/flowLog:FlowLog",
        lambda make: {
            "vpcId": make("vpc").id,
            "trafficType": "REJECT",
            "logDestination": make("log group").outputs["arn"],
            "iamRoleArn": make("role").outputs["arn"],
            **tags(),
        },
        lambda make: RETAGGED,
    ),
}
