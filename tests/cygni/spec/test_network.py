"""The network, and what cannot go together in it."""

from __future__ import annotations

from typing import Any

import pytest

from cygni.errors import SpecError
from cygni.spec import FlowLogs, Nat, Network
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
