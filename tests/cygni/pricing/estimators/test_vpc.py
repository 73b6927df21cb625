"""NAT gateways, endpoints and addresses. Prices are those of us-east-1 in the shipped book."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from cygni.pricing import ResourceCost, Status, Usage
from cygni.resources import UNKNOWN, Resource

NAT = "aws:ec2/natGateway:NatGateway"
ENDPOINT = "aws:ec2/vpcEndpoint:VpcEndpoint"
EIP = "aws:ec2/eip:Eip"
Make = Callable[..., Resource]
CostOf = Callable[..., ResourceCost]


class TestNatGateway:
    def test_costs_its_hours_and_apart_the_data_it_processes(self, make: Make, cost_of: CostOf) -> None:
        cost = cost_of(make(NAT))
        assert cost.status is Status.PRICED
        assert cost.cost.hourly == Decimal("0.045")
        assert cost.cost.monthly == Decimal("32.85")  # 0.045 × 730
        assert cost.cost.usage_monthly == Decimal("4.5")  # 100 GB × 0.045

    def test_follows_the_assumed_data(self, make: Make, cost_of: CostOf) -> None:
        cost = cost_of(make(NAT), usage=Usage(nat_data_gb=Decimal(1000)))
        assert cost.cost.usage_monthly == Decimal(45)
        assert cost.lines[1].assumption == "1,000 GB/month per NAT gateway"

    def test_has_no_price_in_a_region_the_book_lacks(self, make: Make, cost_of: CostOf) -> None:
        cost = cost_of(make(NAT, region="eu-west-1"))
        assert cost.status is Status.NO_PRICE
        assert cost.missing == 2
        assert cost.cost.monthly is None
        assert cost.note == "the price book has no price for AmazonVPC eu-west-1 nat-gateway"

    def test_that_is_regional_counts_its_zones(self, make: Make, cost_of: CostOf) -> None:
        zones = [{"availabilityZone": zone} for zone in ("a", "b", "c")]
        regional = make(NAT, {"availabilityMode": "regional", "availabilityZoneAddresses": zones})
        assert cost_of(regional).cost.monthly == Decimal("98.55")
        assert cost_of(make(NAT, {"availabilityMode": "regional"})).status is Status.NO_PRICE


class TestVpcEndpoint:
    @pytest.mark.parametrize("inputs", [{}, {"vpcEndpointType": "Gateway"}])
    def test_to_a_gateway_is_free(self, make: Make, cost_of: CostOf, inputs: dict[str, Any]) -> None:
        assert cost_of(make(ENDPOINT, inputs)).status is Status.FREE

    @pytest.mark.parametrize("subnets", [["a", "b", "c"], [UNKNOWN, UNKNOWN, UNKNOWN]])
    def test_with_interfaces_costs_per_zone(self, make: Make, cost_of: CostOf, subnets: list[Any]) -> None:
        cost = cost_of(make(ENDPOINT, {"vpcEndpointType": "Interface", "subnetIds": subnets}))
        assert cost.cost.monthly == Decimal("21.9")  # 3 × 0.01 × 730
        assert cost.cost.usage_monthly == Decimal("0.1")  # 10 GB × 0.01

    def test_counts_the_subnets_it_was_computed_from(self, make: Make, cost_of: CostOf) -> None:
        inputs = {"vpcEndpointType": "Interface", "subnetIds": UNKNOWN}
        cost = cost_of(make(ENDPOINT, inputs, references={"subnetIds": ("urn:a", "urn:b")}))
        assert cost.cost.monthly == Decimal("14.6")

    @pytest.mark.parametrize("kind", [UNKNOWN, "Resource", 7])
    def test_of_another_type_has_no_price(self, make: Make, cost_of: CostOf, kind: object) -> None:
        assert cost_of(make(ENDPOINT, {"vpcEndpointType": kind})).status is Status.NO_PRICE

    def test_without_subnets_has_no_price(self, make: Make, cost_of: CostOf) -> None:
        assert cost_of(make(ENDPOINT, {"vpcEndpointType": "Interface"})).cost.monthly is None


class TestEip:
    def test_is_idle_when_nothing_refers_to_it(self, make: Make, cost_of: CostOf) -> None:
        cost = cost_of(make(EIP))
        assert cost.lines[0].component == "public IPv4 address, idle"
        assert cost.cost.monthly == Decimal("3.65")

    def test_is_in_use_when_a_gateway_refers_to_it(self, make: Make, cost_of: CostOf) -> None:
        address = make(EIP)
        nat = make(NAT, {"allocationId": UNKNOWN}, references={"allocationId": (address.urn,)})
        assert cost_of(address, nat).lines[0].component == "public IPv4 address, in use"

    def test_from_a_range_of_ones_own_is_free(self, make: Make, cost_of: CostOf) -> None:
        assert cost_of(make(EIP, {"publicIpv4Pool": "ipv4pool-ec2-1"})).status is Status.FREE
