"""Route 53: hosted zones, health checks and resolvers. Prices of zones and checks belong to no region."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from cygni.pricing.charges import Estimator, Gap, by_usage, fixed
from cygni.pricing.parts import Part, priced
from cygni.pricing.readings import (
    Reading,
    Subject,
    choice,
    count,
    derived,
    flag,
    is_one_of,
    text,
    total,
    units,
    whole,
)

ZONE: Final = fixed("hosted zone", "AmazonRoute53", "hosted-zone", "zone-month", region="global", tiered=True)
QUERIES: Final = by_usage(
    "DNS queries",
    "AmazonRoute53",
    "queries",
    "query",
    "dns_queries",
    region="global",
    tiered=True,
    routing="standard",
)

_OF_AWS: Final = (".amazonaws.com", ".cloudfront.net", ".awsglobalaccelerator.com", ".elasticbeanstalk.com")
_KIND: Final = text("type")
_CHECK: Final = fixed("health check", "AmazonRoute53", "health-check", "check-month", region="global")
_FEATURES: Final = fixed(
    "features of the health check", "AmazonRoute53", "health-check-feature", "feature-month", region="global"
)
_ADDRESSES: Final = fixed("resolver addresses", "AmazonRoute53", "resolver-address", "hour")
_FIREWALL: Final = by_usage("queries that a DNS firewall looks at", "AmazonRoute53", "dns-firewall-queries", "query",
                            "dns_queries")  # fmt: skip


def _answers(urn: str) -> bool:
    """Whether a URN is of something in AWS that answers requests; a record may lead anywhere."""
    token = urn.split("::")[2].rsplit("$", 1)[-1] if urn.count("::") > 2 else ""
    return token.startswith("aws:") and not token.startswith("aws:route53/")


def _endpoint(subject: Subject) -> str | Gap:
    """Whether a check looks at something in AWS, which costs less."""
    if subject.inputs.get("type") in ("CALCULATED", "CLOUDWATCH_METRIC", "RECOVERY_CONTROL"):
        return Gap("no price for checks of other checks, alarms and controls")
    referred = (urn for name in ("fqdn", "ipAddress") for urn in subject.resource.references.get(name, ()))
    if any(_answers(urn) for urn in referred):
        return "aws"
    name = text("fqdn", "")(subject)
    if isinstance(name, Gap):
        return name
    return "aws" if name.lower().endswith(_OF_AWS) else "outside_aws"


def _one(condition: Reading[bool]) -> Reading[Decimal]:
    return choice(condition, units(1), units(0))


_NUMBER_OF_FEATURES: Final = total(
    _one(is_one_of(_KIND, "HTTPS", "HTTPS_STR_MATCH")),
    _one(is_one_of(_KIND, "HTTP_STR_MATCH", "HTTPS_STR_MATCH")),
    _one(is_one_of(derived(whole("requestInterval", 30), str), "10")),
    _one(flag("measureLatency")),
)
_HAS_FEATURES: Final = derived(_NUMBER_OF_FEATURES, bool)

ESTIMATORS: Final = (
    Estimator(
        ("aws:route53/zone:Zone",),
        (ZONE, QUERIES),
        notes=(
            "The price of the first 25 zones of an account.",
            "Queries for alias records of AWS resources are free; they are not deducted.",
        ),
    ),
    priced(
        "aws:route53/healthCheck:HealthCheck",
        parts=(
            Part(_CHECK, by={"endpoint": _endpoint}),
            Part(_FEATURES, _NUMBER_OF_FEATURES, by={"endpoint": _endpoint}, when=_HAS_FEATURES),
        ),
        notes=(
            "Of something in AWS when its address comes from a resource, or is one of AWS's own names.",
            "HTTPS, text matching, an interval of ten seconds and measuring latency cost extra, each.",
            "The 50 checks of AWS endpoints that are free are not deducted.",
        ),
    ),
    priced(
        "aws:route53/resolverEndpoint:ResolverEndpoint",
        parts=(
            Part(_ADDRESSES, count("ipAddresses")),
            by_usage(
                "queries through the resolver", "AmazonRoute53", "resolver-queries", "query", "dns_queries"
            ),
        ),
        notes=("Billed for each of its addresses.",),
    ),
    priced(
        "aws:route53/resolverFirewallRuleGroupAssociation:ResolverFirewallRuleGroupAssociation",
        parts=(_FIREWALL,),
    ),
    priced(
        "aws:route53domains/domain:Domain",
        "aws:route53domains/registeredDomain:RegisteredDomain",
        parts=(
            Part(
                fixed("registration a year, .{suffix}", "AmazonRoute53", "domain", "year", region="global"),
                by={"suffix": derived(text("domainName"), lambda found: found.rsplit(".", 1)[-1])},
            ),
        ),
        notes=("Billed by the year, when it is registered or renewed: a month is a twelfth of it.",),
    ),
    priced(
        "aws:route53/trafficPolicyInstance:TrafficPolicyInstance",
        parts=(
            fixed(
                "traffic policy record",
                "AmazonRoute53",
                "traffic-policy-record",
                "record-month",
                region="global",
            ),
        ),
    ),
    priced(
        "aws:route53recoverycontrol/cluster:Cluster",
        parts=(
            fixed("recovery control cluster", "AmazonRoute53", "recovery-cluster", "hour", region="global"),
        ),
    ),
)
