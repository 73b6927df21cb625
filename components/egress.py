"""Where the members of a security group may send."""

from __future__ import annotations

from pulumi_aws import ec2


def to_anywhere() -> list[ec2.SecurityGroupEgressArgs]:
    """The group's `egress` for sending anywhere.

    It belongs into the group, in the words of the rule that EC2 gives every new group, without a description: a
    create that is interrupted before the provider has taken EC2's rule away leaves a group that is as wanted. A
    rule of its own would be refused there as a duplicate. (EC2 API reference, CreateSecurityGroup.)
    """
    return [ec2.SecurityGroupEgressArgs(protocol="-1", from_port=0, to_port=0, cidr_blocks=["0.0.0.0/0"])]
