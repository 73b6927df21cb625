"""Samples of names, certificates and what stands before the load balancer."""

from __future__ import annotations

import json
from typing import Any

from cygni.local_cloud.provider.operations import Kept
from tests.cygni.local_cloud.provider.samples import RETAGGED, Make, Sample, tags


def validation(certificate: Kept, zone: Kept) -> dict[str, Any]:
    [option] = certificate.outputs["domainValidationOptions"]
    return {
        "zoneId": zone.id,
        "name": option["resourceRecordName"],
        "type": option["resourceRecordType"],
        "records": [option["resourceRecordValue"]],
        "ttl": 300,
    }


def certificate(name: str) -> Sample:
    return Sample(
        "aws:acm/certificate:Certificate",
        lambda make: {"domainName": name, "validationMethod": "DNS", **tags()},
        lambda make: RETAGGED,
    )


def action(kind: str) -> list[dict[str, Any]]:
    return [{"type": "fixed-response", "fixedResponse": {"contentType": "text/plain", "statusCode": kind}}]


def distribution(make: Make, **more: Any) -> dict[str, Any]:
    return {
        "enabled": True,
        "comment": "one",
        "aliases": ["shop.example.com"],
        "origins": [
            {
                "originId": "entrance",
                "domainName": "lb.example.com",
                "customHeaders": [{"name": "x-from", "value": "cdn"}],
                "customOriginConfig": {
                    "httpPort": 80,
                    "httpsPort": 443,
                    "originProtocolPolicy": "https-only",
                    "originSslProtocols": ["TLSv1.2"],
                },
            },
            {
                "originId": "files",
                "domainName": "files.s3.us-east-1.amazonaws.com",
                "originAccessControlId": make("origin access").id,
            },
        ],
        "defaultCacheBehavior": {
            "targetOriginId": "entrance",
            "viewerProtocolPolicy": "redirect-to-https",
            "allowedMethods": ["GET", "HEAD", "OPTIONS", "PUT", "POST", "PATCH", "DELETE"],
            "cachedMethods": ["GET", "HEAD"],
            "cachePolicyId": "4cc15a8a-d715-48a4-82b8-cc0b614638fe",
            "compress": True,
        },
        "orderedCacheBehaviors": [
            {
                "pathPattern": "/files/*",
                "targetOriginId": "files",
                "viewerProtocolPolicy": "https-only",
                "allowedMethods": ["GET", "HEAD"],
                "cachedMethods": ["GET", "HEAD"],
                "forwardedValues": {"queryString": False, "cookies": {"forward": "none"}},
                "minTtl": 60,
            }
        ],
        "restrictions": {"geoRestriction": {"restrictionType": "whitelist", "locations": ["CH", "DE"]}},
        "viewerCertificate": {
            "acmCertificateArn": make("validation").outputs["certificateArn"],
            "sslSupportMethod": "sni-only",
            "minimumProtocolVersion": "TLSv1.2_2021",
        },
        "priceClass": "PriceClass_100",
        **more,
    }


def rate_rule(limit: int) -> dict[str, Any]:
    return {
        "name": "rate",
        "priority": 2,
        "action": {"block": {}},
        "statement": {"rateBasedStatement": {"limit": limit, "aggregateKeyType": "IP"}},
        "visibilityConfig": metrics("rate"),
    }


def metrics(name: str) -> dict[str, Any]:
    return {"metricName": name, "cloudwatchMetricsEnabled": True, "sampledRequestsEnabled": True}


def web_acl(name: str, scope: str, default: str = "allow", limit: int = 2000) -> dict[str, Any]:
    managed = {"managedRuleGroupStatement": {"name": "AWSManagedRulesCommonRuleSet", "vendorName": "AWS"}}
    return {
        "name": name,
        "scope": scope,
        "defaultAction": {default: {}},
        "rules": [
            {
                "name": "common",
                "priority": 1,
                "overrideAction": {"none": {}},
                "statement": managed,
                "visibilityConfig": metrics("common"),
            },
            rate_rule(limit),
        ],
        "visibilityConfig": metrics(name),
        **tags(),
    }


STANDARD = "arn:aws:securityhub:us-east-1::standards/aws-foundational-security-best-practices/v/1.0.0"
LETS_CLOUDTRAIL_IN = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "cloudtrail.amazonaws.com"},
                "Action": ["s3:GetBucketAcl", "s3:PutObject"],
                "Resource": ["arn:aws:s3:::sample-trail", "arn:aws:s3:::sample-trail/*"],
            }
        ],
    }
)


EDGE: dict[str, Sample] = {
    "zone": Sample(
        "aws:route53/zone:Zone",
        lambda make: {"name": "shop.example.com", "comment": "one", **tags()},
        lambda make: {"comment": "two", **RETAGGED},
    ),
    "private zone": Sample(
        "aws:route53/zone:Zone",
        lambda make: {"name": "shop.internal", "vpcs": [{"vpcId": make("vpc").id}], **tags()},
        lambda make: RETAGGED,
    ),
    "record": Sample(
        "aws:route53/record:Record",
        lambda make: {"zoneId": make("zone").id, "name": "www", "type": "A", "ttl": 60, "records": ["10.0.0.1"]},
        lambda make: {"ttl": 300, "records": ["10.0.0.2", "10.0.0.3"]},
        lambda kept: f"{kept.outputs['zoneId']}_www_A",
        unreadable=("name",),  # the whole name is read
    ),
    "text record": Sample(
        "aws:route53/record:Record",
        lambda make: {
            "zoneId": make("zone").id,
            "name": "_check.shop.example.com",
            "type": "TXT",
            "ttl": 60,
            "records": ["v=1"],
        },
        lambda make: {"records": ["v=2"]},
    ),
    "weighted record": Sample(
        "aws:route53/record:Record",
        lambda make: {
            "zoneId": make("zone").id,
            "name": "api.shop.example.com",
            "type": "CNAME",
            "ttl": 60,
            "records": ["one.example.com"],
            "setIdentifier": "one",
            "weightedRoutingPolicies": [{"weight": 10}],
        },
        lambda make: {"weightedRoutingPolicies": [{"weight": 90}]},
    ),
    "alias record": Sample(
        "aws:route53/record:Record",
        lambda make: {
            "zoneId": make("zone").id,
            "name": "shop.example.com",
            "type": "A",
            "aliases": [
                {
                    "name": make("load balancer").outputs["dnsName"],
                    "zoneId": make("load balancer").outputs["zoneId"],
                    "evaluateTargetHealth": True,
                }
            ],
        },
        lambda make: {
            "aliases": [
                {
                    "name": make("load balancer").outputs["dnsName"],
                    "zoneId": make("load balancer").outputs["zoneId"],
                    "evaluateTargetHealth": False,
                }
            ]
        },
    ),
    "certificate": certificate("shop.example.com"),
    "further certificate": certificate("www.shop.example.com"),
    "validation record": Sample(
        "aws:route53/record:Record",
        lambda make: {**validation(make("certificate"), make("zone")), "allowOverwrite": True},
        unreadable=("allowOverwrite",),  # how it was made, not what it is
    ),
    "validation": Sample(
        "aws:acm/certificateValidation:CertificateValidation",
        lambda make: {
            "certificateArn": make("certificate").id,
            "validationRecordFqdns": [make("validation record").outputs["fqdn"]],
        },
        import_id=None,
    ),
    "secure listener": Sample(
        "aws:lb/listener:Listener",
        lambda make: {
            "loadBalancerArn": make("load balancer").outputs["arn"],
            "port": 443,
            "protocol": "HTTPS",
            "sslPolicy": "ELBSecurityPolicy-TLS13-1-2-2021-06",
            "certificateArn": make("certificate").id,
            "defaultActions": action("404"),
            **tags(),
        },
        lambda make: {
            "sslPolicy": "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09",
            "defaultActions": action("503"),
            **RETAGGED,
        },
    ),
    "origin access": Sample(
        "aws:cloudfront/originAccessControl:OriginAccessControl",
        lambda make: {
            "name": "files",
            "originAccessControlOriginType": "s3",
            "signingBehavior": "always",
            "signingProtocol": "sigv4",
        },
        lambda make: {"description": "what is in the bucket", "signingBehavior": "no-override"},
    ),
    "distribution": Sample(
        "aws:cloudfront/distribution:Distribution",
        lambda make: {**distribution(make), **tags()},
        lambda make: {
            "comment": "two",
            "orderedCacheBehaviors": [],
            "loggingConfig": {"bucket": "logs.s3.amazonaws.com", "prefix": "cdn/"},
            "customErrorResponses": [{"errorCode": 404, "responseCode": 200, "responsePagePath": "/"}],
            **RETAGGED,
        },
    ),
    "web acl": Sample(
        "aws:wafv2/webAcl:WebAcl",
        lambda make: web_acl("sample", "REGIONAL"),
        lambda make: {**web_acl("sample", "REGIONAL", "block", 500), "description": "stricter", **RETAGGED},
        lambda kept: f"{kept.id}/sample/REGIONAL",
    ),
    "web acl of distributions": Sample(
        "aws:wafv2/webAcl:WebAcl",
        lambda make: {**web_acl("sample-cdn", "CLOUDFRONT"), "region": "us-east-1"},
        lambda make: {"rules": [], **RETAGGED},
        lambda kept: f"{kept.id}/sample-cdn/CLOUDFRONT",
    ),
    "association of a web acl": Sample(
        "aws:wafv2/webAclAssociation:WebAclAssociation",
        lambda make: {
            "webAclArn": make("web acl").outputs["arn"],
            "resourceArn": make("load balancer").outputs["arn"],
        },
    ),
    "detector": Sample(
        "aws:guardduty/detector:Detector",
        lambda make: {"findingPublishingFrequency": "ONE_HOUR", **tags()},
        lambda make: {"enable": False, "findingPublishingFrequency": "SIX_HOURS", **RETAGGED},
    ),
    "hub": Sample(
        "aws:securityhub/account:Account",
        lambda make: {"enableDefaultStandards": False},
        lambda make: {"autoEnableControls": False, "controlFindingGenerator": "STANDARD_CONTROL"},
        unreadable=("enableDefaultStandards",),  # the API does not tell
    ),
    "standard": Sample(
        "aws:securityhub/standardsSubscription:StandardsSubscription",
        lambda make: {"standardsArn": STANDARD} if make("hub").id else {},
    ),
    "trail bucket": Sample(
        "aws:s3/bucket:Bucket", lambda make: {"bucket": "sample-trail", "forceDestroy": True}, unreadable=("forceDestroy",)
    ),
    "trail bucket policy": Sample(
        "aws:s3/bucketPolicy:BucketPolicy",
        lambda make: {"bucket": make("trail bucket").id, "policy": LETS_CLOUDTRAIL_IN},
    ),
    "trail": Sample(
        "aws:cloudtrail/trail:Trail",
        lambda make: {
            "name": "sample",
            "s3BucketName": make("trail bucket policy").outputs["bucket"],
            "isMultiRegionTrail": True,
            "enableLogFileValidation": True,
            **tags(),
        },
        lambda make: {
            "enableLogging": False,
            "s3KeyPrefix": "logs",
            "eventSelectors": [{"dataResources": [{"type": "AWS::S3::Object", "values": ["arn:aws:s3:::a/"]}]}],
            "insightSelectors": [{"insightType": "ApiCallRateInsight"}],
            **RETAGGED,
        },
    ),
    "listener certificate": Sample(
        "aws:lb/listenerCertificate:ListenerCertificate",
        lambda make: {
            "listenerArn": make("secure listener").outputs["arn"],
            "certificateArn": make("further certificate").id,
        },
    ),
}  # fmt: skip
