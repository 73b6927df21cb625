from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

Aws = Callable[..., Any]


def code(caught: pytest.ExceptionInfo[ClientError]) -> str:
    return str(caught.value.response["Error"]["Code"])


def config(reference: str, **more: Any) -> dict[str, Any]:
    origin = {
        "Id": "one",
        "DomainName": "files.s3.us-east-1.amazonaws.com",
        "OriginAccessControlId": more.pop("control", ""),
        "S3OriginConfig": {"OriginAccessIdentity": ""},
    }
    behavior = {
        "TargetOriginId": "one",
        "ViewerProtocolPolicy": "https-only",
        "CachePolicyId": "4135ea2d-6df8-44a3-9df3-4b5a84be39ad",
    }
    return {
        "CallerReference": reference,
        "Comment": "",
        "Enabled": True,
        "Origins": {"Quantity": 1, "Items": [origin]},
        "DefaultCacheBehavior": behavior,
        **more,
    }


@pytest.fixture
def cdn(aws: Aws) -> Iterator[Any]:
    """A client; what a test made with it is taken away."""
    client = aws("cloudfront")
    yield client
    for found in client.list_distributions()["DistributionList"].get("Items", []):
        answer = client.get_distribution_config(Id=found["Id"])
        off = {**answer["DistributionConfig"], "Enabled": False}
        etag = client.update_distribution(Id=found["Id"], IfMatch=answer["ETag"], DistributionConfig=off)[
            "ETag"
        ]
        client.delete_distribution(Id=found["Id"], IfMatch=etag)


class TestCloudFront:
    def test_keeps_the_whole_configuration(self, cdn: Any) -> None:
        control = cdn.create_origin_access_control(
            OriginAccessControlConfig={
                "Name": "kept",
                "SigningProtocol": "sigv4",
                "SigningBehavior": "always",
                "OriginAccessControlOriginType": "s3",
            }
        )["OriginAccessControl"]["Id"]
        given = config("kept", control=control)
        made = cdn.create_distribution(DistributionConfig=given)["Distribution"]
        found = cdn.get_distribution(Id=made["Id"])["Distribution"]["DistributionConfig"]
        assert found["Origins"]["Items"][0]["OriginAccessControlId"] == control
        assert found["DefaultCacheBehavior"]["CachePolicyId"] == "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
        assert "ForwardedValues" not in found["DefaultCacheBehavior"]
        with pytest.raises(ClientError) as caught:
            cdn.delete_origin_access_control(Id=control, IfMatch="any")
        assert code(caught) == "OriginAccessControlInUse"

    def test_refuses_names_without_an_issued_certificate(self, cdn: Any, aws: Aws) -> None:
        names = {"Quantity": 1, "Items": ["cdn.test"]}
        arn = aws("acm").request_certificate(DomainName="cdn.test", ValidationMethod="DNS")["CertificateArn"]
        for certificate in ({}, {"ACMCertificateArn": arn, "SSLSupportMethod": "sni-only"}):
            with pytest.raises(ClientError) as caught:
                cdn.create_distribution(
                    DistributionConfig=config("names", Aliases=names, ViewerCertificate=certificate)
                )
            assert code(caught) == "InvalidViewerCertificate"

    def test_changes_only_what_nobody_else_has_changed(self, cdn: Any) -> None:
        answer = cdn.create_distribution(DistributionConfig=config("twice"))
        made, etag = answer["Distribution"]["Id"], answer["ETag"]
        newer = cdn.update_distribution(
            Id=made, IfMatch=etag, DistributionConfig=config("twice", Comment="new")
        )["ETag"]
        assert newer != etag
        with pytest.raises(ClientError) as caught:
            cdn.update_distribution(Id=made, IfMatch=etag, DistributionConfig=config("twice", Comment="late"))
        assert code(caught) == "PreconditionFailed"

    def test_deletes_only_what_is_disabled(self, cdn: Any) -> None:
        answer = cdn.create_distribution(DistributionConfig=config("enabled"))
        with pytest.raises(ClientError) as caught:
            cdn.delete_distribution(Id=answer["Distribution"]["Id"], IfMatch=answer["ETag"])
        assert code(caught) == "DistributionNotDisabled"


METRICS = {"SampledRequestsEnabled": True, "CloudWatchMetricsEnabled": True, "MetricName": "m"}


def acl(waf: Any, name: str) -> dict[str, Any]:
    given = {"Scope": "REGIONAL", "DefaultAction": {"Allow": {}}, "VisibilityConfig": METRICS}
    return dict(waf.create_web_acl(Name=name, **given)["Summary"])


class TestWaf:
    def test_has_one_acl_before_a_resource_and_keeps_it_while_it_is_there(self, aws: Aws) -> None:
        waf, elb, ec2 = aws("wafv2"), aws("elbv2"), aws("ec2")
        subnets = [subnet["SubnetId"] for subnet in ec2.describe_subnets()["Subnets"][:2]]
        balancer = elb.create_load_balancer(Name="guarded", Subnets=subnets)["LoadBalancers"][0][
            "LoadBalancerArn"
        ]
        first, second = acl(waf, "first"), acl(waf, "second")
        for one in (first, second):
            waf.associate_web_acl(WebACLArn=one["ARN"], ResourceArn=balancer)
        assert waf.get_web_acl_for_resource(ResourceArn=balancer)["WebACL"]["Name"] == "second"
        identity = {"Name": "second", "Id": second["Id"], "Scope": "REGIONAL"}
        with pytest.raises(ClientError) as caught:
            waf.delete_web_acl(**identity, LockToken=second["LockToken"])
        assert code(caught) == "WAFAssociatedItemException"
        waf.disassociate_web_acl(ResourceArn=balancer)
        for one in (first, second):
            waf.delete_web_acl(Name=one["Name"], Id=one["Id"], Scope="REGIONAL", LockToken=one["LockToken"])
        elb.delete_load_balancer(LoadBalancerArn=balancer)

    def test_names_the_refusal_of_a_taken_name_as_aws_does(self, aws: Aws) -> None:
        waf = aws("wafv2")
        made = acl(waf, "taken")
        with pytest.raises(ClientError) as caught:
            acl(waf, "taken")
        assert code(caught) == "WAFDuplicateItemException"
        waf.delete_web_acl(Name="taken", Id=made["Id"], Scope="REGIONAL", LockToken=made["LockToken"])

    def test_takes_all_rules_away(self, aws: Aws) -> None:
        waf = aws("wafv2")
        made = acl(waf, "emptied")
        identity = {"Name": "emptied", "Id": made["Id"], "Scope": "REGIONAL"}
        rule = {
            "Name": "rate",
            "Priority": 0,
            "Action": {"Block": {}},
            "Statement": {"RateBasedStatement": {"Limit": 100, "AggregateKeyType": "IP"}},
            "VisibilityConfig": METRICS,
        }
        token = made["LockToken"]
        for rules in ([rule], []):
            token = waf.update_web_acl(
                **identity,
                Rules=rules,
                DefaultAction={"Allow": {}},
                VisibilityConfig=METRICS,
                LockToken=token,
            )["NextLockToken"]
            assert len(waf.get_web_acl(**identity)["WebACL"]["Rules"]) == len(rules)
        waf.delete_web_acl(**identity, LockToken=token)
