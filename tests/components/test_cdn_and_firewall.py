from __future__ import annotations

from typing import Any

import pulumi

from components.cdn import Cdn, CdnArgs
from components.firewall import Firewall, FirewallArgs
from tests.pulumi_mocks import Made, run_program


def made(component: type[pulumi.ComponentResource], args: object) -> Made:
    def program() -> None:
        component("shop", args)  # type: ignore[arg-type]

    return run_program(program)


class TestFirewall:
    @staticmethod
    def rules(found: Made) -> dict[str, dict[str, Any]]:
        return {rule["name"]: rule for rule in found.only("WebAcl").inputs["rules"]}

    def test_lets_through_what_no_rule_stops(self) -> None:
        acl = made(Firewall, FirewallArgs(2000, "REGIONAL")).only("WebAcl").inputs
        assert (acl["defaultAction"], acl["scope"], acl.get("region")) == ({"allow": {}}, "REGIONAL", None)

    def test_limits_the_requests_of_an_address_before_all_else(self) -> None:
        rule = self.rules(made(Firewall, FirewallArgs(500, "REGIONAL")))["rate-limit"]
        assert (rule["priority"], rule["action"]) == (0, {"block": {}})
        assert rule["statement"]["rateBasedStatement"] == {
            "limit": 500,
            "aggregateKeyType": "IP",
            "evaluationWindowSec": 300,
        }

    def test_has_the_managed_rules_with_their_own_actions(self) -> None:
        rules = self.rules(made(Firewall, FirewallArgs(2000, "REGIONAL")))
        managed = {name: rule for name, rule in rules.items() if name.startswith("AWSManagedRules")}
        assert len(managed) == 3
        assert sorted(rule["priority"] for rule in managed.values()) == [1, 2, 3]
        assert all(rule["overrideAction"] == {"none": {}} for rule in managed.values())

    def test_only_counts_large_bodies_so_that_uploads_pass(self) -> None:
        rule = self.rules(made(Firewall, FirewallArgs(2000, "REGIONAL")))["AWSManagedRulesCommonRuleSet"]
        assert rule["statement"]["managedRuleGroupStatement"]["ruleActionOverrides"] == [
            {"name": "SizeRestrictions_BODY", "actionToUse": {"count": {}}}
        ]

    def test_stands_before_each_load_balancer(self) -> None:
        found = made(Firewall, FirewallArgs(2000, "REGIONAL", ["arn:one", "arn:two"]))
        associations = found.of("WebAclAssociation")
        assert [one.inputs["resourceArn"] for one in associations] == ["arn:one", "arn:two"]
        assert {one.inputs["webAclArn"] for one in associations} == {found.only("WebAcl").arn}

    def test_for_cloudfront_is_kept_in_us_east_1(self) -> None:
        found = made(Firewall, FirewallArgs(2000, "CLOUDFRONT"))
        assert found.only("WebAcl").inputs["region"] == "us-east-1"
        assert found.of("WebAclAssociation") == []


class TestCdn:
    @staticmethod
    def distribution(**more: Any) -> dict[str, Any]:
        args = CdnArgs("lb.elb.test", ["a.test", "b.test"], "arn:certificate", **more)
        return made(Cdn, args).only("Distribution").inputs

    def test_answers_to_its_names_over_tls(self) -> None:
        found = self.distribution()
        assert found["aliases"] == ["a.test", "b.test"]
        assert found["viewerCertificate"] == {
            "acmCertificateArn": "arn:certificate",
            "sslSupportMethod": "sni-only",
            "minimumProtocolVersion": "TLSv1.2_2021",
        }
        assert found["defaultCacheBehavior"]["viewerProtocolPolicy"] == "redirect-to-https"
        assert (found["isIpv6Enabled"], found["httpVersion"], found["priceClass"]) == (
            True,
            "http2and3",
            "PriceClass_100",
        )

    def test_asks_the_load_balancer_over_tls_alone(self) -> None:
        [origin] = self.distribution()["origins"]
        assert origin["domainName"] == "lb.elb.test"
        assert origin["customOriginConfig"]["originProtocolPolicy"] == "https-only"
        assert origin["customOriginConfig"]["originSslProtocols"] == ["TLSv1.2"]

    def test_passes_everything_on_and_keeps_only_what_it_may(self) -> None:
        behavior = self.distribution()["defaultCacheBehavior"]
        assert "POST" in behavior["allowedMethods"]
        assert behavior["cachedMethods"] == ["GET", "HEAD"]
        assert behavior["cachePolicyId"] == "4cc15a8a-d715-48a4-82b8-cc0b614638fe"
        assert behavior["originRequestPolicyId"] == "216adef6-5c7f-47e4-b989-5492eafa07d3"

    def test_may_have_a_firewall_before_it(self) -> None:
        assert "webAclId" not in self.distribution()
        assert self.distribution(web_acl_arn="arn:acl")["webAclId"] == "arn:acl"
