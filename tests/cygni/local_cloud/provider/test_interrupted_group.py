"""A security group whose create was interrupted before EC2's own rule was taken away."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

World = Any  # the fixture's class, see conftest.py

RULE = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"
ANYWHERE = {"ipProtocol": "-1", "cidrIpv4": "0.0.0.0/0"}


@pytest.fixture
def group(world: World) -> str:
    """As EC2 makes it: it may send anywhere."""
    vpc = world.create("aws:ec2/vpc:Vpc", {"cidrBlock": "10.0.0.0/16"})
    client = world.operations.cloud.client("ec2")
    return str(client.create_security_group(GroupName="app", Description="app", VpcId=vpc.id)["GroupId"])


class TestEgressRule:
    def test_takes_over_the_rule_that_nobody_tagged(self, world: World, group: str) -> None:
        made = world.create(RULE, {"securityGroupId": group, **ANYWHERE, "tags": {"cygni:urn": "urn:out"}})
        client = world.operations.cloud.client("ec2")
        by_group = [{"Name": "group-id", "Values": [group]}]
        [rule] = client.describe_security_group_rules(Filters=by_group)["SecurityGroupRules"]
        assert rule["SecurityGroupRuleId"] == made.id
        assert rule["Tags"] == [{"Key": "cygni:urn", "Value": "urn:out"}]

    def test_takes_no_rule_that_is_somebody_elses(self, world: World, group: str) -> None:
        world.create(RULE, {"securityGroupId": group, **ANYWHERE, "tags": {"cygni:urn": "urn:theirs"}})
        with pytest.raises(ClientError, match="InvalidPermission.Duplicate"):
            world.create(RULE, {"securityGroupId": group, **ANYWHERE, "tags": {"cygni:urn": "urn:out"}})
