from __future__ import annotations

import json

import pytest

from components.security_baseline import SecurityBaseline, SecurityBaselineArgs, TrailArgs
from tests.pulumi_mocks import ACCOUNT, Made, run_program

TRAIL = f"arn:aws:cloudtrail:eu-west-1:{ACCOUNT}:trail/shop_staging"


def baseline(*, guardduty: bool = False, security_hub: bool = False, trail: TrailArgs | None = None) -> Made:
    args = SecurityBaselineArgs(ACCOUNT, "eu-west-1", guardduty, security_hub, trail)

    def program() -> None:
        SecurityBaseline("shop", args)

    return run_program(program)


class TestSecurityBaseline:
    def test_switches_on_only_what_is_asked_for(self) -> None:
        assert [one.type for one in baseline().resources if one.custom] == []
        assert [one.type for one in baseline(guardduty=True).resources if one.custom] == [
            "aws:guardduty/detector:Detector"
        ]

    def test_checks_one_standard_and_not_those_of_aws_choice(self) -> None:
        found = baseline(security_hub=True)
        hub = found.only("Account")
        assert hub.inputs["enableDefaultStandards"] is False
        standard = found.only("StandardsSubscription")
        assert standard.inputs["standardsArn"] == (
            "arn:aws:securityhub:eu-west-1::standards/aws-foundational-security-best-practices/v/1.0.0"
        )
        assert hub.urn in standard.depends_on


@pytest.fixture(scope="module")
def found() -> Made:
    return baseline(trail=TrailArgs(name="shop_staging", bucket="shop-trail-1234", retention=90))


class TestTrail:
    def test_covers_all_regions_and_signs_its_files(self, found: Made) -> None:
        trail = found.only("Trail").inputs
        assert (trail["name"], trail["s3BucketName"]) == ("shop_staging", "shop-trail-1234")
        assert (trail["isMultiRegionTrail"], trail["enableLogFileValidation"]) == (True, True)

    def test_waits_until_it_may_write(self, found: Made) -> None:
        assert found.only("BucketPolicy").urn in found.only("Trail").depends_on

    def test_alone_may_write_to_its_bucket(self, found: Made) -> None:
        statements = json.loads(found.only("BucketPolicy").inputs["policy"])["Statement"]
        allowed = [one for one in statements if one["Effect"] == "Allow"]
        assert {one["Action"] for one in allowed} == {"s3:GetBucketAcl", "s3:PutObject"}
        for one in allowed:
            assert one["Principal"] == {"Service": "cloudtrail.amazonaws.com"}
            assert one["Condition"]["StringEquals"]["aws:SourceArn"] == TRAIL
        assert any(one["Effect"] == "Deny" for one in statements)  # plain HTTP, as every bucket

    def test_forgets_what_is_old(self, found: Made) -> None:
        [rule] = found.only("BucketLifecycleConfiguration").inputs["rules"]
        assert rule["expiration"] == {"days": 90}
        assert rule["noncurrentVersionExpiration"] == {"noncurrentDays": 30}

    def test_keeps_versions_as_the_policy_of_production_wants(self, found: Made) -> None:
        versioning = found.only("BucketVersioning").inputs["versioningConfiguration"]
        assert versioning["status"] == "Enabled"

    def test_keeps_its_records_encrypted_and_closed(self, found: Made) -> None:
        [rule] = found.only("BucketServerSideEncryptionConfiguration").inputs["rules"]
        assert rule["applyServerSideEncryptionByDefault"] == {"sseAlgorithm": "AES256"}
        assert found.only("BucketPublicAccessBlock").inputs["restrictPublicBuckets"] is True
