"""What is kept of an estimate beside a release."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from cygni.actuals.bill_services import billed_service
from cygni.actuals.keeping import kept_estimate
from cygni.naming import required_tags
from cygni.pricing import PriceBook, estimate
from cygni.pricing.price_book import SHIPPED
from cygni.resources import Resource

_NAMED_ALIKE = ("AmazonCloudWatch", "AWSCodeBuild")
"""Services whose name on a bill is one word."""
NAT = "aws:ec2/natGateway:NatGateway"


def resource(token: str, name: str, **inputs: object) -> Resource:
    urn = f"urn:pulumi:shop.staging.foundation::cygni::cygni:network:Network${token}::{name}"
    return Resource(urn, token, name, inputs, "us-east-1")


class TestKeptEstimate:
    def test_has_each_resource_by_the_service_of_the_bill(self) -> None:
        """0.045 USD an hour and 0.045 USD/GB of a NAT gateway, of which 100 GB a month are assumed."""
        found = kept_estimate(estimate([resource(NAT, "shop-nat")], PriceBook.load()))
        [cost] = found.costs
        assert (cost.stack, cost.service) == ("shop.staging.foundation", "EC2 - Other")
        assert (cost.monthly, cost.usage_monthly) == (Decimal("32.85"), Decimal("4.5"))
        assert (found.monthly, found.usage_monthly, found.unknown) == (Decimal("32.85"), Decimal("4.5"), 0)

    def test_names_resources_as_their_tags_do(self) -> None:
        tags = required_tags("shop.staging.foundation", "shop", "staging", NAT, "shop-nat")
        [cost] = kept_estimate(estimate([resource(NAT, "shop-nat")], PriceBook.load())).costs
        assert cost.resource == tags["cygni:urn"]

    def test_tells_one_resource_apart_that_two_services_bill(self) -> None:
        balancer = resource("aws:lb/loadBalancer:LoadBalancer", "shop", subnets=["a", "b"], internal=False)
        found = kept_estimate(estimate([balancer], PriceBook.load()))
        assert {one.service: one.monthly for one in found.costs} == {
            "Amazon Elastic Load Balancing": Decimal("16.425"),
            "Amazon Virtual Private Cloud": Decimal("7.3"),
        }

    def test_leaves_out_what_costs_nothing_and_counts_what_is_not_known(self) -> None:
        free = resource("aws:ec2/vpc:Vpc", "shop")
        unknown = resource("aws:made/up:Thing", "shop")
        found = kept_estimate(estimate([free, unknown], PriceBook.load()))
        assert (len(found.costs), found.unknown, found.monthly) == (0, 1, Decimal(0))


class TestBilledService:
    @pytest.mark.parametrize("file", sorted(SHIPPED.glob("*.jsonl")), ids=lambda file: str(file.stem))
    def test_is_known_of_every_service_of_the_book(self, file: Path) -> None:
        assert " " in billed_service(f"{file.stem} us-east-1 something") or file.stem in _NAMED_ALIKE

    @pytest.mark.parametrize(
        ("key", "service"),
        [
            ("AmazonEC2 us-east-1 instance instance_type=t3.micro", "Amazon Elastic Compute Cloud - Compute"),
            ("AmazonEC2 us-east-1 cpu-credits mode=unlimited", "EC2 - Other"),
            ("AmazonVPC us-east-1 nat-gateway", "EC2 - Other"),
            ("AmazonVPC us-east-1 public-ipv4 state=idle", "Amazon Virtual Private Cloud"),
            ("SomethingNew us-east-1 hours", "SomethingNew"),
            ("odd", "odd"),
        ],
    )
    def test_depends_on_what_is_used(self, key: str, service: str) -> None:
        assert billed_service(key) == service

    def test_of_data_transfer_is_that_of_what_sends_it(self) -> None:
        key = "AWSDataTransfer us-east-1 egress tier=first"
        assert billed_service(key, "aws:lb/loadBalancer:LoadBalancer") == "Amazon Elastic Load Balancing"
        assert billed_service(key, "aws:ecs/service:Service") == "EC2 - Other"
