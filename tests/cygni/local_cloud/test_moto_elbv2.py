from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest
from botocore.exceptions import ClientError

from cygni.local_cloud.process import LocalCloud
from tests.cygni.local_cloud.balanced import Balanced, forward, targets

ANSWER = {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "200"}}


@pytest.fixture
def balanced(local_cloud: LocalCloud) -> Iterator[Balanced]:
    balanced = Balanced(local_cloud)
    yield balanced
    balanced.remove_balancers()


def code(error: pytest.ExceptionInfo[ClientError]) -> str:
    return str(error.value.response["Error"]["Code"])


class TestLoadBalancers:
    def test_have_an_address_of_this_machine_each(self, balanced: Balanced) -> None:
        first, second = (balanced.balancer()["DNSName"] for _ in range(2))
        assert first.startswith("127.0.0.1:")
        assert first != second

    def test_give_their_port_back_when_they_are_deleted(self, balanced: Balanced) -> None:
        balancer = balanced.balancer()
        port = int(balancer["DNSName"].partition(":")[2])
        with socket.socket(type=socket.SOCK_DGRAM) as taken, pytest.raises(OSError, match="in use"):
            taken.bind(("127.0.0.1", port))
        balanced.elbv2.delete_load_balancer(LoadBalancerArn=balancer["LoadBalancerArn"])
        with socket.socket(type=socket.SOCK_DGRAM) as free:
            free.bind(("127.0.0.1", port))

    def test_of_another_kind_are_not_served_here(self, balanced: Balanced) -> None:
        made = balanced.elbv2.create_load_balancer(Name="a-network", Subnets=balanced.subnets, Type="network")
        assert "127.0.0.1" not in made["LoadBalancers"][0]["DNSName"]


class TestListeners:
    def test_have_each_port_once(self, balanced: Balanced) -> None:
        balancer = balanced.balancer()
        balanced.listener(balancer, ANSWER)
        with pytest.raises(ClientError) as refused:
            balanced.listener(balancer, ANSWER)
        assert code(refused) == "DuplicateListener"
        balanced.listener(balancer, ANSWER, port=81)

    def test_keep_their_default_rule_to_themselves(self, balanced: Balanced) -> None:
        listener = balanced.listener(balanced.balancer(), ANSWER)
        [rule] = balanced.elbv2.describe_rules(ListenerArn=listener)["Rules"]
        with pytest.raises(ClientError) as refused:
            balanced.elbv2.modify_rule(RuleArn=rule["RuleArn"], Actions=[ANSWER])
        assert code(refused) == "OperationNotPermitted"

    def test_keep_their_list_of_certificates_whatever_the_default_one_is(self, balanced: Balanced) -> None:
        acm, elb = balanced.aws("acm"), balanced.elbv2
        first, second = (
            acm.request_certificate(DomainName=name, ValidationMethod="DNS")["CertificateArn"]
            for name in ("a.test", "b.test")
        )
        listener = elb.create_listener(
            LoadBalancerArn=balanced.balancer()["LoadBalancerArn"],
            Protocol="HTTPS",
            Port=443,
            Certificates=[{"CertificateArn": first}],
            DefaultActions=[ANSWER],
        )["Listeners"][0]["ListenerArn"]

        def listed() -> list[tuple[str, bool]]:
            found = elb.describe_listener_certificates(ListenerArn=listener)["Certificates"]
            return [(one["CertificateArn"], one["IsDefault"]) for one in found]

        for one in (first, second, second):
            elb.add_listener_certificates(ListenerArn=listener, Certificates=[{"CertificateArn": one}])
        assert listed() == [(first, True), (first, False), (second, False)]
        with pytest.raises(ClientError) as refused:
            elb.remove_listener_certificates(ListenerArn=listener, Certificates=[{"CertificateArn": first}])
        assert code(refused) == "OperationNotPermitted"
        elb.modify_listener(ListenerArn=listener, Certificates=[{"CertificateArn": second}])
        elb.remove_listener_certificates(ListenerArn=listener, Certificates=[{"CertificateArn": first}])
        assert listed() == [(second, True), (second, False)]

    def test_let_two_rules_change_places(self, balanced: Balanced) -> None:
        listener = balanced.listener(balanced.balancer(), ANSWER)
        rules = [
            balanced.elbv2.create_rule(
                ListenerArn=listener, Priority=at, Actions=[ANSWER],
                Conditions=[{"Field": "path-pattern", "Values": [f"/{at}"]}],
            )["Rules"][0]["RuleArn"]
            for at in (1, 2, 3)
        ]  # fmt: skip
        balanced.elbv2.set_rule_priorities(
            RulePriorities=[{"RuleArn": rules[0], "Priority": 2}, {"RuleArn": rules[1], "Priority": 1}]
        )
        told = balanced.elbv2.describe_rules(RuleArns=rules)["Rules"]
        assert {rule["RuleArn"]: rule["Priority"] for rule in told} == dict(zip(rules, "213", strict=True))
        with pytest.raises(ClientError) as refused:
            balanced.elbv2.set_rule_priorities(RulePriorities=[{"RuleArn": rules[0], "Priority": 3}])
        assert code(refused) == "PriorityInUse"


class TestTargetGroups:
    def test_tell_which_load_balancers_they_serve_now(self, balanced: Balanced) -> None:
        first, second, balancer = balanced.group(), balanced.group(), balanced.balancer()
        listener = balanced.listener(balancer, forward((first, 1), (second, 0)))
        serving = [balancer["LoadBalancerArn"]]

        def served_by(group: str) -> list[str]:
            [told] = balanced.elbv2.describe_target_groups(TargetGroupArns=[group])["TargetGroups"]
            arns: list[str] = told.get("LoadBalancerArns", [])
            return arns

        assert served_by(first) == served_by(second) == serving
        balanced.elbv2.modify_listener(ListenerArn=listener, DefaultActions=[forward((second, 1))])
        assert (served_by(first), served_by(second)) == ([], serving)


class TestTargets:
    def test_are_told_apart_by_their_ports(self, balanced: Balanced) -> None:
        group = balanced.group(1, 2)
        assert set(balanced.health(group)) == {1, 2}
        balanced.register(group, 2)
        assert set(balanced.health(group)) == {1, 2}

    def test_of_a_group_that_no_rule_names_are_unused(self, balanced: Balanced) -> None:
        group = balanced.group(1)
        [told] = balanced.elbv2.describe_target_health(TargetGroupArn=group)["TargetHealthDescriptions"]
        assert told["TargetHealth"]["State"] == "unused"
        assert told["TargetHealth"]["Reason"] == "Target.NotInUse"
        assert told["HealthCheckPort"] == "1"

    def test_that_are_not_registered_are_unused(self, balanced: Balanced) -> None:
        told = balanced.elbv2.describe_target_health(TargetGroupArn=balanced.group(1), Targets=targets(2))
        assert told["TargetHealthDescriptions"][0]["TargetHealth"]["Reason"] == "Target.NotRegistered"

    def test_drain_when_they_are_deregistered(self, balanced: Balanced) -> None:
        group = balanced.group(1, 2)
        balanced.deregister(group, 1)
        assert balanced.health(group) == {1: "draining", 2: "unused"}
        balanced.register(group, 1)
        assert balanced.health(group) == {1: "unused", 2: "unused"}

    def test_may_be_deregistered_without_being_there(self, balanced: Balanced) -> None:
        group = balanced.group()
        balanced.deregister(group, 7)
        assert balanced.health(group) == {}

    def test_of_one_address_are_deregistered_together_where_no_port_is_told(self, balanced: Balanced) -> None:
        group = balanced.group(1, 2)
        balanced.elbv2.deregister_targets(TargetGroupArn=group, Targets=[{"Id": "127.0.0.1"}])
        assert set(balanced.health(group).values()) == {"draining"}
