"""Samples of names, certificates and what stands before the load balancer."""

from __future__ import annotations

from typing import Any

from cygni.local_cloud.provider.operations import Kept
from tests.cygni.local_cloud.provider.samples import RETAGGED, Sample, tags


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
    "listener certificate": Sample(
        "aws:lb/listenerCertificate:ListenerCertificate",
        lambda make: {
            "listenerArn": make("secure listener").outputs["arn"],
            "certificateArn": make("further certificate").id,
        },
    ),
}  # fmt: skip
