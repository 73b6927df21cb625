"""AWS WAF: web ACLs, their rules and rule groups, the requests they look at; WAF Classic."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

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
_DEARER: Final = {
    "AWSManagedRulesACFPRuleSet": fixed("Account Creation Fraud Prevention", "AWSWAF", "acfp", "acl-month"),
    "AWSManagedRulesATPRuleSet": fixed("Account Takeover Prevention", "AWSWAF", "atp", "acl-month"),
    "AWSManagedRulesAntiDDoSRuleSet": fixed("Anti-DDoS", "AWSWAF", "anti-ddos", "acl-month"),
    "AWSManagedRulesBotControlRuleSet": fixed("Bot Control", "AWSWAF", "bot-control", "acl-month"),
}
"""The managed groups of AWS that cost more than the rule each one is: aws.amazon.com/waf/pricing."""
SOLD: Final = fixed("rule groups of other vendors", "AWSWAF", "marketplace", "acl-month")
_GLOBAL: Final = "us-east-1"


def _acl(resource: Resource, resources: ResourceSet, usage: Usage) -> Iterator[Amount]:
    """An ACL for CloudFront is kept, and billed, in us-east-1."""
    region = _GLOBAL if resource.inputs.get("scope") == "CLOUDFRONT" else None
    yield Amount(ACL, ONE, region=region)
    rules = _rules(resource)
    yield Amount(RULE, rules if isinstance(rules, Gap) else Decimal(len(rules)), region=region)
    groups = dict(_managed_groups(resource))
    for name, charge in _DEARER.items():
        if name in groups:
            yield Amount(charge, Gap("billed by the month and by the requests it looks at"), region=region)
    if any(vendor != "AWS" for vendor in groups.values()):
        yield Amount(SOLD, Gap("their vendors say what they cost"), region=region)
    yield Amount(REQUESTS, usage.amount("waf_requests"), usage.describe("waf_requests"), region)


def _rules(resource: Resource) -> Sequence[Any] | Gap:
    """The rules of an ACL, as inputs or as JSON with the names of the API."""
    written = inputs.text(resource.inputs, "ruleJson")
    if not written:
        return inputs.objects(resource.inputs, "rules")
    try:
        found = written if isinstance(written, Gap) else json.loads(written)
    except ValueError:
        found = None
    return found if isinstance(found, list | Gap) else Gap("ruleJson is no list of rules")


def _managed_groups(resource: Resource) -> Iterator[tuple[str, str]]:
    """The name and the vendor of each managed group among the rules."""
    rules = _rules(resource)
    for rule in () if isinstance(rules, Gap) else rules:
        group = _inside(_inside(rule, "statement"), "managedRuleGroupStatement")
        if group:
            yield str(_one(group, "name")), str(_one(group, "vendorName"))


def _inside(given: Any, name: str) -> Mapping[str, Any]:
    nested = _one(given, name) if isinstance(given, Mapping) else None
    return nested if isinstance(nested, Mapping) else {}


def _one(given: Mapping[str, Any], name: str) -> Any:
    """An entry by its name in a program (`vendorName`) or in the API (`VendorName`)."""
    return given.get(name, given.get(name[:1].upper() + name[1:]))


_WHERE: Final = choice(
    is_one_of(text("scope", ""), "CLOUDFRONT"), constant(_GLOBAL), lambda subject: subject.resource.region
)

ESTIMATORS: Final = (
    Estimator(
        ("aws:wafv2/webAcl:WebAcl",),
        (ACL, RULE, *_DEARER.values(), SOLD, REQUESTS),
        _acl,
        (
            "A managed rule group counts as one rule. Those that cost more, and those of other vendors, have no price.",
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
