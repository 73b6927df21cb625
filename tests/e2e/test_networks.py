"""Networks with all that can stand around them, and in VPCs that are there already."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conftest import aws_clients
from tests.e2e.project import WORKER, Project

pytestmark = [pytest.mark.engine, pytest.mark.slow]


def ec2_of(project: Project) -> Any:
    return aws_clients(project.cx("local", "status", "--json").json["endpoint"])("ec2")


class TestNetworks:
    def test_are_deployed_changed_and_destroyed(self, project: Project) -> None:
        project.write(
            network={"endpoints": ["ecr.api", "sqs"], "flow_logs": "rejected", "acls": True}, log_retention=3
        )
        project.deploy()
        assert project.differences() == []
        expected = {"network-acl": 3, "vpc-endpoint": 3, "flow-log": 1, "log-group": 1, "subnet": 6}
        assert project.kinds().items() >= expected.items()
        self._fences_stand(project)

        before = project.snapshot()
        assert "No changes" in project.deploy().err
        assert project.snapshot() == before

        project.change(network={"endpoints": ["sqs"], "flow_logs": "all", "zones": 3, "acls": True})
        project.deploy()
        assert project.differences() == []
        assert project.kinds().items() >= {"vpc-endpoint": 2, "flow-log": 1, "subnet": 9}.items()
        [log] = ec2_of(project).describe_flow_logs()["FlowLogs"]
        assert log["TrafficType"] == "ALL"

        project.change(network=None)
        project.deploy()
        assert project.differences() == []
        assert (project.kinds()["network-acl"], project.kinds()["flow-log"]) == (0, 0)
        project.destroy()
        assert project.left_behind() == []

    def _fences_stand(self, project: Project) -> None:
        ec2 = ec2_of(project)
        [log] = ec2.describe_flow_logs()["FlowLogs"]
        assert (log["TrafficType"], log["DeliverLogsStatus"]) == ("REJECT", "SUCCESS")
        filters = [{"Name": "default", "Values": ["false"]}]
        for acl in ec2.describe_network_acls(Filters=filters)["NetworkAcls"]:
            name = next(tag["Value"] for tag in acl["Tags"] if tag["Key"] == "Name")
            assert len(acl["Associations"]) == 2, name
            outside = [
                entry
                for entry in acl["Entries"]
                if entry["CidrBlock"] == "0.0.0.0/0" and entry["RuleAction"] == "allow"
            ]
            assert bool(outside) is not name.endswith("-isolated")


class TestExistingVpc:
    def test_is_used_and_left_as_it_was(self, project: Project) -> None:
        """Made by hand, as somebody else would; what is deployed stands in it, and goes without it."""
        project.cx("local", "up")
        ec2 = ec2_of(project)
        vpc = self._made_by_hand(ec2)
        project.write(
            services={"mailer": WORKER},
            network={
                "vpc": {
                    "tags": {"Name": "main"},
                    "public_subnets": {"tier": "public"},
                    "private_subnets": {"tier": "private"},
                }
            },
        )
        there = project.inventory()
        project.deploy()
        assert project.differences() == []
        outputs = project.cx("outputs", "foundation", "--json").json
        assert outputs["vpcId"] == vpc
        assert len(outputs["publicSubnetIds"]) == len(outputs["privateSubnetIds"]) == 2
        assert outputs["isolatedSubnetIds"] == outputs["privateSubnetIds"]
        assert project.deploy().last_line.startswith("No changes")
        assert project.cx("destroy", "--yes").code == 0
        assert project.inventory() == there

    def test_that_is_not_there_changes_nothing(self, project: Project) -> None:
        project.write(network={"vpc": {"id": "vpc-0a1b2c3d4e5f67890", "public_subnets": {"tier": "public"}}})
        result = project.cx("deploy", "--yes")
        assert (result.code, result.out) == (2, "")
        assert "network.vpc: vpc-0a1b2c3d4e5f67890 was not found" in result.err
        assert project.inventory() == []

    def _made_by_hand(self, ec2: Any) -> str:
        def tagged(kind: str, **tags: str) -> list[dict[str, Any]]:
            return [{"ResourceType": kind, "Tags": [{"Key": key, "Value": tags[key]} for key in tags]}]

        vpc = ec2.create_vpc(CidrBlock="10.9.0.0/16", TagSpecifications=tagged("vpc", Name="main"))["Vpc"][
            "VpcId"
        ]
        for number, (tier, zone) in enumerate((t, z) for t in ("public", "private") for z in "ab"):
            ec2.create_subnet(
                VpcId=vpc,
                CidrBlock=f"10.9.{number}.0/24",
                AvailabilityZone=f"us-east-1{zone}",
                TagSpecifications=tagged("subnet", tier=tier),
            )
        return str(vpc)
