"""Certificates of AWS Certificate Manager, in the account that the worker's credentials are of."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any, Protocol

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from cygni.errors import CygniError
from platform_api.domains.steps import Certificate, Record

_PATIENCE = Config(connect_timeout=3, read_timeout=10, retries={"total_max_attempts": 2, "mode": "standard"})
_IN_USE, _GONE = "ResourceInUseException", "ResourceNotFoundException"


class Certificates(Protocol):
    """Everything raises CygniError where AWS cannot be asked."""

    def request(self, name: str, domain: uuid.UUID, region: str | None) -> str:
        """The ARN of a certificate for `name`; asked again for the same `domain`, of the same one."""

    def look(self, arn: str) -> Certificate: ...

    def delete(self, arn: str) -> bool:
        """Whether it is gone; False while something serves with it."""


class AcmCertificates:
    """The worker's role needs `acm:RequestCertificate`, `acm:DescribeCertificate`, `acm:AddTagsToCertificate` and
    `acm:DeleteCertificate`."""

    def __init__(self, client: Callable[..., Any] = boto3.client) -> None:
        self._client = client

    def request(self, name: str, domain: uuid.UUID, region: str | None) -> str:
        answer = self._ask(
            region,
            "request_certificate",
            DomainName=name,
            ValidationMethod="DNS",
            IdempotencyToken=domain.hex,
            Tags=[{"Key": "cygni:domain", "Value": str(domain)}],
        )
        return str(answer["CertificateArn"])

    def look(self, arn: str) -> Certificate:
        found = self._ask(arn.split(":")[3], "describe_certificate", CertificateArn=arn)["Certificate"]
        asked = [one.get("ResourceRecord") for one in found.get("DomainValidationOptions", ())]
        records = tuple(
            Record(one["Type"], _plain(one["Name"]), _plain(one["Value"]), "lets ACM issue the certificate")
            for one in asked
            if one
        )
        return Certificate(arn, found["Status"], records, found.get("FailureReason", ""))

    def delete(self, arn: str) -> bool:
        try:
            self._ask(arn.split(":")[3], "delete_certificate", CertificateArn=arn)
        except CygniError as error:
            code = _code(error.__cause__)
            if code not in (_IN_USE, _GONE):
                raise
            return code == _GONE
        return True

    def _ask(self, region: str | None, operation: str, **given: Any) -> Any:
        try:
            return getattr(self._client("acm", region_name=region, config=_PATIENCE), operation)(**given)
        except (BotoCoreError, ClientError) as error:
            raise CygniError(f"AWS Certificate Manager cannot be asked: {error}") from error


def _code(error: BaseException | None) -> str:
    return str(error.response["Error"]["Code"]) if isinstance(error, ClientError) else ""


def _plain(name: str) -> str:
    """Without the dot at its end, which some forms for records do not take."""
    return name.rstrip(".")
