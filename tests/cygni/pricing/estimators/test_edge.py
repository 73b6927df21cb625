"""What stands before the services, and what looks at the account: us-east-1 in the shipped book."""

from __future__ import annotations

import json
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
FEATURE = "aws:guardduty/detectorFeature:DetectorFeature"


def _only(category: str) -> dict[str, Any]:
    return {"fieldSelectors": [{"field": "eventCategory", "equals": [category]}]}


class TestDistribution:
    def test_costs_what_leaves_it_and_what_is_asked_of_it(self, make: Make, cost_of: CostOf) -> None:
        cost = cost_of(make(DISTRIBUTION, {"viewerCertificate": {"sslSupportMethod": "sni-only"}}))
        assert cost.status is Status.USAGE_ONLY
        assert [line.monthly for line in cost.lines] == [Decimal("8.5"), Decimal(10), Decimal(0)]

    def test_says_where_its_viewers_are_taken_to_be(self, make: Make, cost_of: CostOf) -> None:
        assert all(
            "all viewers in North America" in str(line.assumption)
            for line in cost_of(make(DISTRIBUTION)).lines
        )

    def test_costs_what_viewers_upload(self, make: Make, cost_of: CostOf) -> None:
        usage = Usage(cdn_upload_gb=Decimal(50))  # aws.amazon.com/cloudfront/pricing: 0.02 a GB to an origin
        assert cost_of(make(DISTRIBUTION), usage=usage).lines[2].monthly == Decimal(1)

    @pytest.mark.parametrize(
        ("origins", "shields"),
        [
            ([{"originShield": {"enabled": True, "originShieldRegion": "eu-west-1"}}], ["eu-west-1"]),
            ([{"originShield": {"enabled": False}}, {}], []),
            (UNKNOWN, ["us-east-1"]),
        ],
    )
    def test_has_no_price_of_what_passes_an_origin_shield(
        self, origins: Any, shields: list[str], make: Make, cost_of: CostOf
    ) -> None:
        missing = [line for line in cost_of(make(DISTRIBUTION, {"origins": origins})).lines if line.missing]
        assert [line.price_key for line in missing] == [
            f"AmazonCloudFront {region} origin-shield-requests" for region in shields
        ]

    def test_costs_the_same_in_every_region(self, make: Make, cost_of: CostOf) -> None:
        assert cost_of(make(DISTRIBUTION, region="eu-west-1")).cost.usage_monthly == Decimal("18.5")

    def test_falls_in_price_with_the_amount(self, make: Make, cost_of: CostOf) -> None:
        usage = Usage(cdn_egress_gb=Decimal(20_240), cdn_requests=Decimal(0))
        first, rest, *_ = cost_of(make(DISTRIBUTION), usage=usage).lines
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

    @pytest.mark.parametrize(
        ("vendor", "name", "words"),
        [
            ("AWS", "AWSManagedRulesATPRuleSet", ["Account Takeover Prevention"]),
            ("AWS", "AWSManagedRulesCommonRuleSet", []),
            ("Fortinet", "all_rules", ["rule groups of other vendors"]),
        ],
    )
    def test_has_no_price_of_groups_that_cost_more(
        self, vendor: str, name: str, words: list[str], make: Make, cost_of: CostOf
    ) -> None:
        rule = {"Name": "a", "Statement": {"ManagedRuleGroupStatement": {"VendorName": vendor, "Name": name}}}
        written = cost_of(make(ACL, {"scope": "REGIONAL", "ruleJson": json.dumps([rule, {"Name": "b"}])}))

        assert [line.component for line in written.lines if line.missing] == words
        assert written.known.monthly == Decimal(5 + 2)  # aws.amazon.com/waf/pricing: 5.00 an ACL, 1.00 a rule

    @pytest.mark.parametrize("text", ["[", "{}", UNKNOWN])
    def test_has_no_price_of_rules_that_are_no_json(self, text: Any, make: Make, cost_of: CostOf) -> None:
        assert cost_of(make(ACL, {"scope": "REGIONAL", "ruleJson": text})).status is Status.NO_PRICE

    def test_for_cloudfront_is_billed_in_us_east_1(self, make: Make, cost_of: CostOf) -> None:
        elsewhere = cost_of(make(ACL, {"scope": "CLOUDFRONT"}, region="eu-west-1"))
        assert elsewhere.cost.monthly == Decimal(5)
        assert cost_of(make(ACL, {"scope": "REGIONAL"}, region="eu-west-1")).status is Status.NO_PRICE

    def test_of_unknown_rules_has_no_price(self, make: Make, cost_of: CostOf) -> None:
        assert cost_of(make(ACL, {"rules": UNKNOWN})).status is Status.NO_PRICE


class TestDetector:
    def test_costs_the_logs_it_looks_at(self, make: Make, cost_of: CostOf) -> None:
        cost = cost_of(make(DETECTOR, {"enable": True}), usage=Usage(guardduty_gb=Decimal(30)))
        assert (cost.known.usage_monthly, cost.lines[0].monthly) == (Decimal(30), Decimal(30))

    def test_names_the_plans_that_aws_switches_on(self, make: Make, cost_of: CostOf) -> None:
        detector = make(DETECTOR, {"datasources": {"s3Logs": {"enable": False}}})
        off = make(
            FEATURE,
            {"name": "RDS_LOGIN_EVENTS", "status": "DISABLED"},
            references={"detectorId": (detector.urn,)},
        )
        plans = cost_of(detector, off).lines[-1]
        assert plans.missing == (
            "AWS switches on EBS_MALWARE_PROTECTION, EKS_AUDIT_LOGS, LAMBDA_NETWORK_LOGS, billed by what they look at"
        )

    def test_has_none_where_each_plan_is_told(self, make: Make, cost_of: CostOf) -> None:
        detector = make(DETECTOR)
        plans = (
            "EBS_MALWARE_PROTECTION",
            "EKS_AUDIT_LOGS",
            "LAMBDA_NETWORK_LOGS",
            "RDS_LOGIN_EVENTS",
            "S3_DATA_EVENTS",
        )
        told = [
            make(
                FEATURE,
                {"name": plan, "status": "DISABLED"},
                name=plan,
                references={"detectorId": (detector.urn,)},
            )
            for plan in plans
        ]
        assert [line.component for line in cost_of(detector, *told).lines] == [
            "flow and DNS logs, first 500 GB",
            "management events",
        ]

    @pytest.mark.parametrize(("status", "found"), [("ENABLED", Status.NO_PRICE), ("DISABLED", Status.FREE)])
    def test_has_a_plan_that_costs_where_it_is_on(
        self, status: str, found: Status, make: Make, cost_of: CostOf
    ) -> None:
        assert cost_of(make(FEATURE, {"name": "RUNTIME_MONITORING", "status": status})).status is found

    def test_that_is_off_is_free(self, make: Make, cost_of: CostOf) -> None:
        assert cost_of(make(DETECTOR, {"enable": False})).status is Status.FREE


class TestTrail:
    def test_that_is_the_first_costs_nothing_and_says_so(self, make: Make, cost_of: CostOf) -> None:
        cost = cost_of(make(TRAIL, {"s3BucketName": "logs"}))
        assert cost.cost.usage_monthly == 0
        assert [line.assumption for line in cost.lines] == [
            "the first trail of the account, whose copy is free"
        ]

    @pytest.mark.parametrize(
        ("first", "second", "monthly"),
        [
            ({}, {}, "6"),
            ({"eventSelectors": [{"includeManagementEvents": False}]}, {}, "0"),
            ({"advancedEventSelectors": [_only("Data")]}, {}, "0"),
            ({}, {"advancedEventSelectors": [_only("Management")]}, "6"),
        ],
    )
    def test_that_copies_events_again_costs_them(
        self, first: dict[str, Any], second: dict[str, Any], monthly: str, make: Make, cost_of: CostOf
    ) -> None:
        """aws.amazon.com/cloudtrail/pricing: 2.00 per 100,000 management events of each further copy."""
        usage = Usage(trail_events=Decimal(300_000))
        others = make(TRAIL, {"s3BucketName": "logs", **first}, name="a")
        further = cost_of(make(TRAIL, {"s3BucketName": "more", **second}, name="b"), others, usage=usage)
        assert [line.monthly for line in further.lines if line.component == "management events"] == [
            Decimal(monthly)
        ]

    def test_of_another_region_is_the_first_there(self, make: Make, cost_of: CostOf) -> None:
        elsewhere = make(TRAIL, name="a", region="eu-west-1")
        assert cost_of(make(TRAIL, name="b"), elsewhere).cost.usage_monthly == 0

    def test_has_no_price_of_insights(self, make: Make, cost_of: CostOf) -> None:
        cost = cost_of(make(TRAIL, {"insightSelectors": [{"insightType": "ApiCallRateInsight"}]}))
        assert [line.component for line in cost.lines if line.missing] == ["events looked at for insights"]

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
