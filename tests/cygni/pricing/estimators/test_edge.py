"""What stands before the services, and what looks at the account: us-east-1 in the shipped book."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from cygni.pricing import ResourceCost, Status, Usage
from cygni.resources import UNKNOWN, Resource

Make = Callable[..., Resource]
CostOf = Callable[..., ResourceCost]

DISTRIBUTION = "aws:cloudfront/distribution:Distribution"
BALANCER = "aws:lb/loadBalancer:LoadBalancer"
ACL = "aws:wafv2/webAcl:WebAcl"
DETECTOR = "aws:guardduty/detector:Detector"
TRAIL = "aws:cloudtrail/trail:Trail"


class TestDistribution:
    def test_costs_what_leaves_it_and_what_is_asked_of_it(self, make: Make, cost_of: CostOf) -> None:
        cost = cost_of(make(DISTRIBUTION, {"viewerCertificate": {"sslSupportMethod": "sni-only"}}))
        assert cost.status is Status.USAGE_ONLY
        assert [line.monthly for line in cost.lines] == [Decimal("8.5"), Decimal(10)]

    def test_costs_the_same_in_every_region(self, make: Make, cost_of: CostOf) -> None:
        assert cost_of(make(DISTRIBUTION, region="eu-west-1")).cost.usage_monthly == Decimal("18.5")

    def test_falls_in_price_with_the_amount(self, make: Make, cost_of: CostOf) -> None:
        usage = Usage(cdn_egress_gb=Decimal(20_240), cdn_requests=Decimal(0))
        first, rest, _ = cost_of(make(DISTRIBUTION), usage=usage).lines
        assert (first.unit_price, rest.unit_price) == (Decimal("0.085"), Decimal("0.08"))

    def test_with_addresses_of_its_own_costs_600_usd(self, make: Make, cost_of: CostOf) -> None:
        cost = cost_of(make(DISTRIBUTION, {"viewerCertificate": {"sslSupportMethod": "vip"}}))
        assert cost.cost.monthly == Decimal(600)

    def test_of_an_unknown_certificate_has_no_price(self, make: Make, cost_of: CostOf) -> None:
        assert cost_of(make(DISTRIBUTION, {"viewerCertificate": UNKNOWN})).status is Status.NO_PRICE

    def test_takes_the_traffic_of_the_load_balancer_behind_it(self, make: Make, cost_of: CostOf) -> None:
        balancer = make(BALANCER, {"subnets": ["a", "b"]})
        before = make(DISTRIBUTION, references={"origins": (balancer.urn,)})
        other = make(DISTRIBUTION, name="other")

        def components(*others: Resource) -> list[str]:
            return [line.component for line in cost_of(balancer, *others).lines]

        assert any("data to the internet" in one for one in components(other))
        assert not any("data to the internet" in one for one in components(before))


class TestWebAcl:
    @pytest.mark.parametrize("rules", [0, 4])
    def test_costs_itself_and_each_rule(self, rules: int, make: Make, cost_of: CostOf) -> None:
        cost = cost_of(make(ACL, {"scope": "REGIONAL", "rules": [{"name": str(n)} for n in range(rules)]}))
        assert cost.cost.monthly == Decimal(5 + rules)
        assert cost.cost.usage_monthly == Decimal(6)  # ten million requests

    def test_has_no_price_of_bot_control(self, make: Make, cost_of: CostOf) -> None:
        group = {"vendorName": "AWS", "name": "AWSManagedRulesBotControlRuleSet"}
        rules = [{"name": "bots", "statement": {"managedRuleGroupStatement": group}}]
        cost = cost_of(make(ACL, {"scope": "REGIONAL", "rules": rules}))

        assert [line.component for line in cost.lines if line.monthly is None] == ["Bot Control"]

    def test_for_cloudfront_is_billed_in_us_east_1(self, make: Make, cost_of: CostOf) -> None:
        elsewhere = cost_of(make(ACL, {"scope": "CLOUDFRONT"}, region="eu-west-1"))
        assert elsewhere.cost.monthly == Decimal(5)
        assert cost_of(make(ACL, {"scope": "REGIONAL"}, region="eu-west-1")).status is Status.NO_PRICE

    def test_of_unknown_rules_has_no_price(self, make: Make, cost_of: CostOf) -> None:
        assert cost_of(make(ACL, {"rules": UNKNOWN})).status is Status.NO_PRICE


class TestDetector:
    def test_costs_the_logs_it_looks_at(self, make: Make, cost_of: CostOf) -> None:
        cost = cost_of(make(DETECTOR, {"enable": True}), usage=Usage(guardduty_gb=Decimal(30)))
        assert (cost.status, cost.cost.usage_monthly) == (Status.USAGE_ONLY, Decimal(30))

    def test_that_is_off_is_free(self, make: Make, cost_of: CostOf) -> None:
        assert cost_of(make(DETECTOR, {"enable": False})).status is Status.FREE


class TestTrail:
    def test_of_management_events_is_free(self, make: Make, cost_of: CostOf) -> None:
        assert cost_of(make(TRAIL, {"s3BucketName": "logs"})).status is Status.FREE

    @pytest.mark.parametrize(
        "chosen",
        [
            {"eventSelectors": [{"dataResources": [{"type": "AWS::S3::Object", "values": ["arn"]}]}]},
            {"advancedEventSelectors": [{"fieldSelectors": []}]},
            {"eventSelectors": UNKNOWN},
        ],
    )
    def test_of_data_events_has_no_price(self, chosen: dict[str, Any], make: Make, cost_of: CostOf) -> None:
        assert cost_of(make(TRAIL, chosen)).status is Status.NO_PRICE


class TestSecurityHub:
    def test_has_no_price_and_its_standards_no_cost_of_their_own(self, make: Make, cost_of: CostOf) -> None:
        standards = "aws:securityhub/standardsSubscription:StandardsSubscription"
        assert cost_of(make("aws:securityhub/account:Account")).status is Status.NO_PRICE
        assert cost_of(make(standards)).status is Status.FREE
