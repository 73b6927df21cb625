"""Creates whose connection broke: nothing is made twice, and nothing that was made is lost."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from cygni.local_cloud.provider import check as checking
from cygni.local_cloud.provider import operations
from cygni.local_cloud.provider.cloud import Cloud, connection
from cygni.local_cloud.provider.operations import Operations, resource_type
from cygni.local_cloud.provider.unanswered import Unanswered, makes_anew
from tests.cygni.local_cloud.provider.breaking_proxy import BreakingProxy, Fault, breaking_proxy
from tests.cygni.local_cloud.provider.counts import Inventory

World = Any  # the fixture's class, see conftest.py

MINE = {"cygni:urn": "urn:mine"}
TRUST = '{"Version":"2012-10-17","Statement":[]}'
ALL = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}'
VPC = "aws:ec2/vpc:Vpc"
GATEWAY = "aws:ec2/internetGateway:InternetGateway"
CONTAINER = '[{"name":"app","image":"nginx","memory":128}]'

WEB_ACL = {
    "name": "a",
    "scope": "REGIONAL",
    "defaultAction": {"allow": {}},
    "visibilityConfig": {
        "metricName": "a",
        "cloudwatchMetricsEnabled": False,
        "sampledRequestsEnabled": False,
    },
}
DISTRIBUTION = {
    "enabled": True,
    "origins": [
        {
            "originId": "one",
            "domainName": "a.test",
            "customOriginConfig": {
                "httpPort": 80,
                "httpsPort": 443,
                "originProtocolPolicy": "https-only",
                "originSslProtocols": ["TLSv1.2"],
            },
        }
    ],
    "defaultCacheBehavior": {
        "targetOriginId": "one",
        "viewerProtocolPolicy": "https-only",
        "allowedMethods": ["GET", "HEAD"],
        "cachedMethods": ["GET", "HEAD"],
    },
    "restrictions": {"geoRestriction": {"restrictionType": "none"}},
    "viewerCertificate": {"cloudfrontDefaultCertificate": True},
}

# Token, inputs (with VPC, SUBNET and ADDRESS for ids made before), the API's action, kind in the inventory.
CREATES: list[tuple[str, dict[str, Any], str, str]] = [
    (VPC, {"cidrBlock": "10.7.0.0/16"}, "CreateVpc", "vpc"),
    ("aws:ec2/subnet:Subnet", {"vpcId": "VPC", "cidrBlock": "10.0.9.0/24"}, "CreateSubnet", "subnet"),
    (GATEWAY, {}, "CreateInternetGateway", "igw"),
    ("aws:ec2/eip:Eip", {"domain": "vpc"}, "AllocateAddress", "eip"),
    ("aws:ec2/routeTable:RouteTable", {"vpcId": "VPC"}, "CreateRouteTable", "rtb"),
    (
        "aws:ec2/natGateway:NatGateway",
        {"subnetId": "SUBNET", "allocationId": "ADDRESS"},
        "CreateNatGateway",
        "nat",
    ),
    (
        "aws:ec2/vpcEndpoint:VpcEndpoint",
        {"vpcId": "VPC", "serviceName": "com.amazonaws.us-east-1.s3"},
        "CreateVpcEndpoint",
        "vpce",
    ),
    ("aws:ec2/securityGroup:SecurityGroup", {"vpcId": "VPC"}, "CreateSecurityGroup", "sg"),
    (
        "aws:ecs/taskDefinition:TaskDefinition",
        {"family": "app", "containerDefinitions": CONTAINER},
        "RegisterTaskDefinition",
        "taskdef",
    ),
    ("aws:ecs/cluster:Cluster", {"name": "app"}, "CreateCluster", "cluster"),
    ("aws:lb/targetGroup:TargetGroup", {"port": 80, "protocol": "HTTP", "vpcId": "VPC"}, "CreateTargetGroup", "tg"),
    ("aws:iam/role:Role", {"name": "app", "assumeRolePolicy": TRUST}, "CreateRole", "role"),
    ("aws:iam/policy:Policy", {"name": "app", "policy": ALL}, "CreatePolicy", "policy"),
    ("aws:cloudwatch/logGroup:LogGroup", {"name": "app"}, "CreateLogGroup", "logs"),
    ("aws:ecr/repository:Repository", {"name": "app"}, "CreateRepository", "ecr"),
    ("aws:sqs/queue:Queue", {"name": "app"}, "CreateQueue", "sqs"),
    ("aws:ec2/networkAcl:NetworkAcl", {"vpcId": "VPC"}, "CreateNetworkAcl", "acl"),
    ("aws:sns/topic:Topic", {"name": "app"}, "CreateTopic", "topic"),
    ("aws:ssm/parameter:Parameter", {"name": "app", "type": "String", "value": "v"}, "PutParameter", "ssm"),
    ("aws:s3/bucket:Bucket", {"bucket": "app-of-mine"}, "PUT /app-of-mine", "s3"),
    ("aws:acm/certificate:Certificate", {"domainName": "a.test", "validationMethod": "DNS"}, "RequestCertificate",
     "certificate"),
    ("aws:route53/zone:Zone", {"name": "a.test"}, "POST /2013-04-01/hostedzone", "zone"),
    ("aws:wafv2/webAcl:WebAcl", WEB_ACL, "CreateWebACL", "web acl"),
    ("aws:guardduty/detector:Detector", {}, "POST /detector", "detector"),
    ("aws:cloudfront/distribution:Distribution", DISTRIBUTION, "POST /2020-05-31/distribution?WithTags", "distribution"),
]  # fmt: skip


@pytest.fixture
def proxy(world: World, moto_endpoint: str) -> Iterator[BreakingProxy]:
    with breaking_proxy(moto_endpoint) as running:
        yield running


@pytest.fixture
def behind(world: World, proxy: BreakingProxy) -> World:
    """The world, reached through the proxy."""
    cloud = Cloud(connection({"region": "us-east-1"}, {"AWS_ENDPOINT_URL": proxy.url}))
    return type(world)(Operations(cloud, checking.Setting(region="us-east-1")))


@pytest.fixture
def places(world: World) -> dict[str, str]:
    """Ids that resources refer to."""
    vpc = world.create(VPC, {"cidrBlock": "10.0.0.0/16"})
    subnet = world.create("aws:ec2/subnet:Subnet", {"vpcId": vpc.id, "cidrBlock": "10.0.1.0/24"})
    address = world.create("aws:ec2/eip:Eip", {"domain": "vpc"})
    return {"VPC": vpc.id, "SUBNET": subnet.id, "ADDRESS": address.id}


class TestACreateWhoseAnswerIsLost:
    @pytest.mark.parametrize("fault", [Fault.SWALLOW_ANSWER, Fault.CUT_ANSWER])
    @pytest.mark.parametrize(("token", "inputs", "action", "kind"), CREATES, ids=[one[2] for one in CREATES])
    def test_has_made_one_thing_that_is_taken(
        self,
        token: str,
        inputs: dict[str, Any],
        action: str,
        kind: str,
        fault: Fault,
        world: World,
        behind: World,
        proxy: BreakingProxy,
        places: dict[str, str],
        inventory: Inventory,
    ) -> None:
        there = inventory(kind).get(kind, 0)
        proxy.break_first(action, fault)

        kept = behind.create(token, {n: places.get(str(v), v) for n, v in inputs.items()} | {"tags": MINE})

        assert proxy.take_fault(action) is None, "the fault was never met"
        assert inventory(kind)[kind] == there + 1
        again = world.operations.read(resource_type(token), kept.id, kept.inputs, kept.outputs)
        assert again is not None
        assert again.id == kept.id

    @pytest.mark.parametrize(
        ("token", "old", "new", "action"),
        [
            (VPC, {"cidrBlock": "10.0.0.0/16"}, {"cidrBlock": "10.1.0.0/16"}, "CreateVpc"),
            (GATEWAY, {}, {}, "CreateInternetGateway"),
            (
                "aws:ecs/taskDefinition:TaskDefinition",
                {"family": "app", "containerDefinitions": CONTAINER},
                {"family": "app", "containerDefinitions": CONTAINER},
                "RegisterTaskDefinition",
            ),
        ],
    )
    def test_does_not_take_what_it_is_to_replace(
        self,
        token: str,
        old: dict[str, Any],
        new: dict[str, Any],
        action: str,
        behind: World,
        proxy: BreakingProxy,
    ) -> None:
        first = behind.create(token, {**old, "tags": MINE})
        proxy.break_first(action, Fault.SWALLOW_ANSWER)

        second = behind.create(token, {**new, "tags": MINE})

        assert second.outputs["arn"] != first.outputs["arn"]
        assert proxy.arrived[action] == 2


class TestACreateThatNeverArrived:
    def test_is_told_and_not_repeated(
        self, behind: World, proxy: BreakingProxy, inventory: Inventory, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(operations, "_FOUND_WITHIN", 0.05)
        proxy.break_first("CreateInternetGateway", Fault.LOSE_REQUEST)

        with pytest.raises(Unanswered, match=r"ec2\.InternetGateway.*nothing new of it.*deploy again"):
            behind.create(GATEWAY, {"tags": MINE})

        assert proxy.arrived["CreateInternetGateway"] == 0
        assert inventory("igw") == {}

    def test_takes_nothing_of_another_program(
        self, world: World, behind: World, proxy: BreakingProxy, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(operations, "_FOUND_WITHIN", 0.05)
        world.create(GATEWAY, {"tags": {"cygni:urn": "urn:other"}})
        proxy.break_first("CreateInternetGateway", Fault.LOSE_REQUEST)

        with pytest.raises(Unanswered):
            behind.create(GATEWAY, {"tags": MINE})

    def test_is_repeated_when_it_was_refused_for_now(
        self, behind: World, proxy: BreakingProxy, inventory: Inventory
    ) -> None:
        proxy.break_first("CreateInternetGateway", Fault.THROTTLE)

        behind.create(GATEWAY, {"tags": MINE})

        assert proxy.take_fault("CreateInternetGateway") is None
        assert inventory("igw") == {"igw": 1}


class TestWhatIsAskedOrSet:
    def test_is_repeated_when_the_connection_breaks(self, behind: World, proxy: BreakingProxy) -> None:
        kept = behind.create(GATEWAY, {"tags": MINE})
        proxy.break_first("DescribeInternetGateways", Fault.SWALLOW_ANSWER)

        again = behind.operations.read(resource_type(GATEWAY), kept.id, kept.inputs, kept.outputs)

        assert again is not None
        assert proxy.take_fault("DescribeInternetGateways") is None

    @pytest.mark.parametrize("operation", ["CreateVpc", "AllocateAddress", "RunTask", "RequestCertificate"])
    def test_is_not_what_makes_another_thing(self, operation: str) -> None:
        assert makes_anew(operation)

    @pytest.mark.parametrize("operation", ["CreateTags", "RegisterTargets", "PutParameter", "DescribeVpcs"])
    def test_is_what_changes_nothing_the_second_time(self, operation: str) -> None:
        assert not makes_anew(operation)
