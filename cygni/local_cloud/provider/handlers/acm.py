"""ACM certificates that Amazon issues, and waiting until they are issued."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from botocore.exceptions import ClientError

from cygni.local_cloud.provider import shapes
from cygni.local_cloud.provider.handlers.base import (
    At,
    Handler,
    State,
    code,
    is_gone,
    tag_changes,
    tag_list,
    tag_map,
    unless_gone,
)
from cygni.local_cloud.provider.wire import Values

_RECORDS_WITHIN = 300.0  # seconds until ACM tells which records prove the domain
_ISSUED_WITHIN = 4500.0
_UNUSED_WITHIN = 1200.0
_FAILED = ("FAILED", "VALIDATION_TIMED_OUT", "EXPIRED", "REVOKED", "INACTIVE")


def described(at: At, arn: str) -> dict[str, Any] | None:
    """ACM's description of a certificate; None when there is none."""
    try:
        return dict(at.client("acm").describe_certificate(CertificateArn=arn)["Certificate"])
    except ClientError as error:
        if is_gone(error):
            return None
        raise


class Certificate(Handler):
    """A requested certificate; its id is the ARN."""

    token = "aws:acm/certificate:Certificate"
    has_twins = True  # its successor, with other names, is made before it goes

    def create(self, at: At, inputs: State) -> str:
        client = at.client("acm")
        drop = ("tags", "tagsAll", "region", "options", "validationOptions", "subjectAlternativeNames")
        wanted = shapes.request(client, "RequestCertificate", inputs, drop=drop)
        others = [
            name for name in inputs.get("subjectAlternativeNames") or [] if name != inputs["domainName"]
        ]
        if others:
            wanted["SubjectAlternativeNames"] = others
        if inputs.get("options"):
            wanted["Options"] = shapes.value(client, "CertificateOptions", inputs["options"])
        if inputs.get("validationOptions"):
            wanted["DomainValidationOptions"] = shapes.value(
                client, "DomainValidationOptionList", inputs["validationOptions"]
            )
        tags = tag_list(inputs.get("tagsAll"))
        tagged = {"Tags": tags} if tags else {}
        answer = client.request_certificate(**wanted, **tagged, IdempotencyToken=at.client_token(inputs))
        return str(answer["CertificateArn"])

    def complete(self, at: At, id: str, inputs: State) -> None:
        if inputs.get("validationMethod") == "DNS":
            what = f"the validation records of certificate {id}"
            at.cloud.await_(what, lambda: self._records(at, id), seconds=_RECORDS_WITHIN)

    def _records(self, at: At, id: str) -> list[dict[str, Any]] | None:
        options = (described(at, id) or {}).get("DomainValidationOptions") or []
        records = [option["ResourceRecord"] for option in options if option.get("ResourceRecord")]
        return records if options and len(records) == len(options) else None

    def read(self, at: At, id: str, known: State) -> Values | None:
        certificate = described(at, id)
        if certificate is None:
            return None
        options = certificate.get("DomainValidationOptions") or []
        rename = {
            "arn": "CertificateArn",
            "domainValidationOptions": "",
            "subjectAlternativeNames": "",
            "renewalSummaries": "RenewalSummary",
        }
        found = shapes.outputs(self.properties, certificate, rename=rename)
        tags = at.client("acm").list_tags_for_certificate(CertificateArn=id)["Tags"]
        emails = [address for option in options for address in option.get("ValidationEmails", [])]
        return found | {
            "keyAlgorithm": str(certificate.get("KeyAlgorithm", "")).replace("-", "_"),
            "validationMethod": options[0].get("ValidationMethod", "NONE") if options else "NONE",
            "domainValidationOptions": _records_of(options),
            "subjectAlternativeNames": _names(certificate, known),
            "validationEmails": emails,
            "pendingRenewal": False,
            "tagsAll": tag_map(tags),
        }

    def update(self, at: At, id: str, olds: State, news: State, changed: frozenset[str]) -> None:
        client = at.client("acm")
        logging = (news.get("options") or {}).get("certificateTransparencyLoggingPreference")
        if "options" in changed and logging:
            client.update_certificate_options(
                CertificateArn=id, Options={"CertificateTransparencyLoggingPreference": logging}
            )
        put, removed = tag_changes(olds, news)
        if removed:
            client.remove_tags_from_certificate(CertificateArn=id, Tags=[{"Key": key} for key in removed])
        if put:
            client.add_tags_to_certificate(CertificateArn=id, Tags=tag_list(put))

    def delete(self, at: At, id: str, known: State) -> None:
        def deleted() -> bool | None:
            """A load balancer lets go of a certificate a while after it was told to."""
            try:
                at.client("acm").delete_certificate(CertificateArn=id)
            except ClientError as error:
                if code(error) == "ResourceInUseException":
                    return None
                raise
            return True

        with unless_gone():
            at.cloud.await_(f"certificate {id} to be used no more", deleted, seconds=_UNUSED_WITHIN)

    def find(self, at: At, inputs: State) -> list[str]:
        pages = at.client("acm").get_paginator("list_certificates").paginate()
        return [
            str(found["CertificateArn"])
            for page in pages
            for found in page["CertificateSummaryList"]
            if found.get("DomainName") == inputs.get("domainName")
        ]


def _names(certificate: Mapping[str, Any], known: State) -> list[str]:
    """All names of a certificate; in the program's own form where that leaves out only the first of them."""
    names = [str(name) for name in certificate.get("SubjectAlternativeNames") or []]
    given = known.get("subjectAlternativeNames")
    if isinstance(given, list) and {*given, certificate["DomainName"]} == set(names):
        return list(given)
    return sorted(names)


def _records_of(options: list[dict[str, Any]]) -> list[Values]:
    """One entry for each domain that has a record to prove it."""
    found = {
        option["DomainName"]: {
            "domainName": option["DomainName"],
            "resourceRecordName": option["ResourceRecord"]["Name"],
            "resourceRecordType": option["ResourceRecord"]["Type"],
            "resourceRecordValue": option["ResourceRecord"]["Value"],
        }
        for option in options
        if option.get("ResourceRecord")
    }
    return [found[name] for name in sorted(found)]


class CertificateValidation(Handler):
    """Nothing in the cloud: it is there as soon as the certificate is issued.

    The official provider's id is the time of issue as it was read before waiting, which is Go's zero time for
    a certificate that is not issued yet.
    """

    token = "aws:acm/certificateValidation:CertificateValidation"

    _ID = "0001-01-01 00:00:00 +0000 UTC"

    def create(self, at: At, inputs: State) -> str:
        certificate = described(at, inputs["certificateArn"])
        if certificate is None:
            raise RuntimeError(f"there is no certificate {inputs['certificateArn']}")
        if certificate["Type"] != "AMAZON_ISSUED":
            raise RuntimeError(
                f"certificate {inputs['certificateArn']} is not issued by Amazon: nothing to await"
            )
        self._check_records(certificate, inputs.get("validationRecordFqdns"))
        return self._ID

    def _check_records(self, certificate: Mapping[str, Any], listed: list[str] | None) -> None:
        if listed is None:
            return
        there = {name.rstrip(".") for name in listed}
        options = certificate.get("DomainValidationOptions") or []
        names = {str(o["ResourceRecord"]["Name"]).rstrip(".") for o in options if o.get("ResourceRecord")}
        if names - there:
            raise RuntimeError(f"validationRecordFqdns lacks {', '.join(sorted(names - there))}")

    def complete(self, at: At, id: str, inputs: State) -> None:
        arn = inputs["certificateArn"]

        def issued() -> bool | None:
            status = (described(at, arn) or {}).get("Status", "gone")
            if status in (*_FAILED, "gone"):
                raise RuntimeError(f"certificate {arn} will not be issued: it is {status}")
            return True if status == "ISSUED" else None

        at.cloud.await_(f"certificate {arn} to be issued", issued, seconds=_ISSUED_WITHIN)

    def read(self, at: At, id: str, known: State) -> Values | None:
        certificate = described(at, known["certificateArn"]) if known.get("certificateArn") else None
        if certificate is None or certificate["Status"] != "ISSUED":
            return None
        return {"certificateArn": certificate["CertificateArn"]}

    def delete(self, at: At, id: str, known: State) -> None:
        """There is nothing to delete."""

    def find(self, at: At, inputs: State) -> list[str]:
        return [self._ID]

    def owned(self, at: At, id: str, inputs: State) -> bool:
        return self.read(at, id, inputs) is not None
