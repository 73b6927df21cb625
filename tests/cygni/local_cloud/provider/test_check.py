"""Inputs are completed as the official provider completes them, and refused where it refuses them."""

from __future__ import annotations

from typing import Any

import pytest

from cygni.local_cloud.provider.check import DEFAULTS, Failure, Naming, Setting, check
from cygni.local_cloud.provider.operations import resource_type
from cygni.local_cloud.provider.wire import UNKNOWN

VPC = "aws:ec2/vpc:Vpc"
SUBNET = "aws:ec2/subnet:Subnet"
GROUP = "aws:ec2/securityGroup:SecurityGroup"
BUCKET = "aws:s3/bucket:Bucket"
ROLE = "aws:iam/role:Role"
LISTENER = "aws:lb/listener:Listener"
LB = "aws:lb/loadBalancer:LoadBalancer"
ROUTE = "aws:ec2/route:Route"
RULE = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
QUEUE = "aws:sqs/queue:Queue"
TARGETS = "aws:lb/targetGroup:TargetGroup"


def checked(
    token: str, news: dict[str, Any], olds: dict[str, Any] | None = None, **how: Any
) -> tuple[dict[str, Any], list[Failure]]:
    setting = how.pop("setting", Setting(region="eu-west-1"))
    naming = Naming(**{"resource": "web", "seed": b"seed", **how})
    return check(resource_type(token), olds or {}, news, setting, naming)


def inputs_of(
    token: str, news: dict[str, Any], olds: dict[str, Any] | None = None, **how: Any
) -> dict[str, Any]:
    inputs, failures = checked(token, news, olds, **how)
    assert failures == []
    return inputs


class TestCompletion:
    def test_adds_defaults_region_and_all_tags(self) -> None:
        inputs = inputs_of(VPC, {"cidrBlock": "10.0.0.0/16", "tags": {"a": "1"}})

        assert inputs == {
            "cidrBlock": "10.0.0.0/16",
            "enableDnsSupport": True,
            "instanceTenancy": "default",
            "region": "eu-west-1",
            "tags": {"a": "1"},
            "tagsAll": {"a": "1"},
            DEFAULTS: ["enableDnsSupport", "instanceTenancy"],
        }

    def test_puts_the_tags_of_the_provider_under_those_of_the_resource(self) -> None:
        setting = Setting("eu-west-1", {"team": "x", "env": "dev"}, frozenset({"env"}), ("skip:",))

        inputs = inputs_of(BUCKET, {"bucket": "b", "tags": {"team": "y", "skip:me": "1"}}, setting=setting)

        assert inputs["tagsAll"] == {"team": "y"}

    def test_does_not_know_all_tags_while_one_is_unknown(self) -> None:
        assert inputs_of(BUCKET, {"bucket": "b", "tags": {"a": UNKNOWN}})["tagsAll"] is UNKNOWN

    def test_fills_defaults_inside_blocks(self) -> None:
        news = {"port": 80, "protocol": "HTTP", "vpcId": "v", "healthCheck": {"path": "/"}}

        health = inputs_of(TARGETS, news)["healthCheck"]

        assert (health["healthyThreshold"], health["port"]) == (3, "traffic-port")

    def test_writes_documents_given_as_objects_as_text(self) -> None:
        inputs = inputs_of(ROLE, {"assumeRolePolicy": {"b": 1, "a": 2}})

        assert inputs["assumeRolePolicy"] == '{"a":2,"b":1}'

    def test_takes_scalars_in_the_type_of_the_property(self) -> None:
        inputs = inputs_of(QUEUE, {"delaySeconds": "5", "fifoQueue": "true"})

        assert (inputs["delaySeconds"], inputs["fifoQueue"]) == (5, True)

    def test_leaves_the_region_of_a_resource_alone(self) -> None:
        assert inputs_of(BUCKET, {"region": "us-west-2"})["region"] == "us-west-2"


class TestNaming:
    def test_makes_the_same_name_for_the_same_seed(self) -> None:
        names = {inputs_of(GROUP, {})["name"] for _ in range(2)}

        (name,) = names
        assert name.startswith("web-")
        assert len(name) == len("web-") + 7
        assert inputs_of(GROUP, {}, seed=b"other")["name"] != name

    def test_keeps_a_generated_name_on_update(self) -> None:
        olds = inputs_of(GROUP, {})

        assert inputs_of(GROUP, {"revokeRulesOnDelete": True}, olds, seed=b"later")["name"] == olds["name"]

    def test_makes_a_new_name_when_a_given_one_is_taken_away(self) -> None:
        olds = inputs_of(GROUP, {"name": "mine"})

        assert inputs_of(GROUP, {}, olds)["name"] != "mine"

    def test_makes_none_beside_a_prefix(self) -> None:
        assert "name" not in inputs_of(GROUP, {"namePrefix": "x-"})

    @pytest.mark.parametrize(
        ("token", "news", "name", "expected"),
        [
            (BUCKET, {}, "Data", "data-"),
            (QUEUE, {"fifoQueue": True}, "jobs", "jobs-"),
        ],
    )
    def test_follows_the_rules_of_the_type(
        self, token: str, news: dict[str, Any], name: str, expected: str
    ) -> None:
        inputs = inputs_of(token, news, resource=name)

        made = inputs["bucket" if token == BUCKET else "name"]
        assert made.startswith(expected)
        assert made.endswith(".fifo") == (token == QUEUE)

    def test_refuses_a_name_that_would_be_too_long_instead_of_cutting_it(self) -> None:
        _, failures = checked(LB, {"subnets": ["s"]}, resource="a-name-of-more-than-twenty-five")

        assert [failure.property for failure in failures] == ["name"]

    def test_takes_the_name_the_engine_proposes(self) -> None:
        assert inputs_of(GROUP, {}, proposed="chosen", mode="PROPOSE")["name"] == "chosen"

    def test_makes_none_where_automatic_naming_is_off(self) -> None:
        _, failures = checked(GROUP, {}, mode="DISABLE")

        assert [failure.property for failure in failures] == ["name"]


class TestRefusal:
    @pytest.mark.parametrize(
        ("token", "news", "path", "said"),
        [
            (SUBNET, {"cidrBlock": "10.0.0.0/24"}, "vpcId", "required"),
            (VPC, {"cidrBlock": "10.0.0.1/16"}, "cidrBlock", "CIDR"),
            (VPC, {"cidrBlock": "::/56"}, "cidrBlock", "IPv4"),
            (VPC, {"cidrBlock": "10.0.0.0/16", "instanceTenancy": "own"}, "instanceTenancy", "not one of"),
            (VPC, {"cidr": "10.0.0.0/16"}, "cidr", "no input"),
            (
                VPC,
                {"cidrBlock": "10.0.0.0/16", "ipv4NetmaskLength": 20, "ipv4IpamPoolId": "p"},
                "cidrBlock",
                "conflicts",
            ),
            (VPC, {"ipv4NetmaskLength": 20}, "ipv4NetmaskLength", "needs ipv4IpamPoolId"),
            (BUCKET, {"bucket": "b" * 64}, "bucket", "at most 63"),
            (BUCKET, {"arn": "x"}, "arn", "no input"),
            (BUCKET, {"versioning": {"enabled": True}}, "versioning", "BucketVersioning"),
            (
                TARGETS,
                {
                    "targetType": "lambda",
                    "targetHealthStates": [{"enableUnhealthyConnectionTermination": True}],
                },
                "targetHealthStates",
                "does not serve this input",
            ),
            (BUCKET, {"tags": ["a"]}, "tags", "a map"),
            (ROLE, {"assumeRolePolicy": "{"}, "assumeRolePolicy", "JSON"),
            (ROLE, {"assumeRolePolicy": "{}", "name": "a b"}, "name", "must match"),
            (ROLE, {"assumeRolePolicy": "{}", "maxSessionDuration": 60}, "maxSessionDuration", "below"),
            (ROLE, {"assumeRolePolicy": "{}", "permissionsBoundary": "x"}, "permissionsBoundary", "ARN"),
            (LB, {"subnets": ["s"], "name": "internal-x"}, "name", "must match"),
            (LB, {"subnets": ["s"], "idleTimeout": "soon"}, "idleTimeout", "a number"),
            (LB, {"name": "x"}, "subnets", "exactly one"),
            (ROUTE, {"routeTableId": "r", "gatewayId": "g"}, "destinationCidrBlock", "exactly one"),
            (
                RULE,
                {"securityGroupId": "g", "ipProtocol": "-1", "cidrIpv4": "0.0.0.0/0", "toPort": 1},
                "toPort",
                "left out",
            ),
            (RULE, {"securityGroupId": "g", "ipProtocol": "tcp"}, "cidrIpv4", "exactly one"),
            (TARGETS, {"targetType": "ip", "port": 80, "protocol": "HTTP"}, "vpcId", "required"),
            (QUEUE, {"contentBasedDeduplication": True}, "contentBasedDeduplication", "FIFO"),
            (
                LISTENER,
                {
                    "loadBalancerArn": "arn:aws:elb:r:1:x",
                    "port": 80,
                    "defaultActions": [{"type": "redirect"}],
                },
                "defaultActions[0].redirect",
                "needs redirect",
            ),
            (
                LISTENER,
                {"loadBalancerArn": "arn:aws:elb:r:1:x", "port": 0, "defaultActions": []},
                "defaultActions",
                "at least 1",
            ),
        ],
    )
    def test_names_the_property_and_the_reason(
        self, token: str, news: dict[str, Any], path: str, said: str
    ) -> None:
        _, failures = checked(token, news)

        assert any(f.property == path and said in f.reason for f in failures), failures

    @pytest.mark.parametrize(
        ("token", "news"),
        [
            (SUBNET, {"vpcId": UNKNOWN, "cidrBlock": UNKNOWN}),
            (RULE, {"securityGroupId": UNKNOWN, "ipProtocol": "tcp", "referencedSecurityGroupId": UNKNOWN}),
            (LISTENER, {"loadBalancerArn": UNKNOWN, "defaultActions": UNKNOWN}),
            (TARGETS, {"port": UNKNOWN, "protocol": "HTTP", "vpcId": UNKNOWN}),
        ],
    )
    def test_lets_pass_what_is_not_known_yet(self, token: str, news: dict[str, Any]) -> None:
        assert checked(token, news)[1] == []
