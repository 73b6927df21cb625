"""Certificates of ACM, asked of moto."""

from __future__ import annotations

import uuid

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from cygni.errors import CygniError
from platform_api.domains.certificates import AcmCertificates
from tests.platform_api.domains.registry import NAME


class TestAcm:
    def test_is_asked_for_one_certificate_and_its_record(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "x")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "x")
        with mock_aws():
            acm = AcmCertificates()
            domain = uuid.uuid4()
            arn = acm.request(NAME, domain, "eu-central-1")
            assert acm.request(NAME, domain, "eu-central-1") == arn
            assert arn.startswith("arn:aws:acm:eu-central-1:")
            found = acm.look(arn)
            assert (found.arn, found.status) == (arn, "PENDING_VALIDATION")
            [record] = found.records
            assert (record.type, record.name.endswith(NAME), record.value.endswith(".")) == (
                "CNAME",
                True,
                False,
            )
            tags = boto3.client("acm", "eu-central-1").list_tags_for_certificate(CertificateArn=arn)["Tags"]
            assert tags == [{"Key": "cygni:domain", "Value": str(domain)}]
            with pytest.raises(CygniError, match="cannot be asked"):
                acm.look(f"{arn}x")
            assert (acm.delete(arn), acm.delete(arn)) == (True, True)

    @pytest.mark.parametrize(("code", "gone"), [("ResourceInUseException", False), ("AccessDenied", None)])
    def test_keeps_a_certificate_that_is_in_use(self, code: str, gone: bool | None) -> None:
        class Refusing:
            def delete_certificate(self, **given: str) -> None:
                raise ClientError({"Error": {"Code": code, "Message": "no"}}, "DeleteCertificate")

        acm = AcmCertificates(lambda *args, **more: Refusing())
        if gone is None:
            with pytest.raises(CygniError, match="cannot be asked"):
                acm.delete("arn:aws:acm:eu-central-1:1:certificate/1")
        else:
            assert acm.delete("arn:aws:acm:eu-central-1:1:certificate/1") is gone
