"""AWS WAF: web ACLs, their rules and rule groups, the requests they look at; WAF Classic."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from cygni.pricing import inputs
from cygni.pricing.charges import ONE, Amount, Estimator, Gap, by_usage, fixed
from cygni.pricing.parts import Part, priced
from cygni.pricing.readings import choice, constant, count, is_one_of, text
from cygni.pricing.resource_set import ResourceSet
from cygni.pricing.usage import Usage
from cygni.resources import Resource

ACL: Final = fixed("web ACL", "AWSWAF", "web-acl", "acl-month")
RULE: Final = fixed("rules", "AWSWAF", "rule", "rule-month")
REQUESTS: Final = by_usage("requests", "AWSWAF", "requests", "request", "waf_requests")
BOTS: Final = fixed("Bot Control", "AWSWAF", "bot-control", "acl-month")
_BOT_CONTROL: Final = "AWSManagedRulesBotControlRuleSet"
_GLOBAL: Final = "us-east-1"


def _acl(resource: Resource, resources: ResourceSet, usage: Usage) -> Iterator[Amount]:
    """An ACL for CloudFront is kept, and billed, in us-east-1."""
    region = _GLOBAL if resource.inputs.get("scope") == "CLOUDFRONT" else None
    yield Amount(ACL, ONE, region=region)
    yield Amount(RULE, inputs.length(resource, "rules"), region=region)
    if _BOT_CONTROL in str(resource.inputs.get("rules")):
        yield Amount(
            BOTS, Gap("AWS bills Bot Control by the month and by the requests it looks at"), region=region
        )
    yield Amount(REQUESTS, usage.amount("waf_requests"), usage.describe("waf_requests"), region)


_WHERE: Final = choice(
    is_one_of(text("scope", ""), "CLOUDFRONT"), constant(_GLOBAL), lambda subject: subject.resource.region
)

ESTIMATORS: Final = (
    Estimator(
        ("aws:wafv2/webAcl:WebAcl",),
        (ACL, RULE, BOTS, REQUESTS),
        _acl,
        (
            "A managed rule group counts as one rule. Bot Control costs more, which has no price.",
            "Other groups that AWS bills extra for are not told apart.",
            "Rules given as `ruleJson` are not counted.",
        ),
    ),
    priced(
        "aws:wafv2/ruleGroup:RuleGroup",
        parts=(Part(RULE, count("rules"), region=_WHERE),),
        notes=("Each rule in it is billed, beside the rule of the web ACL that refers to the group.",),
    ),
    priced(
        "aws:waf/webAcl:WebAcl",
        "aws:wafregional/webAcl:WebAcl",
        parts=(
            fixed("classic web ACL", "AWSWAF", "classic-web-acl", "acl-month"),
            Part(fixed("classic rules", "AWSWAF", "classic-rule", "rule-month"), count("rules")),
            by_usage("classic requests", "AWSWAF", "classic-requests", "request", "waf_requests"),
        ),
        notes=("WAF Classic.",),
    ),
    priced(
        "aws:wafv2/webAclRule:WebAclRule",
        "aws:wafv2/webAclRuleGroupAssociation:WebAclRuleGroupAssociation",
        parts=(RULE,),
        notes=("One rule of a web ACL.",),
    ),
)
