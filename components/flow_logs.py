"""A record of the traffic in a VPC."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import pulumi
from pulumi_aws import cloudwatch, ec2, iam

from components.binding import allow
from components.component import Component
from cygni.naming import ROLE_NAME_LIMIT, auto_named


@dataclass(frozen=True)
class FlowLogsArgs:
    """`traffic` is ACCEPT, REJECT or ALL; `retention` is in days, of those CloudWatch allows."""

    vpc_id: pulumi.Input[str]
    log_group: str
    traffic: str
    retention: int
    account: str


class FlowLogs(Component):
    """Flow logs of a VPC in CloudWatch, with the log group and the role that writes to it. Output: `log_group`."""

    token = "cygni:network:FlowLogs"

    def __init__(self, name: str, args: FlowLogsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, opts)
        self.log_group = cloudwatch.LogGroup(
            f"{name}-flow-logs",
            name=args.log_group,
            retention_in_days=args.retention,
            opts=self.child(),
        )
        role_name = auto_named(f"{name}-flow-logs", ROLE_NAME_LIMIT)
        role = iam.Role(role_name, assume_role_policy=json.dumps(_trust(args.account)), opts=self.child())
        permitted = iam.RolePolicy(
            role_name,
            role=role.id,
            policy=self.log_group.arn.apply(lambda arn: json.dumps(_permissions(arn))),
            opts=self.child(),
        )
        ec2.FlowLog(
            f"{name}-flow-logs",
            vpc_id=args.vpc_id,
            traffic_type=args.traffic,
            log_destination=self.log_group.arn,
            iam_role_arn=role.arn,
            tags={"Name": f"{name}-flow-logs"},
            # EC2 refuses a second one of the VPC to the same log group (FlowLogAlreadyExists).
            opts=self.child(depends_on=[permitted], delete_before_replace=True),
        )
        self.register_outputs({"logGroupArn": self.log_group.arn})


def _trust(account: str) -> dict[str, Any]:
    """The service of flow logs alone, and only for this account's (VPC User Guide)."""
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "vpc-flow-logs.amazonaws.com"},
                "Action": "sts:AssumeRole",
                "Condition": {"StringEquals": {"aws:SourceAccount": account}},
            }
        ],
    }


def _permissions(log_group: str) -> dict[str, Any]:
    actions = [
        "logs:CreateLogStream",
        "logs:PutLogEvents",
        "logs:DescribeLogGroups",
        "logs:DescribeLogStreams",
    ]
    return {"Version": "2012-10-17", "Statement": [allow(actions, [log_group, f"{log_group}:*"])]}
