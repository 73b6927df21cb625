"""Certificates that DNS proves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
from pulumi_aws import acm, route53

from components.component import Component
from cygni.naming import host_in_name

CDN_REGION = "us-east-1"
"""Where CloudFront looks for its certificate (Amazon CloudFront developer guide)."""
RECORD_TTL = 300
"""Seconds; ACM asks again and again, for as long as the certificate is to be renewed."""


@dataclass(frozen=True)
class CertificatesArgs:
    """`names` are host names of at most 64 characters, `*.` at their beginning allowed, all in the zone.

    `cdn` adds one certificate for all of them, where CloudFront looks for it.
    """

    names: Sequence[str]
    zone_id: pulumi.Input[str]
    cdn: bool = False


class Certificates(Component):
    """An ACM certificate for each name, the records in Route 53 that prove them, and the wait until they are issued.

    Each name has a certificate of its own, so that another name replaces none. ACM asks for the same record for the
    same name, whatever the certificate and the region, and for a wildcard it is that of the name it stands under: so
    there is one record for each such name. ACM renews as long as it stands. Outputs, known once issued: `arns`
    by name, `cdn_arn`.
    """

    token = "cygni:edge:Certificates"

    def __init__(self, name: str, args: CertificatesArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, opts)
        self.name = name
        requested = {host: self._request(f"{name}-{host_in_name(host)}", [host], None) for host in args.names}
        self._records = self._prove(requested, args.zone_id)
        self.arns = {
            host: self._issued(f"{name}-{host_in_name(host)}", certificate, [host], None)
            for host, certificate in requested.items()
        }
        self.cdn_arn: pulumi.Output[str] | None = None
        if args.cdn:
            everywhere = self._request(f"{name}-cdn", args.names, CDN_REGION)
            self.cdn_arn = self._issued(f"{name}-cdn", everywhere, args.names, CDN_REGION)
        self.register_outputs({"arns": self.arns})

    def _request(self, name: str, hosts: Sequence[str], region: str | None) -> acm.Certificate:
        return acm.Certificate(
            name,
            domain_name=hosts[0],
            subject_alternative_names=list(hosts),
            validation_method="DNS",
            region=region,
            opts=self.child(),
        )

    def _prove(
        self, requested: dict[str, acm.Certificate], zone_id: pulumi.Input[str]
    ) -> dict[str, route53.Record]:
        first: dict[str, acm.Certificate] = {}
        for host, certificate in requested.items():
            first.setdefault(base_of(host), certificate)
        return {base: self._record(base, certificate, zone_id) for base, certificate in first.items()}

    def _record(self, base: str, certificate: acm.Certificate, zone_id: pulumi.Input[str]) -> route53.Record:
        def part(read: str) -> pulumi.Output[str]:
            value: pulumi.Output[str] = certificate.domain_validation_options.apply(
                lambda options: str(getattr(_option_for(base, options), read))
            )
            return value

        return route53.Record(
            f"{self.name}-{base}",
            zone_id=zone_id,
            name=part("resource_record_name"),
            type=part("resource_record_type"),
            records=[part("resource_record_value")],
            ttl=RECORD_TTL,
            # An earlier certificate for the name, not of Cygni's making, may have left the very same record.
            allow_overwrite=True,
            opts=self.child(),
        )

    def _issued(
        self, name: str, certificate: acm.Certificate, hosts: Sequence[str], region: str | None
    ) -> pulumi.Output[str]:
        bases = dict.fromkeys(base_of(host) for host in hosts)
        validation = acm.CertificateValidation(
            name,
            certificate_arn=certificate.arn,
            validation_record_fqdns=[self._records[base].fqdn for base in bases],
            region=region,
            opts=self.child(),
        )
        arn: pulumi.Output[str] = validation.certificate_arn
        return arn


def base_of(host: str) -> str:
    """The name whose record proves `host`: for a wildcard, the name it stands under."""
    return host.removeprefix("*.")


def _option_for(base: str, options: Sequence[Any]) -> Any:
    return next(option for option in options if base_of(option.domain_name) == base)
