from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

Aws = Callable[..., Any]
STANDARD = "arn:aws:securityhub:eu-west-1::standards/aws-foundational-security-best-practices/v/1.0.0"


def code(caught: pytest.ExceptionInfo[ClientError]) -> str:
    return str(caught.value.response["Error"]["Code"])


class TestGuardDuty:
    def test_has_one_detector_in_a_region(self, aws: Aws) -> None:
        here, there = aws("guardduty", "eu-west-1"), aws("guardduty", "eu-west-2")
        detector = here.create_detector(Enable=True)["DetectorId"]
        with pytest.raises(ClientError, match="a detector already exists for the current account") as caught:
            here.create_detector(Enable=True)
        assert code(caught) == "BadRequestException"
        there.delete_detector(DetectorId=there.create_detector(Enable=True)["DetectorId"])
        here.delete_detector(DetectorId=detector)
        with pytest.raises(ClientError) as caught:
            here.delete_detector(DetectorId=detector)
        assert code(caught) == "BadRequestException"

    def test_tags_a_detector(self, aws: Aws) -> None:
        client = aws("guardduty", "eu-west-1")
        detector = client.create_detector(Enable=True, Tags={"a": "1", "b": "2"})["DetectorId"]
        arn = f"arn:aws:guardduty:eu-west-1:123456789012:detector/{detector}"
        client.tag_resource(ResourceArn=arn, Tags={"b": "3", "c": "4"})
        client.untag_resource(ResourceArn=arn, TagKeys=["a"])
        assert client.get_detector(DetectorId=detector)["Tags"] == {"b": "3", "c": "4"}
        client.delete_detector(DetectorId=detector)


class TestSecurityHub:
    def test_is_on_once_and_checks_standards(self, aws: Aws) -> None:
        hub = aws("securityhub", "eu-west-1")
        with pytest.raises(ClientError) as caught:
            hub.get_enabled_standards()
        assert code(caught) == "InvalidAccessException"
        hub.enable_security_hub(EnableDefaultStandards=False)
        with pytest.raises(ClientError, match="already subscribed to Security Hub") as caught:
            hub.enable_security_hub()
        assert code(caught) == "ResourceConflictException"
        hub.update_security_hub_configuration(AutoEnableControls=False)
        assert hub.describe_hub()["AutoEnableControls"] is False
        [made] = hub.batch_enable_standards(StandardsSubscriptionRequests=[{"StandardsArn": STANDARD}])[
            "StandardsSubscriptions"
        ]
        assert made["StandardsStatus"] == "READY"
        assert hub.get_enabled_standards()["StandardsSubscriptions"] == [made]
        hub.batch_disable_standards(StandardsSubscriptionArns=[made["StandardsSubscriptionArn"]])
        assert hub.get_enabled_standards()["StandardsSubscriptions"] == []
        hub.disable_security_hub()


class TestCloudTrail:
    def test_writes_only_where_it_may(self, aws: Aws) -> None:
        trails, s3 = aws("cloudtrail"), aws("s3")
        s3.create_bucket(Bucket="records-of-a-trail")
        with pytest.raises(ClientError) as caught:
            trails.create_trail(Name="written", S3BucketName="records-of-a-trail")
        assert code(caught) == "InsufficientS3BucketPolicyException"
        statement = {
            "Effect": "Allow",
            "Principal": {"Service": "cloudtrail.amazonaws.com"},
            "Action": ["s3:GetBucketAcl", "s3:PutObject"],
            "Resource": "*",
        }
        policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        s3.put_bucket_policy(Bucket="records-of-a-trail", Policy=policy)
        arn = trails.create_trail(Name="written", S3BucketName="records-of-a-trail")["TrailARN"]
        with pytest.raises(ClientError) as caught:
            trails.create_trail(Name="written", S3BucketName="records-of-a-trail")
        assert code(caught) == "TrailAlreadyExistsException"
        for _ in range(2):
            trails.put_insight_selectors(
                TrailName="written", InsightSelectors=[{"InsightType": "ApiCallRateInsight"}]
            )
        assert len(trails.get_insight_selectors(TrailName="written")["InsightSelectors"]) == 1
        trails.delete_trail(Name=arn)
        assert trails.describe_trails()["trailList"] == []
        with pytest.raises(ClientError) as caught:
            trails.delete_trail(Name=arn)
        assert code(caught) == "TrailNotFoundException"
        s3.delete_bucket(Bucket="records-of-a-trail")
