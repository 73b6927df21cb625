"""Network ACLs, endpoints and flow logs."""

from __future__ import annotations

import json
from typing import Any

from components.endpoints import Endpoints, EndpointsArgs
from components.flow_logs import FlowLogs, FlowLogsArgs
from components.network_acls import NetworkAcls, NetworkAclsArgs
from tests.pulumi_mocks import Made, run_program

CIDR = "10.20.0.0/16"


def acls() -> Made:
    def program() -> None:
        NetworkAcls("shop", NetworkAclsArgs("vpc-1", CIDR, ["pub-a"], ["pri-a", "pri-b"], ["iso-a"]))

    return run_program(program)


def from_outside(rules: list[dict[str, Any]]) -> set[tuple[str, int, int]]:
    return {
        (rule["protocol"], rule["fromPort"], rule["toPort"])
        for rule in rules
        if rule["cidrBlock"] == "0.0.0.0/0"
    }


class TestNetworkAcls:
    def test_are_of_the_subnets_of_their_kind(self) -> None:
        found = {one.name: one.inputs["subnetIds"] for one in acls().of("NetworkAcl")}
        assert found == {
            "shop-public": ["pub-a"],
            "shop-private": ["pri-a", "pri-b"],
            "shop-isolated": ["iso-a"],
        }

    def test_let_the_vpc_talk_to_itself(self) -> None:
        for one in acls().of("NetworkAcl"):
            [inside] = [rule for rule in one.inputs["ingress"] if rule["cidrBlock"] == CIDR]
            assert (inside["protocol"], inside["action"]) == ("-1", "allow")

    def test_let_from_outside_what_each_kind_is_for(self) -> None:
        found = acls()
        taken = {one.name: from_outside(one.inputs["ingress"]) for one in found.of("NetworkAcl")}
        too_large = ("1", 0, 0)
        assert taken == {
            "shop-public": {
                ("6", 80, 80),
                ("6", 443, 443),
                ("6", 1024, 65535),
                ("17", 1024, 65535),
                too_large,
            },
            "shop-private": {("6", 32768, 65535), ("17", 32768, 65535), too_large},
            "shop-isolated": set(),
        }

    def test_let_out_everything_but_from_isolated_subnets(self) -> None:
        sent = {one.name: one.inputs["egress"][0]["cidrBlock"] for one in acls().of("NetworkAcl")}
        assert sent == {"shop-public": "0.0.0.0/0", "shop-private": "0.0.0.0/0", "shop-isolated": CIDR}

    def test_number_each_rule_of_a_direction_once(self) -> None:
        for one in acls().of("NetworkAcl"):
            numbers = [rule["ruleNo"] for rule in one.inputs["ingress"]]
            assert len(set(numbers)) == len(numbers)

    def test_tell_that_packets_are_too_large(self) -> None:
        rules = acls().named("NetworkAcl", "shop-private").inputs["ingress"]
        [icmp] = [rule for rule in rules if rule["protocol"] == "1"]
        assert (icmp["icmpType"], icmp["icmpCode"]) == (3, 4)


class TestEndpoints:
    @staticmethod
    def endpoints() -> Made:
        def program() -> None:
            args = EndpointsArgs(["ecr.api", "sqs"], "eu-west-1", "vpc-1", ["pri-a", "pri-b"], CIDR)
            Endpoints("shop", args)

        return run_program(program)

    def test_stand_in_every_zone_under_the_services_own_names(self) -> None:
        for service in ("ecr.api", "sqs"):
            inputs = self.endpoints().named("VpcEndpoint", f"shop-{service}").inputs
            assert inputs["serviceName"] == f"com.amazonaws.eu-west-1.{service}"
            assert (inputs["vpcEndpointType"], inputs["privateDnsEnabled"]) == ("Interface", True)
            assert inputs["subnetIds"] == ["pri-a", "pri-b"]
            assert inputs["securityGroupIds"] == ["SecurityGroup/shop-endpoints"]

    def test_take_https_from_the_vpc_alone(self) -> None:
        rule = self.endpoints().only("SecurityGroupIngressRule").inputs
        assert (rule["cidrIpv4"], rule["fromPort"], rule["toPort"], rule["ipProtocol"]) == (
            CIDR,
            443,
            443,
            "tcp",
        )


class TestFlowLogs:
    @staticmethod
    def flow_logs() -> Made:
        def program() -> None:
            FlowLogs("shop", FlowLogsArgs("vpc-1", "/cygni/shop/flow-logs", "REJECT", 30, "123456789012"))

        return run_program(program)

    def test_go_to_a_log_group_that_forgets(self) -> None:
        found = self.flow_logs()
        group = found.only("LogGroup")
        assert (group.inputs["name"], group.inputs["retentionInDays"]) == ("/cygni/shop/flow-logs", 30)
        log = found.only("FlowLog")
        assert (log.inputs["vpcId"], log.inputs["trafficType"]) == ("vpc-1", "REJECT")
        assert log.inputs["logDestination"] == group.arn
        assert found.only("RolePolicy").urn in log.depends_on

    def test_are_written_by_their_service_alone_and_there_alone(self) -> None:
        found = self.flow_logs()
        [trusted] = json.loads(found.only("Role").inputs["assumeRolePolicy"])["Statement"]
        assert trusted["Principal"] == {"Service": "vpc-flow-logs.amazonaws.com"}
        assert trusted["Condition"] == {"StringEquals": {"aws:SourceAccount": "123456789012"}}
        [statement] = json.loads(found.only("RolePolicy").inputs["policy"])["Statement"]
        group = found.only("LogGroup").arn
        assert statement["Resource"] == [group, f"{group}:*"]
