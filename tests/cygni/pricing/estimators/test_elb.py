"""Load balancers. Prices are those of us-east-1 in the shipped book."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest

from cygni.pricing import ResourceCost, Status, Usage
from cygni.resources import UNKNOWN, Resource

LB = "aws:lb/loadBalancer:LoadBalancer"
Make = Callable[..., Resource]
CostOf = Callable[..., ResourceCost]


def components(cost: ResourceCost) -> dict[str, Decimal | None]:
    return {line.component: line.monthly for line in cost.lines}


class TestLoadBalancer:
    def test_facing_the_internet_costs_hours_addresses_capacity_and_traffic(
        self, make: Make, cost_of: CostOf
    ) -> None:
        cost = cost_of(make(LB, {"loadBalancerType": "application", "subnets": ["a", "b", "c"]}))
        assert components(cost) == {
            "application load balancer": Decimal("16.425"),  # 0.0225 × 730
            "LCU capacity": Decimal("1.168"),  # 0.2 × 0.008 × 730
            "public IPv4 address, in use": Decimal("10.95"),  # 3 × 0.005 × 730
            "data to the internet, first 10 TB": Decimal(9),  # 100 GB × 0.09
        }
        assert cost.cost.monthly == Decimal("27.375")
        assert cost.cost.usage_monthly == Decimal("10.168")

    def test_that_is_internal_has_no_addresses_and_no_internet_traffic(
        self, make: Make, cost_of: CostOf
    ) -> None:
        cost = cost_of(make(LB, {"internal": True, "subnets": ["a", "b"]}))
        assert set(components(cost)) == {"application load balancer", "LCU capacity"}

    def test_says_what_it_assumes_when_its_subnets_are_unknown(self, make: Make, cost_of: CostOf) -> None:
        cost = cost_of(make(LB, {"subnets": UNKNOWN}))
        line = next(line for line in cost.lines if line.component.startswith("public IPv4"))
        assert line.quantity == 2
        assert line.assumption == "its subnets are not known yet: assumed 2 zones"

    def test_leaves_elastic_addresses_to_themselves(self, make: Make, cost_of: CostOf) -> None:
        mappings = [{"subnetId": "a", "allocationId": UNKNOWN}, {"subnetId": "b"}]
        cost = cost_of(make(LB, {"loadBalancerType": "network", "subnetMappings": mappings}))
        assert components(cost)["public IPv4 address, in use"] == Decimal("3.65")
        assert components(cost)["NLCU capacity"] == Decimal("0.876")  # 0.2 × 0.006 × 730

    def test_without_public_ipv4_has_no_addresses(self, make: Make, cost_of: CostOf) -> None:
        cost = cost_of(make(LB, {"ipAddressType": "dualstack-without-public-ipv4", "subnets": ["a", "b"]}))
        assert "public IPv4 address, in use" not in components(cost)

    def test_splits_traffic_over_the_tiers(self, make: Make, cost_of: CostOf) -> None:
        usage = Usage(internet_egress_gb=Decimal(60_000))
        cost = cost_of(make(LB, {"subnets": ["a", "b"]}), usage=usage)
        traffic = {name: money for name, money in components(cost).items() if name.startswith("data to")}
        assert traffic == {
            "data to the internet, first 10 TB": Decimal("921.6"),  # 10,240 × 0.09
            "data to the internet, next 40 TB": Decimal("3481.6"),  # 40,960 × 0.085
            "data to the internet, next 100 TB": Decimal(616),  # 8,800 × 0.07
        }

    def test_has_no_price_for_traffic_beyond_the_tiers_the_book_knows(
        self, make: Make, cost_of: CostOf
    ) -> None:
        usage = Usage(internet_egress_gb=Decimal(153_601))
        cost = cost_of(make(LB, {"subnets": ["a", "b"]}), usage=usage)
        assert (cost.lines[-1].quantity, cost.lines[-1].monthly) == (Decimal(1), None)
        assert cost.cost.usage_monthly is None
        assert cost.cost.monthly is not None

    @pytest.mark.parametrize("kind", ["gateway", "classic", UNKNOWN, ["network"]])
    def test_of_a_type_without_a_price_says_so(self, make: Make, cost_of: CostOf, kind: object) -> None:
        assert cost_of(make(LB, {"loadBalancerType": kind})).status is Status.NO_PRICE
