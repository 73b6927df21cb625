"""The foundation, as its program declares it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from cygni.errors import SpecError
from cygni.naming import Part
from tests.factories import create_spec
from tests.pulumi_mocks import ACCOUNT, Made
from tests.stacks.declared_stacks import (
    Stacks,
    made,
)


class TestFoundation:
    def test_exports_what_later_stacks_read(self, whole: Stacks) -> None:
        outputs = whole[Part.FOUNDATION].outputs
        assert outputs["vpcId"] == "Vpc/shop-staging"
        assert outputs["publicSubnetIds"] == ["Subnet/shop-staging-public-a", "Subnet/shop-staging-public-b"]
        assert outputs["privateSubnetIds"] == [
            "Subnet/shop-staging-private-a",
            "Subnet/shop-staging-private-b",
        ]
        assert outputs["isolatedSubnetIds"] == [
            "Subnet/shop-staging-isolated-a",
            "Subnet/shop-staging-isolated-b",
        ]
        assert outputs["repositoryUrls"] == {"api": f"{ACCOUNT}.dkr.ecr.test/shop/staging/api"}
        assert set(outputs) == {
            *("vpcId", "publicSubnetIds", "privateSubnetIds", "isolatedSubnetIds"),
            *("clusterArn", "clusterName"),
            *(
                "listenerArn",
                "loadBalancerSecurityGroupId",
                "loadBalancerDnsName",
                "loadBalancerZoneId",
                "entranceUrl",
            ),
            *("repositoryUrls", "repositoryArns"),
        }

    def test_fences_logs_and_reaches_services_as_asked(self) -> None:
        spec = create_spec(
            network={"endpoints": ["sqs", "ecr.api"], "flow_logs": "all", "acls": True, "zones": 3},
            log_retention=14,
        )
        found = made(spec, Part.FOUNDATION)
        assert {one.name for one in found.of("NetworkAcl")} == {
            f"shop-staging-{kind}" for kind in ("public", "private", "isolated")
        }
        assert {one.name for one in found.of("VpcEndpoint")} == {
            f"shop-staging-{service}" for service in ("s3", "ecr.api", "sqs")
        }
        group = found.named("LogGroup", "shop-staging-flow-logs").inputs
        assert (group["name"], group["retentionInDays"]) == ("/cygni/shop/staging/flow-logs", 14)
        assert found.only("FlowLog").inputs["trafficType"] == "ALL"

    def test_has_none_of_that_unless_asked(self) -> None:
        found = made(create_spec("local"), Part.FOUNDATION)
        assert not [*found.of("NetworkAcl"), *found.of("FlowLog")]
        assert len(found.of("VpcEndpoint")) == 1

    def test_has_no_load_balancer_for_workers(self) -> None:
        found = made(create_spec(services={"a": {"kind": "worker", "image": "a:1"}}), Part.FOUNDATION)
        assert found.of("LoadBalancer") == []
        assert "listenerArn" not in found.outputs

    def test_takes_the_first_zones_by_name(self, longest: Stacks) -> None:
        zones = {one.inputs["availabilityZone"] for one in longest[Part.FOUNDATION].of("Subnet")}
        assert zones == {"us-east-1a", "us-east-1b", "us-east-1c"}

    @pytest.mark.parametrize(
        ("there", "asked", "hint"),
        [
            (1, 2, "Choose another region."),
            (2, 3, "Set network.zones to 2, or choose another region."),
        ],
    )
    def test_says_so_where_there_are_too_few_zones(
        self, monkeypatch: pytest.MonkeyPatch, there: int, asked: int, hint: str
    ) -> None:
        monkeypatch.setattr("tests.pulumi_mocks.ZONES", ["us-east-1a", "us-east-1b"][:there])
        said = rf"has {there} availability zones, network\.zones asks for {asked}"
        with pytest.raises(SpecError, match=said) as caught:
            made(create_spec(network={"zones": asked}), Part.FOUNDATION)
        assert caught.value.hint == hint


class TestExistingVpc:
    VPC: Mapping[str, Any] = {"tags": {"Name": "main"}, "public_subnets": {"tier": "public"}}

    def outputs(self, **more: Any) -> tuple[Made, Mapping[str, Any]]:
        found = made(
            create_spec(
                network={"vpc": {key: value for key, value in {**self.VPC, **more}.items() if value}}
            ),
            Part.FOUNDATION,
        )
        return found, found.outputs

    def test_is_used_as_it_is(self) -> None:
        found, outputs = self.outputs(private_subnets={"tier": "private"}, isolated_subnets={"tier": "data"})
        assert outputs["vpcId"] == "vpc-main"
        assert outputs["publicSubnetIds"] == ["subnet-public-a", "subnet-public-b"]
        assert outputs["privateSubnetIds"] == ["subnet-private-a", "subnet-private-b"]
        assert outputs["isolatedSubnetIds"] == ["subnet-data-a", "subnet-data-b"]
        for kind in ("Vpc", "Subnet", "RouteTable", "NatGateway", "VpcEndpoint", "NetworkAcl", "FlowLog"):
            assert not found.of(kind)
        [balancer] = [one for one in found.of("LoadBalancer") if one.custom]
        assert balancer.inputs["subnets"] == outputs["publicSubnetIds"]

    def test_may_have_fewer_kinds_of_subnets(self) -> None:
        _, outputs = self.outputs()
        assert outputs["privateSubnetIds"] == outputs["isolatedSubnetIds"] == outputs["publicSubnetIds"]
        _, outputs = self.outputs(private_subnets={"tier": "private"})
        assert outputs["isolatedSubnetIds"] == outputs["privateSubnetIds"]

    def test_may_be_told_by_its_id(self) -> None:
        _, outputs = self.outputs(id="vpc-0a1b2c3d", tags=None)
        assert outputs["vpcId"] == "vpc-0a1b2c3d"

    def test_that_is_not_there_is_said_to_be(self) -> None:
        with pytest.raises(
            SpecError, match=r"network\.vpc: vpc-00000000 was not found: .*no matching EC2 VPC"
        ):
            self.outputs(id="vpc-00000000", tags=None)

    def test_with_too_few_subnets_is_refused(self) -> None:
        with pytest.raises(
            SpecError, match=r"private_subnets: 1 subnets of vpc-main have the tags tier=lonely"
        ):
            self.outputs(private_subnets={"tier": "lonely"})
