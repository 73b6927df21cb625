from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

Aws = Callable[..., Any]


def status(acm: Any, arn: str) -> str:
    return str(acm.describe_certificate(CertificateArn=arn)["Certificate"]["Status"])


class TestAcm:
    def test_issues_a_certificate_when_dns_proves_the_domain(self, aws: Aws) -> None:
        acm, route53 = aws("acm", "eu-west-1"), aws("route53")
        zone = route53.create_hosted_zone(Name="proven.test", CallerReference="proven")["HostedZone"]["Id"]
        arn = acm.request_certificate(
            DomainName="proven.test",
            SubjectAlternativeNames=["www.proven.test"],
            ValidationMethod="DNS",
        )["CertificateArn"]
        options = acm.describe_certificate(CertificateArn=arn)["Certificate"]["DomainValidationOptions"]
        for option in options:
            assert status(acm, arn) == "PENDING_VALIDATION"
            record = option["ResourceRecord"]
            change = {
                "Action": "CREATE",
                "ResourceRecordSet": {
                    "Name": record["Name"],
                    "Type": record["Type"],
                    "TTL": 60,
                    "ResourceRecords": [{"Value": record["Value"]}],
                },
            }
            route53.change_resource_record_sets(HostedZoneId=zone, ChangeBatch={"Changes": [change]})
        assert len(options) == 2
        assert status(acm, arn) == "ISSUED"

    def test_keeps_a_certificate_that_a_listener_uses(self, aws: Aws) -> None:
        acm, elb, ec2 = aws("acm"), aws("elbv2"), aws("ec2")
        arn = acm.request_certificate(DomainName="used.test", ValidationMethod="DNS")["CertificateArn"]
        subnets = [subnet["SubnetId"] for subnet in ec2.describe_subnets()["Subnets"][:2]]
        balancer = elb.create_load_balancer(Name="used", Subnets=subnets)["LoadBalancers"][0]
        action = {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "404"}}
        listener = elb.create_listener(
            LoadBalancerArn=balancer["LoadBalancerArn"],
            Protocol="HTTPS",
            Port=443,
            Certificates=[{"CertificateArn": arn}],
            DefaultActions=[action],
        )["Listeners"][0]["ListenerArn"]
        with pytest.raises(ClientError, match="is in use") as caught:
            acm.delete_certificate(CertificateArn=arn)
        assert caught.value.response["Error"]["Code"] == "ResourceInUseException"
        elb.delete_listener(ListenerArn=listener)
        acm.delete_certificate(CertificateArn=arn)
        elb.delete_load_balancer(LoadBalancerArn=balancer["LoadBalancerArn"])


class TestElbv2:
    def test_keeps_the_further_certificates_of_a_listener(self, aws: Aws) -> None:
        acm, elb, ec2 = aws("acm"), aws("elbv2"), aws("ec2")
        first, second, further = (
            acm.request_certificate(DomainName=f"{name}.test", ValidationMethod="DNS")["CertificateArn"]
            for name in ("first", "second", "further")
        )
        subnets = [subnet["SubnetId"] for subnet in ec2.describe_subnets()["Subnets"][:2]]
        balancer = elb.create_load_balancer(Name="several", Subnets=subnets)["LoadBalancers"][0]
        action = {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "404"}}
        listener = elb.create_listener(
            LoadBalancerArn=balancer["LoadBalancerArn"],
            Protocol="HTTPS",
            Port=443,
            Certificates=[{"CertificateArn": first}],
            DefaultActions=[action],
        )["Listeners"][0]["ListenerArn"]
        elb.add_listener_certificates(ListenerArn=listener, Certificates=[{"CertificateArn": further}])
        elb.modify_listener(
            ListenerArn=listener, Certificates=[{"CertificateArn": second}], DefaultActions=[action]
        )
        found = elb.describe_listener_certificates(ListenerArn=listener)["Certificates"]
        assert {one["CertificateArn"]: one["IsDefault"] for one in found} == {second: True, further: False}

    def test_tells_the_attributes_that_a_load_balancer_begins_with(self, aws: Aws) -> None:
        elb, ec2 = aws("elbv2"), aws("ec2")
        vpc = ec2.create_vpc(CidrBlock="10.77.0.0/16")["Vpc"]["VpcId"]
        subnets = [
            ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.77.{n}.0/24", AvailabilityZone=f"us-east-1{z}")[
                "Subnet"
            ]["SubnetId"]
            for n, z in enumerate("ab")
        ]
        [balancer] = elb.create_load_balancer(Name="attributes", Subnets=subnets)["LoadBalancers"]
        told = elb.describe_load_balancer_attributes(LoadBalancerArn=balancer["LoadBalancerArn"])
        attributes = {one["Key"]: one["Value"] for one in told["Attributes"]}
        assert attributes["idle_timeout.timeout_seconds"] == "60"
        assert attributes["routing.http2.enabled"] == "true"
