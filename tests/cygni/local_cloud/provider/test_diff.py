"""What changes, property by property, and what replaces."""

from __future__ import annotations

import json
from typing import Any

import pytest

from cygni.local_cloud.provider.check import DEFAULTS
from cygni.local_cloud.provider.diff import Change, Difference, Kind, diff
from cygni.local_cloud.provider.operations import resource_type
from cygni.local_cloud.provider.wire import UNKNOWN

VPC = "aws:ec2/vpc:Vpc"
GROUP = "aws:ec2/securityGroup:SecurityGroup"
BUCKET = "aws:s3/bucket:Bucket"
ROLE = "aws:iam/role:Role"
REPOSITORY = "aws:ecr/repository:Repository"
RULE = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
GROUP_RULE = "aws:ec2/securityGroupRule:SecurityGroupRule"
TASK = "aws:ecs/taskDefinition:TaskDefinition"
SERVICE = "aws:ecs/service:Service"
LB = "aws:lb/loadBalancer:LoadBalancer"
TARGETS = "aws:lb/targetGroup:TargetGroup"
LIFECYCLE = "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration"


def compared(
    token: str, olds: dict[str, Any], news: dict[str, Any], outputs: dict[str, Any] | None = None
) -> Difference:
    return diff(resource_type(token), olds, {**olds, **(outputs or {})}, news)


def policy(**statement: Any) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


class TestNoChange:
    @pytest.mark.parametrize(
        ("token", "olds", "news", "outputs"),
        [
            (VPC, {"cidrBlock": "10.0.0.0/16"}, {}, {}),  # computed, left out
            (VPC, {}, {"cidrBlock": "10.0.0.0/16"}, {"cidrBlock": "10.0.0.0/16"}),  # written down as it is
            (LB, {"subnets": ["a", "b"]}, {"subnets": ["b", "a"]}, {}),  # a set
            (BUCKET, {"tags": {}}, {}, {}),
            (ROLE, {"description": ""}, {}, {}),
            (REPOSITORY, {"encryptionConfigurations": [{"encryptionType": "AES256"}]}, {}, {}),
            (GROUP_RULE, {"protocol": "6"}, {"protocol": "tcp"}, {}),
            (SERVICE, {"triggers": {"a": "1"}}, {"triggers": {"a": "2"}}, {}),
            (
                TASK,
                {
                    "containerDefinitions": '[{"name":"a","cpu":0,"essential":true,"portMappings":[{"containerPort":8,"hostPort":8,"protocol":"tcp"}]}]'
                },
                {
                    "containerDefinitions": '[{"portMappings":[{"containerPort":8}],"name":"a","mountPoints":[]}]'
                },
                {},
            ),
            (
                ROLE,
                {
                    "assumeRolePolicy": policy(
                        Effect="Allow", Action=["a", "b"], Principal={"AWS": "arn:aws:iam::123456789012:root"}
                    )
                },
                {
                    "assumeRolePolicy": policy(
                        Action=["b", "a"], Effect="Allow", Principal={"AWS": ["123456789012"]}
                    )
                },
                {},
            ),
            (ROLE, {}, {"path": "/", DEFAULTS: ["path"]}, {}),
        ],
    )
    def test_is_seen_in(
        self, token: str, olds: dict[str, Any], news: dict[str, Any], outputs: dict[str, Any]
    ) -> None:
        assert compared(token, olds, news, outputs).changes == ()


class TestChange:
    def test_is_told_by_path_and_kind(self) -> None:
        olds = {"tags": {"a": "1", "b:c": "2", "gone": "3"}}
        news = {"tags": {"a": "1", "b:c": "9", "new": "4"}}

        assert compared(BUCKET, olds, news).changes == (
            Change('tags["b:c"]', Kind.UPDATE),
            Change("tags.gone", Kind.DELETE),
            Change("tags.new", Kind.ADD),
        )

    def test_reaches_into_lists_and_blocks(self) -> None:
        before = {"rules": [{"id": "a", "status": "Enabled", "expiration": {"days": 1}}]}
        after = {"rules": [{"id": "a", "status": "Enabled", "expiration": {"days": 2}}]}

        assert compared(LIFECYCLE, before, after).changes == (
            Change("rules[0].expiration.days", Kind.UPDATE),
        )

    def test_of_a_set_tells_what_left_and_what_came(self) -> None:
        difference = compared(LB, {"securityGroups": ["a", "b"]}, {"securityGroups": ["c", "b"]})

        assert difference.changes == (Change("securityGroups[0]", Kind.UPDATE),)

    def test_from_nothing_given_is_measured_by_what_the_cloud_reports(self) -> None:
        difference = compared(VPC, {}, {"enableDnsHostnames": True}, {"enableDnsHostnames": False})

        assert difference.properties == ("enableDnsHostnames",)

    def test_to_no_rules_at_all_is_not_the_same_as_saying_nothing(self) -> None:
        reported = {"ingress": [{"protocol": "tcp", "fromPort": 1, "toPort": 1}]}

        assert compared(GROUP, {}, {}, reported).changes == ()
        assert compared(GROUP, {}, {"ingress": []}, reported).properties == ("ingress",)

    def test_to_an_unknown_value_is_a_change(self) -> None:
        assert compared(BUCKET, {"tags": {"a": "1"}}, {"tags": {"a": UNKNOWN}}).properties == ("tags",)

    def test_taken_away_is_a_deletion(self) -> None:
        assert compared(ROLE, {"description": "x"}, {}).changes == (Change("description", Kind.DELETE),)


class TestReplacement:
    @pytest.mark.parametrize(
        ("token", "olds", "news", "replaces"),
        [
            (VPC, {"cidrBlock": "10.0.0.0/16"}, {"cidrBlock": "10.1.0.0/16"}, ("cidrBlock",)),
            (VPC, {"region": "a"}, {"region": "b"}, ("region",)),
            (VPC, {"instanceTenancy": "dedicated"}, {"instanceTenancy": "default"}, ()),
            (VPC, {"instanceTenancy": "default"}, {"instanceTenancy": "dedicated"}, ("instanceTenancy",)),
            (RULE, {"cidrIpv4": "10.0.0.0/8"}, {"cidrIpv4": "10.0.0.0/16"}, ()),
            (RULE, {"cidrIpv4": "10.0.0.0/8"}, {"cidrIpv6": "::/0"}, ("cidrIpv4", "cidrIpv6")),
            (
                LB,
                {"subnets": ["a", "b"], "loadBalancerType": "application"},
                {"subnets": ["a"], "loadBalancerType": "application"},
                (),
            ),
            (
                TASK,
                {"containerDefinitions": '[{"name":"a"}]'},
                {"containerDefinitions": '[{"name":"b"}]'},
                ("containerDefinitions",),
            ),
            (
                REPOSITORY,
                {"encryptionConfigurations": [{"encryptionType": "AES256"}]},
                {"encryptionConfigurations": [{"encryptionType": "KMS"}]},
                ("encryptionConfigurations",),
            ),
            (BUCKET, {"bucket": "a"}, {"bucket": UNKNOWN}, ("bucket",)),
        ],
    )
    def test_follows_the_type(
        self, token: str, olds: dict[str, Any], news: dict[str, Any], replaces: tuple[str, ...]
    ) -> None:
        assert compared(token, olds, news).replaces == replaces

    def test_deletes_first_where_the_name_is_given_and_stays(self) -> None:
        olds = {"name": "mine", "vpcId": "a"}

        assert compared(GROUP, olds, {"name": "mine", "vpcId": "b"}).delete_before_replace

    def test_creates_first_where_the_name_is_generated(self) -> None:
        olds = {"name": "mine-1", "vpcId": "a"}

        difference = compared(GROUP, olds, {"name": "mine-1", "vpcId": "b", DEFAULTS: ["name"]})

        assert difference.replaces == ("vpcId",)
        assert not difference.delete_before_replace

    def test_deletes_first_where_two_cannot_be(self) -> None:
        assert compared(GROUP_RULE, {"fromPort": 1}, {"fromPort": 2}).delete_before_replace
