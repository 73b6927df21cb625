"""A security group whose create was interrupted before EC2's own rule was taken away."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from cygni.local_cloud.provider import diff as differing
from cygni.local_cloud.provider.handlers.ec2_security import permission
from cygni.local_cloud.provider.lookup import lookup
from cygni.local_cloud.provider.operations import resource_type

World = Any  # the fixture's class, see conftest.py

GROUP = "aws:ec2/securityGroup:SecurityGroup"
RULE = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"
TO_ANYWHERE = {"protocol": "-1", "fromPort": 0, "toPort": 0, "cidrBlocks": ["0.0.0.0/0"]}
"""What components/egress.py declares."""


@pytest.fixture
def inputs(world: World) -> dict[str, Any]:
    vpc = world.create("aws:ec2/vpc:Vpc", {"cidrBlock": "10.0.0.0/16"})
    given = {"name": "app", "vpcId": vpc.id, "egress": [TO_ANYWHERE], "tags": {"cygni:urn": "urn:app"}}
    return dict(world.check(GROUP, given))


@pytest.fixture
def group(world: World, inputs: dict[str, Any]) -> str:
    """As EC2 makes it: it may send anywhere."""
    tags = [{"ResourceType": "security-group", "Tags": [{"Key": "cygni:urn", "Value": "urn:app"}]}]
    answer = world.operations.cloud.client("ec2").create_security_group(
        GroupName="app", Description=inputs["description"], VpcId=inputs["vpcId"], TagSpecifications=tags
    )
    return str(answer["GroupId"])


def egress(world: World, group: str) -> list[dict[str, Any]]:
    found = world.operations.cloud.client("ec2").describe_security_groups(GroupIds=[group])
    return list(found["SecurityGroups"][0]["IpPermissionsEgress"])


class TestGroupThatMaySendAnywhere:
    def test_is_as_wanted_when_it_is_found_and_refreshed(
        self, world: World, group: str, inputs: dict[str, Any], moto_endpoint: str
    ) -> None:
        kind = resource_type(GROUP)

        assert lookup(GROUP, inputs, "us-east-1", endpoint=moto_endpoint) == group
        kept = world.operations.read(kind, group, inputs, inputs)

        assert not differing.diff(kind, kept.inputs, kept.outputs, inputs).changes

    def test_is_made_so_when_the_rule_is_gone_too(
        self, world: World, group: str, inputs: dict[str, Any]
    ) -> None:
        """The interruption came after EC2's rule was taken away, and before the group had its own."""
        kind = resource_type(GROUP)
        world.operations.cloud.client("ec2").revoke_security_group_egress(
            GroupId=group, IpPermissions=[permission(TO_ANYWHERE)]
        )
        kept = world.operations.read(kind, group, inputs, inputs)
        changed = differing.diff(kind, kept.inputs, kept.outputs, inputs).properties

        world.operations.update(kind, group, kept.outputs, inputs, changed)

        [rule] = egress(world, group)
        assert [one["CidrIp"] for one in rule["IpRanges"]] == ["0.0.0.0/0"]


class TestRuleOfItsOwn:
    def test_is_refused_as_a_duplicate_there(self, world: World, group: str) -> None:
        given = {"securityGroupId": group, "ipProtocol": "-1", "cidrIpv4": "0.0.0.0/0"}
        with pytest.raises(ClientError, match=r"InvalidPermission\.Duplicate"):
            world.create(RULE, {**given, "tags": {"cygni:urn": "urn:out"}})
