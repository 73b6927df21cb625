"""Web ACLs of AWS WAF: the ACL, its rules, and the requests it looks at."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from cygni.pricing import inputs
from cygni.pricing.charges import ONE, Amount, Estimator, by_usage, fixed
from cygni.pricing.resource_set import ResourceSet
from cygni.pricing.usage import Usage
from cygni.resources import Resource

ACL: Final = fixed("web ACL", "AWSWAF", "web-acl", "acl-month")
RULE: Final = fixed("rules", "AWSWAF", "rule", "rule-month")
REQUESTS: Final = by_usage("requests", "AWSWAF", "requests", "request", "waf_requests")
_GLOBAL: Final = "us-east-1"


def _acl(resource: Resource, resources: ResourceSet, usage: Usage) -> Iterator[Amount]:
    """An ACL for CloudFront is kept, and billed, in us-east-1."""
    region = _GLOBAL if resource.inputs.get("scope") == "CLOUDFRONT" else None
    yield Amount(ACL, ONE, region=region)
    yield Amount(RULE, inputs.length(resource, "rules"), region=region)
    yield Amount(REQUESTS, usage.amount("waf_requests"), usage.describe("waf_requests"), region)


ESTIMATORS: Final = (
    Estimator(
        ("aws:wafv2/webAcl:WebAcl",),
        (ACL, RULE, REQUESTS),
        _acl,
        (
            "A managed rule group counts as one rule; the groups that AWS bills extra for are not told apart.",
            "Rules given as `ruleJson` are not counted.",
        ),
    ),
)
