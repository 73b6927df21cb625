from __future__ import annotations

import time
from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest

from cygni.pricing import PriceBook, Status, Usage, estimate
from cygni.pricing.book_file import Row
from cygni.pricing.money import month_and_hour
from cygni.resources import UNKNOWN, Resource

NAT = "aws:ec2/natGateway:NatGateway"
VPC = "aws:ec2/vpc:Vpc"
BUCKET = "aws:s3/bucket:Bucket"
Make = Callable[..., Resource]


class TestEstimate:
    def test_of_nothing_is_nothing(self, book: PriceBook) -> None:
        found = estimate([], book)
        assert (found.resources, found.monthly, found.missing, found.oldest) == ((), Decimal(0), 0, None)
        assert found.complete

    def test_totals_fixed_and_usage_based_cost_apart(self, book: PriceBook, make: Make) -> None:
        found = estimate([make(NAT, name="a"), make(NAT, name="b"), make(VPC)], book)
        assert found.hourly == Decimal("0.09")
        assert found.monthly == Decimal("65.7")
        assert found.usage_monthly == 9
        assert found.complete

    def test_leaves_out_components_and_the_engines_own_types(self, book: PriceBook, make: Make) -> None:
        own = [make("cygni:network:Network"), make("pulumi:pulumi:Stack"), make("pulumi:providers:aws")]
        assert estimate(own, book).resources == ()

    def test_counts_a_type_it_does_not_know_and_never_calls_it_nothing(
        self, book: PriceBook, make: Make
    ) -> None:
        found = estimate(
            [make("aws:medialive/channel:Channel"), make("aws:medialive/channel:Channel", name="two")], book
        )
        assert found.unpriced == {"aws:medialive/channel:Channel": 2}
        assert not found.complete
        assert [cost.status for cost in found.resources] == [Status.NOT_PRICED] * 2
        assert found.resources[0].cost.monthly is None
        assert found.resources[0].to_dict()["cost"]["monthly"] is None

    def test_shows_free_as_free_with_the_reason(self, book: PriceBook, make: Make) -> None:
        (cost,) = estimate([make(VPC)], book).resources
        assert (cost.status, cost.note) == (Status.FREE, "networking itself costs nothing")
        assert cost.cost.monthly == 0

    @pytest.mark.parametrize(
        "token",
        [
            "random:index/randomPassword:RandomPassword",
            "tls:index/privateKey:PrivateKey",
            "command:local:Command",
            "kubernetes:core/v1:ConfigMap",
            "kubernetes:apps/v1:Deployment",
            "kubernetes:apps/v1:DeploymentPatch",
            "kubernetes:rbac.authorization.k8s.io/v1:Role",
        ],
    )
    def test_shows_as_free_what_no_cloud_has(self, book: PriceBook, make: Make, token: str) -> None:
        found = estimate([make(token)], book)
        assert [cost.status for cost in found.resources] == [Status.FREE]
        assert found.complete
        assert found.at_most.monthly == 0

    @pytest.mark.parametrize(
        ("kind", "spec", "is_free"),
        [
            ("core/v1:Service", {}, True),
            ("core/v1:Service", {"type": "NodePort"}, True),
            ("core/v1:Service", {"clusterIP": "None"}, True),
            ("core/v1:Service", {"type": "LoadBalancer"}, False),
            ("core/v1:Service", {"type": UNKNOWN}, False),
            ("core/v1:Service", UNKNOWN, False),
            ("core/v1:ServicePatch", {}, False),
            ("core/v1:ServicePatch", {"type": "ClusterIP"}, True),
            ("apps/v1:StatefulSet", {"replicas": 3}, True),
            ("apps/v1:StatefulSet", {"volumeClaimTemplates": [{}]}, False),
            ("apps/v1:StatefulSet", {"volumeClaimTemplates": UNKNOWN}, False),
        ],
    )
    def test_asks_an_object_of_kubernetes_what_it_makes(
        self, book: PriceBook, make: Make, kind: str, spec: object, is_free: bool
    ) -> None:
        found = estimate([make(f"kubernetes:{kind}", {"spec": spec})], book)
        assert [cost.status for cost in found.resources] == [Status.FREE if is_free else Status.NOT_PRICED]
        assert (found.at_most.monthly == 0) is is_free

    def test_takes_no_other_provider_for_one_that_is_free(self, book: PriceBook, make: Make) -> None:
        others = ["randomized:index/host:Host", "aws:random/host:Host", "kubernetes:helm.sh/v3:Release"]
        found = estimate([make(token) for token in others], book)
        assert [cost.status for cost in found.resources] == [Status.NOT_PRICED] * 3

    @pytest.mark.parametrize(
        "token",
        [
            "kubernetes:networking.k8s.io/v1:Ingress",
            "kubernetes:core/v1:PersistentVolumeClaim",
            "kubernetes:crossplane.example.com/v1:Role",
        ],
    )
    def test_does_not_take_for_free_what_asks_a_cloud_for_something(
        self, book: PriceBook, make: Make, token: str
    ) -> None:
        assert not estimate([make(token)], book).complete

    def test_counts_a_missing_price(self, book: PriceBook, make: Make) -> None:
        found = estimate([make(NAT, region="ap-south-2"), make(NAT, name="home")], book)
        assert found.missing == 2  # the hours and the data of one gateway
        assert found.monthly == Decimal("32.85")
        assert not found.complete

    def test_says_how_old_its_prices_are(self, book: PriceBook, make: Make) -> None:
        found = estimate([make(NAT), make(BUCKET)], book)
        assert (found.oldest, found.newest, found.undated) == (date(2024, 7, 1), date(2026, 9, 10), 0)

    def test_counts_prices_without_a_day(self, book: PriceBook, make: Make) -> None:
        inputs = {"family": "web", "cpu": "256", "memory": "512"}
        definition = make("aws:ecs/taskDefinition:TaskDefinition", inputs)
        service = {"desiredCount": 1, "launchType": "FARGATE", "taskDefinition": "web"}
        found = estimate([make("aws:ecs/service:Service", service, region="eu-west-1"), definition], book)
        assert (found.undated, found.oldest) == (2, None)

    def test_does_not_trust_a_price_in_another_unit(self, make: Make) -> None:
        row = Row("AmazonVPC", "us-east-1", "nat-gateway", (), "month", Decimal(33), None, "a page")
        (cost,) = estimate([make(NAT)], PriceBook.of([row])).resources
        assert (cost.lines[0].unit_price, cost.lines[0].monthly) == (None, None)

    def test_writes_money_as_plain_decimal_text(self, book: PriceBook, make: Make) -> None:
        shape = estimate([make(BUCKET), make(NAT)], book).to_dict()
        lines = [line for resource in shape["resources"] for line in resource["lines"]]
        assert shape["totals"]["monthly"] == "32.85"
        assert {line["unit_price"] for line in lines} == {"0.045", "0.023", "0.000005", "0.0000004"}
        assert {line["quantity"] for line in lines} == {"1", "10", "100", "10000", "100000"}

    @pytest.mark.parametrize("size", [1000])
    def test_of_a_thousand_resources_takes_well_below_a_second(
        self, book: PriceBook, make: Make, size: int
    ) -> None:
        """Some 12 ms on a quiet machine; the bound leaves room for a busy one."""
        types = [NAT, VPC, BUCKET, "aws:lb/loadBalancer:LoadBalancer", "aws:ecs/service:Service"]
        resources = [
            make(types[number % len(types)], {"desiredCount": UNKNOWN}, name=f"n{number}")
            for number in range(size)
        ]
        start = time.process_time()
        assert len(estimate(resources, book).resources) == size
        assert time.process_time() - start < 0.5


class TestYear:
    """aws.amazon.com/route53/pricing, domains: .com 14.00 USD a year in 2024."""

    ROW = Row(
        "AmazonRoute53", "global", "domain", (("suffix", "com"),), "year", Decimal("14.00"), None, "the list"
    )

    def test_is_twelve_months(self, make: Make) -> None:
        (cost,) = estimate(
            [make("aws:route53domains/domain:Domain", {"domainName": "example.com"})],
            PriceBook.of([self.ROW]),
        ).resources
        (line,) = cost.lines
        assert line.unit_price == Decimal(14)
        assert line.monthly == Decimal("1.166666666667")
        assert line.hourly == Decimal("0.001598173516")

    @pytest.mark.parametrize(
        ("unit", "monthly", "hourly"),
        [
            ("hour", "730", "1"),
            ("LCU-hour", "730", "1"),
            ("GB-month", "1", "0.001369863014"),
            ("year", "0.083333333333", "0.000114155251"),
        ],
    )
    def test_is_one_of_the_times_that_units_are_of(self, unit: str, monthly: str, hourly: str) -> None:
        assert month_and_hour(Decimal(1), unit) == (Decimal(monthly), Decimal(hourly))


class TestTiers:
    """aws.amazon.com/ec2/pricing/on-demand, data out: 0.09 USD a GB of the first 10 TB, 0.085 of the next 40."""

    BALANCER = "aws:lb/loadBalancer:LoadBalancer"

    @pytest.mark.parametrize(
        ("gb", "count", "told"), [("6000", 1, False), ("6000", 2, True), ("12000", 1, True)]
    )
    def test_of_each_resource_alone_are_told_of_where_they_matter(
        self, book: PriceBook, make: Make, gb: str, count: int, told: bool
    ) -> None:
        balancers = [make(self.BALANCER, {"subnets": ["a"]}, name=str(number)) for number in range(count)]
        found = estimate(balancers, book, Usage(internet_egress_gb=Decimal(gb)))
        lines = [line for line in found.lines if line.component.startswith("data to the internet")]
        assert lines
        assert {"tiers counted for this resource alone" in str(line.assumption) for line in lines} == {told}
