"""CloudFront distributions, billed by use where the viewers are; their prices belong to no region."""

from __future__ import annotations

from collections.abc import Iterator
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


def _distribution(resource: Resource, resources: ResourceSet, usage: Usage) -> Iterator[Amount]:
    yield one_of(DATA, usage)
    yield one_of(REQUESTS, usage)
    certificate = inputs.mapping(resource.inputs, "viewerCertificate")
    support = certificate if isinstance(certificate, Gap) else inputs.text(certificate, "sslSupportMethod")
    if isinstance(support, Gap):
        yield Amount(DEDICATED, support)
    elif support == "vip":
        yield one_of(DEDICATED, usage)


def serves(origin: Resource, resources: ResourceSet) -> bool:
    """Whether a distribution stands before this resource, so that what leaves it goes to CloudFront."""
    return any(user.type == TYPE for user in resources.users_of(origin.urn))


ESTIMATORS: Final = (
    Estimator(
        (TYPE,),
        (DATA, REQUESTS, DEDICATED),
        _distribution,
        (
            "All viewers are taken to be in North America; Europe costs the same per GB and a fifth more per request.",
            "What an origin in AWS sends to CloudFront is free; what viewers upload through it is not counted.",
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
