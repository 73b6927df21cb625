"""A content delivery network before the load balancer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import pulumi
from pulumi_aws import cloudfront

from components.component import Component

CACHE_POLICY: Final = "4cc15a8a-d715-48a4-82b8-cc0b614638fe"
"""UseOriginCacheControlHeaders-QueryStrings: keeps what Cache-Control says may be kept, and nothing else
(Amazon CloudFront developer guide, managed cache policies)."""
REQUEST_POLICY: Final = "216adef6-5c7f-47e4-b989-5492eafa07d3"
"""AllViewer: the origin gets everything the viewer sent, the Host too, which its certificate is for
(Amazon CloudFront developer guide, managed origin request policies)."""
ORIGIN_FACING: Final = "com.amazonaws.global.cloudfront.origin-facing"
"""AWS's prefix list of the addresses from which CloudFront asks origins."""
TLS_VERSION: Final = "TLSv1.2_2021"
_ORIGIN: Final = "entrance"


@dataclass(frozen=True)
class CdnArgs:
    """`origin` is the load balancer's DNS name; it is asked over TLS alone.

    `names` are what viewers ask for, and `certificate_arn` an issued certificate of us-east-1 for all of them.
    `price_class` says how many of CloudFront's places answer: PriceClass_100 is North America, Europe and Israel.
    """

    origin: pulumi.Input[str]
    names: Sequence[str]
    certificate_arn: pulumi.Input[str]
    price_class: str = "PriceClass_100"
    web_acl_arn: pulumi.Input[str] | None = None


class Cdn(Component):
    """CloudFront distribution that keeps what the origin says may be kept. Output: `distribution`.

    It has IPv6, HTTP/2 and 3, and redirects plain HTTP.
    """

    token = "cygni:edge:Cdn"

    def __init__(self, name: str, args: CdnArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, opts)
        self.distribution = cloudfront.Distribution(
            name,
            enabled=True,
            comment=name,
            aliases=list(args.names),
            is_ipv6_enabled=True,
            http_version="http2and3",
            price_class=args.price_class,
            web_acl_id=args.web_acl_arn,
            origins=[_origin(args.origin)],
            default_cache_behavior=_everything(),
            restrictions=cloudfront.DistributionRestrictionsArgs(
                geo_restriction=cloudfront.DistributionRestrictionsGeoRestrictionArgs(restriction_type="none")
            ),
            viewer_certificate=cloudfront.DistributionViewerCertificateArgs(
                acm_certificate_arn=args.certificate_arn,
                ssl_support_method="sni-only",
                minimum_protocol_version=TLS_VERSION,
            ),
            opts=self.child(),
        )
        self.register_outputs({"domainName": self.distribution.domain_name})


def _origin(domain_name: pulumi.Input[str]) -> cloudfront.DistributionOriginArgs:
    return cloudfront.DistributionOriginArgs(
        origin_id=_ORIGIN,
        domain_name=domain_name,
        custom_origin_config=cloudfront.DistributionOriginCustomOriginConfigArgs(
            http_port=80,
            https_port=443,
            origin_protocol_policy="https-only",
            origin_ssl_protocols=["TLSv1.2"],
        ),
    )


def _everything() -> cloudfront.DistributionDefaultCacheBehaviorArgs:
    return cloudfront.DistributionDefaultCacheBehaviorArgs(
        target_origin_id=_ORIGIN,
        viewer_protocol_policy="redirect-to-https",
        allowed_methods=["GET", "HEAD", "OPTIONS", "PUT", "POST", "PATCH", "DELETE"],
        cached_methods=["GET", "HEAD"],
        cache_policy_id=CACHE_POLICY,
        origin_request_policy_id=REQUEST_POLICY,
        compress=True,
    )
