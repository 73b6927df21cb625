"""CloudFront distributions, billed by use where the viewers are; their prices belong to no region."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from cygni.pricing import inputs
from cygni.pricing.charges import Amount, Estimator, Gap, by_usage, fixed, one_of
from cygni.pricing.parts import priced
from cygni.pricing.resource_set import ResourceSet
from cygni.pricing.usage import Usage
from cygni.resources import Resource

TYPE: Final = "aws:cloudfront/distribution:Distribution"
_GEO: Final = "United States, Mexico, Canada"
DATA: Final = by_usage(
    "data to the internet",
    "AmazonCloudFront",
    "data-out",
    "GB",
    "cdn_egress_gb",
    region="global",
    tiered=True,
    allowance="cloudfront-data",
    geo=_GEO,
)
REQUESTS: Final = by_usage(
    "HTTPS requests",
    "AmazonCloudFront",
    "https-requests",
    "request",
    "cdn_requests",
    region="global",
    allowance="cloudfront-requests",
    geo=_GEO,
)
DEDICATED: Final = fixed(
    "addresses of its own", "AmazonCloudFront", "dedicated-ip-ssl", "certificate-month", region="global"
)


_VIEWERS: Final = "all viewers in North America"
UPLOADS: Final = by_usage(
    "data to the origin",
    "AmazonCloudFront",
    "data-to-origin",
    "GB",
    "cdn_upload_gb",
    region="global",
    geo=_GEO,
)
SHIELD: Final = by_usage(
    "requests that Origin Shield passes", "AmazonCloudFront", "origin-shield-requests", "request",
    "origin_shield_requests",
)  # fmt: skip


def _distribution(resource: Resource, resources: ResourceSet, usage: Usage) -> Iterator[Amount]:
    for charge in (DATA, REQUESTS, UPLOADS):
        amount = one_of(charge, usage)
        yield replace(amount, note=f"{amount.note}; {_VIEWERS}")
    yield from _shields(resource, usage)
    certificate = inputs.mapping(resource.inputs, "viewerCertificate")
    support = certificate if isinstance(certificate, Gap) else inputs.text(certificate, "sslSupportMethod")
    if isinstance(support, Gap):
        yield Amount(DEDICATED, support)
    elif support == "vip":
        yield one_of(DEDICATED, usage)


def _shields(resource: Resource, usage: Usage) -> Iterator[Amount]:
    """What passes the shields of its origins, billed in the region of the first of them."""
    origins = inputs.objects(resource.inputs, "origins")
    if isinstance(origins, Gap):
        yield Amount(SHIELD, origins)
        return
    for origin in origins:
        shield = inputs.mapping(origin, "originShield")
        enabled = shield if isinstance(shield, Gap) else inputs.flag(shield, "enabled")
        if isinstance(shield, Gap) or isinstance(enabled, Gap):
            yield Amount(SHIELD, shield if isinstance(shield, Gap) else Gap("enabled is not known"))
            return
        if enabled:
            where = inputs.text(shield, "originShieldRegion")
            yield replace(one_of(SHIELD, usage), region=where if isinstance(where, str) and where else None)
            return


def serves(origin: Resource, resources: ResourceSet) -> bool:
    """Whether a distribution stands before this resource, so that what leaves it goes to CloudFront."""
    return any(user.type == TYPE for user in resources.users_of(origin.urn))


ESTIMATORS: Final = (
    Estimator(
        (TYPE,),
        (DATA, REQUESTS, UPLOADS, SHIELD, DEDICATED),
        _distribution,
        (
            "All viewers are taken to be in North America; Europe costs the same per GB and a fifth more per request.",
            "What an origin in AWS sends to CloudFront is free; what viewers upload is `cdn_upload_gb`.",
            "Origin Shield is billed in its region, by the requests that pass it: `origin_shield_requests`.",
        ),
    ),
    priced(
        "aws:cloudfront/function:Function",
        parts=(
            by_usage(
                "invocations",
                "AmazonCloudFront",
                "function-invocations",
                "invocation",
                "cdn_requests",
                region="global",
            ),
        ),
        notes=("Run at every request of a distribution; the two million free a month are not deducted.",),
    ),
    priced(
        "aws:cloudfront/realtimeLogConfig:RealtimeLogConfig",
        parts=(
            by_usage(
                "log lines",
                "AmazonCloudFront",
                "real-time-log-lines",
                "line",
                "cdn_requests",
                region="global",
            ),
        ),
    ),
)
