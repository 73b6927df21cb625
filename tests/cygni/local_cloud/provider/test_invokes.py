"""Functions: computed ones anywhere, the others against moto."""

from __future__ import annotations

import json
from typing import Any

import pytest

from cygni.local_cloud.provider import invokes
from cygni.local_cloud.provider.cloud import Cloud, connection
from cygni.local_cloud.provider.invokes import NotFound
from cygni.local_cloud.provider.operations import NotServed

World = Any  # the fixture's class, see conftest.py

DOCUMENT = "aws:iam/getPolicyDocument:getPolicyDocument"
NOWHERE = Cloud(connection({"region": "eu-west-1"}, {}))


def document(**args: Any) -> Any:
    return json.loads(invokes.function(DOCUMENT)(NOWHERE, args)["json"])


class TestPolicyDocument:
    def test_writes_one_value_as_text_and_more_in_reverse_order(self) -> None:
        statement = {"actions": ["s3:Get*", "s3:Put*"], "resources": ["*"], "sid": "A"}

        assert document(statements=[statement])["Statement"] == [
            {"Sid": "A", "Effect": "Allow", "Action": ["s3:Put*", "s3:Get*"], "Resource": "*"}
        ]

    def test_merges_principals_and_conditions(self) -> None:
        statement = {
            "actions": ["sts:AssumeRole"],
            "principals": [{"type": "AWS", "identifiers": ["b"]}, {"type": "AWS", "identifiers": ["a"]}],
            "conditions": [{"test": "StringEquals", "variable": "x", "values": ["&{aws:username}"]}],
        }

        (made,) = document(statements=[statement])["Statement"]

        assert made["Principal"] == {"AWS": ["b", "a"]}
        assert made["Condition"] == {"StringEquals": {"x": "${aws:username}"}}

    def test_writes_everybody_as_a_star(self) -> None:
        statement = {"actions": ["a"], "principals": [{"type": "*", "identifiers": ["*"]}]}

        assert document(statements=[statement])["Statement"][0]["Principal"] == "*"

    def test_lets_later_documents_override_by_sid(self) -> None:
        one, other = ({"Statement": [{"Sid": "A", "Effect": effect}]} for effect in ("Allow", "Deny"))

        made = document(sourcePolicyDocuments=[json.dumps(one)], overridePolicyDocuments=[json.dumps(other)])

        assert made["Statement"] == [{"Sid": "A", "Effect": "Deny"}]

    @pytest.mark.parametrize(
        ("args", "said"),
        [
            ({"statements": [{"sid": "A"}, {"sid": "A"}]}, "two statements"),
            ({"statements": [{"sid": "a-b"}]}, "letters and digits"),
            ({"version": "2008-10-17", "statements": [{"resources": ["&{x}"]}]}, "need version"),
        ],
    )
    def test_refuses_what_makes_no_policy(self, args: dict[str, Any], said: str) -> None:
        with pytest.raises(NotFound, match=said):
            document(**args)


class TestWithoutACloud:
    def test_region_and_partition_are_known(self) -> None:
        region = invokes.function("aws:index/getRegion:getRegion")(NOWHERE, {})
        partition = invokes.function("aws:index/getPartition:getPartition")(NOWHERE, {})

        assert (region["name"], region["endpoint"]) == ("eu-west-1", "ec2.eu-west-1.amazonaws.com")
        assert (partition["partition"], partition["reverseDnsPrefix"]) == ("aws", "com.amazonaws")


class TestAgainstACloud:
    def test_the_caller_and_the_zones_are_known(self, world: World) -> None:
        call = world.operations.invoke
        zones = call("aws:index/getAvailabilityZones:getAvailabilityZones", {"excludeNames": ["us-east-1a"]})

        assert call("aws:index/getCallerIdentity:getCallerIdentity", {})["accountId"] == "123456789012"
        assert zones["names"] == sorted(zones["names"])
        assert "us-east-1a" not in zones["names"]
        assert len(zones["names"]) == len(zones["zoneIds"]) > 1
        zone = call("aws:index/getAvailabilityZone:getAvailabilityZone", {"name": "us-east-1b"})
        assert zone["nameSuffix"] == "b"

    def test_networks_are_found(self, world: World) -> None:
        vpc = world.create("aws:ec2/vpc:Vpc", {"cidrBlock": "10.9.0.0/16", "tags": {"a": "b"}})
        subnet = world.create("aws:ec2/subnet:Subnet", {"vpcId": vpc.id, "cidrBlock": "10.9.1.0/24"})
        filters = [{"name": "vpc-id", "values": [vpc.id]}]

        found = world.operations.invoke("aws:ec2/getVpc:getVpc", {"tags": {"a": "b"}})
        subnets = world.operations.invoke("aws:ec2/getSubnets:getSubnets", {"filters": filters})

        assert (found["id"], found["cidrBlock"]) == (vpc.id, "10.9.0.0/16")
        assert subnets["ids"] == [subnet.id]
        with pytest.raises(NotFound, match="no matching"):
            world.operations.invoke("aws:ec2/getVpc:getVpc", {"tags": {"a": "other"}})

    def test_buckets_parameters_and_registry_credentials_are_found(self, world: World) -> None:
        world.create("aws:s3/bucket:Bucket", {"bucket": "sample"})
        world.create("aws:ssm/parameter:Parameter", {"name": "p", "type": "String", "value": "v"})
        call = world.operations.invoke

        assert call("aws:s3/getBucket:getBucket", {"bucket": "sample"})["arn"] == "arn:aws:s3:::sample"
        assert call("aws:ssm/getParameter:getParameter", {"name": "p"})["value"] == "v"
        assert call("aws:ecr/getAuthorizationToken:getAuthorizationToken", {})["userName"] == "AWS"
        with pytest.raises(NotFound):
            call("aws:ssm/getParameter:getParameter", {"name": "q"})

    def test_others_are_not_served(self, world: World) -> None:
        with pytest.raises(NotServed, match=r"the function aws:x/getY:getY"):
            world.operations.invoke("aws:x/getY:getY", {})


class TestHostedZone:
    @staticmethod
    def get(world: World, **args: Any) -> dict[str, Any]:
        return invokes.function("aws:route53/getZone:getZone")(world.operations.cloud, args)

    def test_is_found_by_its_name_or_its_id(self, world: World) -> None:
        kept = world.create("aws:route53/zone:Zone", {"name": "example.com", "tags": {"team": "blue"}})

        found = self.get(world, name="Example.com.")

        assert (found["zoneId"], found["name"], found["tags"]) == (kept.id, "example.com", {"team": "blue"})
        assert found["nameServers"] == kept.outputs["nameServers"]
        assert self.get(world, zoneId=kept.id) == found

    def test_must_be_the_only_one(self, world: World) -> None:
        with pytest.raises(NotFound, match="0 hosted zones match example.com"):
            self.get(world, name="example.com")
        for _ in range(2):
            world.create("aws:route53/zone:Zone", {"name": "example.com"})
        with pytest.raises(NotFound, match="2 hosted zones match example.com"):
            self.get(world, name="example.com")

    def test_is_private_if_that_is_asked_for(self, world: World) -> None:
        vpc = world.create("aws:ec2/vpc:Vpc", {"cidrBlock": "10.0.0.0/16"})
        world.create("aws:route53/zone:Zone", {"name": "example.com"})
        private = world.create("aws:route53/zone:Zone", {"name": "example.com", "vpcs": [{"vpcId": vpc.id}]})

        assert self.get(world, name="example.com", vpcId=vpc.id)["zoneId"] == private.id
        assert self.get(world, name="example.com", privateZone=True)["privateZone"] is True
        assert self.get(world, name="example.com")["zoneId"] != private.id


class TestPrefixList:
    def test_of_aws_is_found_by_its_name(self, world: World) -> None:
        get = invokes.function("aws:ec2/getManagedPrefixList:getManagedPrefixList")
        name = "com.amazonaws.global.cloudfront.origin-facing"

        found = get(world.operations.cloud, {"name": name})

        assert (found["name"], found["ownerId"], found["id"][:3]) == (name, "AWS", "pl-")
        assert found["entries"]
        with pytest.raises(NotFound, match="0 prefix lists"):
            get(world.operations.cloud, {"name": "none"})
