"""NAT gateways. In us-east-1 one is 0.045 USD an hour, its address 0.005 USD: 32.85 and 3.65 USD a month (Amazon VPC
pricing)."""

from __future__ import annotations

from decimal import Decimal

import pytest

from cygni.pricing.usage_metrics import Points
from cygni.resources import Resource
from tests.cygni.savings.conftest import Find, daily, resource

NAT = "aws:ec2/natGateway:NatGateway"
GATEWAY, ADDRESS = Decimal("32.85"), Decimal("3.65")
MB = 10.0**6


def gateways(*zones: str) -> list[Resource]:
    found = []
    for zone in zones:
        address = resource("aws:ec2/eip:Eip", f"shop-staging-nat-{zone}")
        refers = {"allocationId": (address.urn,)}
        found += [address, resource(NAT, f"shop-staging-nat-{zone}", references=refers)]
    return found


def service(count: int) -> list[Resource]:
    definition = resource(
        "aws:ecs/taskDefinition:TaskDefinition", "web", {"family": "web", "cpu": "256", "memory": "512"}
    )
    inputs = {
        "desiredCount": count,
        "launchType": "FARGATE",
        "networkConfiguration": {"assignPublicIp": False},
    }
    refers = {"taskDefinition": (definition.urn,)}
    return [definition, resource("aws:ecs/service:Service", "web-blue", inputs, references=refers)]


def traffic(resources: list[Resource], a_day: float, days: int = 14) -> dict[tuple[str, str], Points]:
    return {(one.urn, "nat_bytes"): daily(a_day, days) for one in resources if one.type == NAT}


class TestIdle:
    def test_saves_the_gateway_and_its_address(self, find: Find) -> None:
        there = gateways("a")
        [found] = find("idle-nat", *there, series=traffic(there, 2 * MB))
        assert found.saves == GATEWAY + ADDRESS
        assert found.candidate.seen == "28.0 MB to and from the internet through 1 NAT gateway in 14 days"
        assert found.candidate.change.settings == {"network": {"nat": "none"}}

    def test_pays_for_the_public_addresses_that_tasks_get_instead(self, find: Find) -> None:
        there = [*gateways("a"), *service(2)]
        [found] = find("idle-nat", *there, series=traffic(there, 0))
        assert found.saves == GATEWAY + ADDRESS - 2 * ADDRESS

    def test_is_nothing_where_the_addresses_would_cost_as_much(self, find: Find) -> None:
        there = [*gateways("a"), *service(10)]
        assert find("idle-nat", *there, series=traffic(there, 0)) == []

    @pytest.mark.parametrize(
        ("a_day", "days", "found"),
        [(10 * MB, 14, 1), (10.1 * MB, 14, 0), (0, 13, 0), (0, 0, 0)],
    )
    def test_takes_two_weeks_of_hardly_any_traffic(
        self, find: Find, a_day: float, days: int, found: int
    ) -> None:
        there = gateways("a")
        assert len(find("idle-nat", *there, series=traffic(there, a_day, days))) == found

    def test_is_about_all_gateways_together(self, find: Find) -> None:
        there = gateways("a", "b")
        [found] = find("idle-nat", *there, series=traffic(there, 0))
        assert found.saves == 2 * (GATEWAY + ADDRESS)
        busy = {**traffic(there, 0), (there[-1].urn, "nat_bytes"): daily(500 * MB)}
        assert find("idle-nat", *there, series=busy) == []


class TestOutsideProduction:
    def test_saves_what_addresses_of_tasks_cost_less(self, find: Find) -> None:
        there = [*gateways("a"), *service(3)]
        [found] = find("nat-outside-production", *there, series=traffic(there, 900 * MB))
        assert found.saves == GATEWAY + ADDRESS - 3 * ADDRESS

    def test_is_nothing_in_production_nor_of_many_tasks(self, find: Find) -> None:
        assert find("nat-outside-production", *gateways("a"), environment="production") == []
        assert find("nat-outside-production", *gateways("a"), *service(10)) == []

    def test_is_not_said_again_of_an_idle_one(self, find: Find) -> None:
        there = gateways("a")
        assert find("nat-outside-production", *there, series=traffic(there, 0)) == []


class TestPerZone:
    def test_saves_all_but_one_outside_production(self, find: Find) -> None:
        [found] = find("nat-per-zone", *gateways("a", "b", "c"))
        assert found.saves == 2 * (GATEWAY + ADDRESS)
        assert found.candidate.change.settings == {"network": {"nat": "single"}}

    def test_is_nothing_in_production_nor_of_one(self, find: Find) -> None:
        assert find("nat-per-zone", *gateways("a", "b"), environment="production") == []
        assert find("nat-per-zone", *gateways("a")) == []
