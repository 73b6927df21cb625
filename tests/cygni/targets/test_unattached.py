"""Addresses and disks that nothing uses; EC2 is moto's."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from cygni.pricing import PriceBook, estimate
from cygni.resources import Resource
from cygni.targets.fargate.clients import Clients
from cygni.targets.unattached import unattached

TAGS = [{"Key": "cygni:project", "Value": "shop"}, {"Key": "cygni:environment", "Value": "staging"}]


@pytest.fixture
def ec2(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    with mock_aws():
        yield boto3.client("ec2", region_name="us-east-1")


def address(ec2: Any, tags: list[dict[str, str]]) -> str:
    specification = [{"ResourceType": "elastic-ip", "Tags": tags}]
    return str(ec2.allocate_address(Domain="vpc", TagSpecifications=specification)["AllocationId"])


def volume(ec2: Any, tags: list[dict[str, str]], **given: Any) -> str:
    specification = [{"ResourceType": "volume", "Tags": tags}]
    made = ec2.create_volume(AvailabilityZone="us-east-1a", TagSpecifications=specification, **given)
    return str(made["VolumeId"])


def instance(ec2: Any) -> str:
    image = ec2.describe_images()["Images"][0]["ImageId"]
    return str(ec2.run_instances(ImageId=image, MinCount=1, MaxCount=1)["Instances"][0]["InstanceId"])


class TestUnattached:
    def test_are_those_of_the_environment_that_nothing_has(self, ec2: Any) -> None:
        other = [TAGS[0], {"Key": "cygni:environment", "Value": "production"}]
        address(ec2, other)
        volume(ec2, other, Size=5)
        expected = {address(ec2, TAGS), volume(ec2, TAGS, Size=20, VolumeType="gp3")}
        machine = instance(ec2)
        ec2.associate_address(AllocationId=address(ec2, TAGS), InstanceId=machine)
        ec2.attach_volume(VolumeId=volume(ec2, TAGS, Size=7), InstanceId=machine, Device="/dev/sdf")
        found = unattached(Clients({}), "shop", "staging", "us-east-1")
        assert {one.id for one in found} == expected

    def test_are_priced_as_resources_that_declare_the_same(self, ec2: Any) -> None:
        """0.08 USD/GB-month of gp3, and 0.005 USD an hour for an address (Amazon EBS and VPC pricing)."""
        address(ec2, TAGS)
        volume(ec2, TAGS, Size=20, VolumeType="gp3")
        found = unattached(Clients({}), "shop", "staging", "us-east-1")
        resources = [Resource(one.id, one.type, one.id, one.inputs, "us-east-1") for one in found]
        costs = estimate(resources, PriceBook.load()).resources
        assert {one.type.rpartition(":")[2]: str(one.known.monthly.normalize()) for one in costs} == {
            "Eip": "3.65",
            "Volume": "1.6",
        }
