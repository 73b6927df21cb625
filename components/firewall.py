"""A web application firewall."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

import pulumi
from pulumi_aws import wafv2

from components.component import Component

GLOBAL_REGION: Final = "us-east-1"
"""Where web ACLs for CloudFront are kept (AWS WAF API, Scope)."""
MANAGED_RULES: Final = (
    "AWSManagedRulesAmazonIpReputationList",
    "AWSManagedRulesKnownBadInputsRuleSet",
    "AWSManagedRulesCommonRuleSet",
)
"""AWS's groups of no extra price that any web service can bear, 925 of the 1,500 capacity units an ACL has (AWS WAF
developer guide, baseline and IP reputation rule groups)."""
BODY_RULE: Final = "SizeRestrictions_BODY"
"""Of the common rules, the one that refuses bodies above 8 KB, and with them every upload: it only counts."""
WINDOW: Final = 300
"""Seconds over which requests of an address are counted."""


@dataclass(frozen=True)
class FirewallArgs:
    """`rate_limit` is the most requests from one address in five minutes, 10 to 2,000,000,000.

    `scope` is what it stands before: REGIONAL load balancers, which `protects` names by ARN, or CLOUDFRONT
    distributions, which name it themselves.
    """

    rate_limit: int
    scope: Literal["REGIONAL", "CLOUDFRONT"]
    protects: Sequence[pulumi.Input[str]] = ()


class Firewall(Component):
    """Web ACL with AWS's managed rules and a limit of requests for each address. Output: `acl`."""

    token = "cygni:edge:Firewall"

    def __init__(self, name: str, args: FirewallArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, opts)
        self.acl = wafv2.WebAcl(
            name,
            scope=args.scope,
            region=GLOBAL_REGION if args.scope == "CLOUDFRONT" else None,
            description=f"What may reach {name}",
            default_action=wafv2.WebAclDefaultActionArgs(allow=wafv2.WebAclDefaultActionAllowArgs()),
            rules=[
                _rate_limit(args.rate_limit),
                *(_managed(group, number) for number, group in enumerate(MANAGED_RULES, 1)),
            ],
            visibility_config=_metrics(name),
            opts=self.child(),
        )
        for number, arn in enumerate(args.protects):
            wafv2.WebAclAssociation(
                name if not number else f"{name}-{number}",
                web_acl_arn=self.acl.arn,
                resource_arn=arn,
                opts=self.child(),
            )
        self.register_outputs({"aclArn": self.acl.arn})


def _rate_limit(limit: int) -> wafv2.WebAclRuleArgs:
    return wafv2.WebAclRuleArgs(
        name="rate-limit",
        priority=0,
        action=wafv2.WebAclRuleActionArgs(block=wafv2.WebAclRuleActionBlockArgs()),
        statement=wafv2.WebAclRuleStatementArgs(
            rate_based_statement=wafv2.WebAclRuleStatementRateBasedStatementArgs(
                limit=limit, aggregate_key_type="IP", evaluation_window_sec=WINDOW
            )
        ),
        visibility_config=_rule_metrics("rate-limit"),
    )


def _managed(group: str, priority: int) -> wafv2.WebAclRuleArgs:
    counted = [BODY_RULE] if group == "AWSManagedRulesCommonRuleSet" else []
    overrides = [
        wafv2.WebAclRuleStatementManagedRuleGroupStatementRuleActionOverrideArgs(
            name=rule,
            action_to_use=wafv2.WebAclRuleStatementManagedRuleGroupStatementRuleActionOverrideActionToUseArgs(
                count=wafv2.WebAclRuleStatementManagedRuleGroupStatementRuleActionOverrideActionToUseCountArgs()
            ),
        )
        for rule in counted
    ]
    return wafv2.WebAclRuleArgs(
        name=group,
        priority=priority,
        # the group's own rules decide what to do
        override_action=wafv2.WebAclRuleOverrideActionArgs(none=wafv2.WebAclRuleOverrideActionNoneArgs()),
        statement=wafv2.WebAclRuleStatementArgs(
            managed_rule_group_statement=wafv2.WebAclRuleStatementManagedRuleGroupStatementArgs(
                name=group, vendor_name="AWS", rule_action_overrides=overrides or None
            )
        ),
        visibility_config=_rule_metrics(group),
    )


def _rule_metrics(name: str) -> wafv2.WebAclRuleVisibilityConfigArgs:
    return wafv2.WebAclRuleVisibilityConfigArgs(
        metric_name=name, cloudwatch_metrics_enabled=True, sampled_requests_enabled=True
    )


def _metrics(name: str) -> wafv2.WebAclVisibilityConfigArgs:
    return wafv2.WebAclVisibilityConfigArgs(
        metric_name=name, cloudwatch_metrics_enabled=True, sampled_requests_enabled=True
    )
