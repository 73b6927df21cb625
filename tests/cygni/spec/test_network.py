"""The network, and what cannot go together in it."""

from __future__ import annotations

from typing import Any, ClassVar

import pytest

from cygni.errors import SpecError
from cygni.spec import FlowLogs, Nat, Network
from tests.cygni.spec.findings import found, only
from tests.factories import create_spec

VPC = {"id": "vpc-0a1b2c3d", "public_subnets": {"tier": "public"}}


def network(environment: str = "local", **written: Any) -> Network:
    return create_spec(environment, network=written or None).network


def refusal(**written: Any) -> str:
    with pytest.raises(SpecError) as caught:
        network(**written)
    return f"{caught.value.message}\n{caught.value.hint}\n{caught.value.details}"


class TestSizes:
    def test_fence_and_log_production(self) -> None:
        found = network("production")
        assert (found.acls, found.flow_logs, found.nat) == (True, FlowLogs.REJECTED, Nat.PER_ZONE)
        for environment in ("local", "staging"):
            found = network(environment)
            assert (found.acls, found.flow_logs) == (False, FlowLogs.NONE)

    @pytest.mark.parametrize("environment", ["local", "staging", "production"])
    def test_add_nothing_to_an_existing_vpc(self, environment: str) -> None:
        assert network(environment, vpc=VPC).vpc


class TestEndpoints:
    def test_are_of_services_that_have_them(self) -> None:
        assert network(endpoints=["ecr.api", "sqs"]).endpoints == ("ecr.api", "sqs")
        assert 'did you mean "ecr.api"' in refusal(endpoints=["ecr.apii"])
        assert "is empty" in refusal(endpoints=[])


class TestExistingVpc:
    @pytest.mark.parametrize(
        ("more", "said"),
        [
            ({"nat": "single"}, "cannot be told of an existing VPC"),
            ({"cidr": "10.0.0.0/16"}, "cannot be told of an existing VPC"),
            ({"endpoints": ["sqs"]}, "cannot be told of an existing VPC"),
            ({"vpc": {"id": "vpc-0a1b2c3d"}}, "public_subnets"),
            ({"vpc": {"public_subnets": {"a": "b"}}}, "does not say which VPC"),
            ({"vpc": {**VPC, "tags": {"a": "b"}}}, "by its id or by its tags"),
            ({"vpc": {**VPC, "id": "main"}}, "the id of a VPC"),
            ({"vpc": {**VPC, "private_subnets": {}}}, "is empty"),
        ],
    )
    def test_is_refused_with_what_would_be_right(self, more: dict[str, Any], said: str) -> None:
        assert said in refusal(**{"vpc": VPC, **more})

    def test_decides_where_tasks_run(self) -> None:
        assert not network(vpc=VPC).private_tasks
        assert network(vpc={**VPC, "private_subnets": {"tier": "private"}}).private_tasks
        assert (network(nat="single").private_tasks, network().private_tasks) == (True, False)


class TestValues:
    @pytest.mark.parametrize("nat", ["none", "single", "per-zone"])
    def test_accepts_each_nat(self, nat: str) -> None:
        assert Network.model_validate({"nat": nat}).nat == nat

    @pytest.mark.parametrize("nat", ["None", "multi", True, None, 1])
    def test_refuses_any_other_nat(self, nat: Any) -> None:
        assert only(found(Network, {"nat": nat})).hint == "use none, single or per-zone"

    @pytest.mark.parametrize("zones", [1, 4])
    def test_spreads_over_two_or_three_zones(self, zones: int) -> None:
        assert only(found(Network, {"zones": zones})).path == ("zones",)

    @pytest.mark.parametrize(
        "cidr", ["10.0.0.0/16", "10.255.240.0/20", "172.16.0.0/16", "172.31.128.0/17", "192.168.0.0/18"]
    )
    def test_accepts_a_private_range(self, cidr: str) -> None:
        assert Network(cidr=cidr).cidr == cidr

    @pytest.mark.parametrize(
        ("cidr", "mistake"),
        [
            ("10.20.1.0/16", 'did you mean "10.20.0.0/16"?'),
            ("10.0.0.0/8", "prefix of /8"),
            ("10.0.0.0/24", "prefix of /24"),
            ("8.8.0.0/16", "is not private"),
            ("8.8.8.0/16", "is not private"),
            ("172.32.1.0/16", "is not private"),
            ("172.32.0.0/16", "is not private"),
            ("169.254.0.0/16", "is not private"),
            ("fd00::/16", "is not an IPv4 range"),
            ("10.0.0.0", "prefix of /32"),
            ("10.300.0.0/16", "is not an IPv4 range"),
            ("010.0.0.0/16", "is not an IPv4 range"),
            ("10.20.0.0/255.255.0.0", 'did you mean "10.20.0.0/16"?'),
            ("", "is not an IPv4 range"),
        ],
    )
    def test_says_what_is_wrong_with_a_range(self, cidr: str, mistake: str) -> None:
        finding = only(found(Network, {"cidr": cidr}))
        assert mistake in finding.message
        assert "/16 to /20" in (finding.hint or "")


class TestFlowLogs:
    SERVICES: ClassVar = {"flow-logs": {"kind": "worker", "image": "a:1"}}

    @pytest.mark.parametrize("environment", ["staging", "production"])
    def test_share_their_name_with_no_service(self, environment: str) -> None:
        written = {"flow_logs": "all"} if environment == "staging" else None
        with pytest.raises(SpecError, match="the log group of this name is that of the network"):
            create_spec(environment, services=self.SERVICES, network=written)

    def test_that_are_not_there_leave_the_name_to_a_service(self) -> None:
        found = create_spec("production", services=self.SERVICES, network={"flow_logs": "none"})
        assert list(found.services) == ["flow-logs"]
