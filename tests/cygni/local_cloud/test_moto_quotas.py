"""What checks of an account ask of AWS: quotas and requests for more, regions, what policies allow."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from cygni.aws_quotas import QUOTAS
from cygni.doctor.sources.use import READINGS
from cygni.service_linked_roles import SERVICE_LINKED_ROLES

Aws = Callable[..., Any]
VPCS = {"ServiceCode": "vpc", "QuotaCode": "L-F678F1CE"}
ROLES = {"ServiceCode": "iam", "QuotaCode": "L-FE177D64"}


def code(caught: pytest.ExceptionInfo[ClientError]) -> str:
    return str(caught.value.response["Error"]["Code"])


class TestServiceQuotas:
    def test_begin_with_what_aws_gives(self, aws: Aws) -> None:
        client = aws("service-quotas", "ca-central-1")
        assert client.get_service_quota(**VPCS)["Quota"]["Value"] == 5
        listed = client.list_service_quotas(ServiceCode="vpc")["Quotas"]
        assert {one["QuotaCode"] for one in listed} == {q.code for q in QUOTAS.values() if q.service == "vpc"}

    def test_are_granted_after_a_request(self, aws: Aws) -> None:
        client = aws("service-quotas", "eu-west-3")
        requested = client.request_service_quota_increase(**VPCS, DesiredValue=9)["RequestedQuota"]
        assert (requested["Status"], requested["DesiredValue"]) == ("PENDING", 9)
        assert client.get_service_quota(**VPCS)["Quota"]["Value"] == 9
        assert client.get_aws_default_service_quota(**VPCS)["Quota"]["Value"] == 5
        [kept] = client.list_requested_service_quota_change_history_by_quota(**VPCS)["RequestedQuotas"]
        assert (kept["Id"], kept["Status"]) == (requested["Id"], "APPROVED")

    def test_refuse_less_and_a_second_request(self, aws: Aws) -> None:
        client = aws("service-quotas", "eu-north-1")
        with pytest.raises(ClientError) as caught:
            client.request_service_quota_increase(**VPCS, DesiredValue=5)
        assert code(caught) == "IllegalArgumentException"
        client.request_service_quota_increase(**VPCS, DesiredValue=7)
        with pytest.raises(ClientError) as caught:
            client.request_service_quota_increase(**VPCS, DesiredValue=8)
        assert code(caught) == "ResourceAlreadyExistsException"

    def test_of_global_services_are_known_in_one_region(self, aws: Aws) -> None:
        assert aws("service-quotas", "us-east-1").get_service_quota(**ROLES)["Quota"]["GlobalQuota"] is True
        with pytest.raises(ClientError) as caught:
            aws("service-quotas", "eu-north-1").get_service_quota(**ROLES)
        assert code(caught) == "NoSuchResourceException"


class TestRegions:
    def test_are_enabled_and_disabled_again(self, aws: Aws) -> None:
        account, ec2 = aws("account", "us-east-1"), aws("ec2", "us-east-1")

        def status() -> tuple[str, bool]:
            names = [one["RegionName"] for one in ec2.describe_regions()["Regions"]]
            told = account.get_region_opt_status(RegionName="me-south-1")["RegionOptStatus"]
            return told, "me-south-1" in names

        assert status() == ("DISABLED", False)
        account.enable_region(RegionName="me-south-1")
        assert status() == ("ENABLED", True)
        account.disable_region(RegionName="me-south-1")
        assert status() == ("DISABLED", False)

    def test_that_every_account_has_cannot_be_changed(self, aws: Aws) -> None:
        with pytest.raises(ClientError) as caught:
            aws("account", "us-east-1").disable_region(RegionName="eu-west-1")
        assert code(caught) == "ValidationException"

    def test_are_told_by_filter_and_with_those_not_enabled(self, aws: Aws) -> None:
        wanted = [{"Name": "region-name", "Values": ["me-central-1", "eu-west-1"]}]
        told = aws("ec2", "us-east-1").describe_regions(AllRegions=True, Filters=wanted)["Regions"]
        assert {one["RegionName"]: one["OptInStatus"] for one in told} == {
            "me-central-1": "not-opted-in",
            "eu-west-1": "opt-in-not-required",
        }


class TestSimulatePrincipalPolicy:
    def test_goes_by_policies_of_user_and_groups_and_by_the_boundary(self, aws: Aws) -> None:
        iam = aws("iam", "us-east-1")
        allow = {
            "Version": "2012-10-17",
            "Statement": [{"Effect": "Allow", "Action": "ec2:*", "Resource": "*"}],
        }
        narrow = {
            "Version": "2012-10-17",
            "Statement": [{"Effect": "Allow", "Action": "ec2:D*", "Resource": "*"}],
        }
        arn = iam.create_user(UserName="judged")["User"]["Arn"]
        iam.create_group(GroupName="judges")
        iam.put_group_policy(GroupName="judges", PolicyName="p", PolicyDocument=json.dumps(allow))

        def decisions() -> list[str]:
            asked = ["ec2:CreateVpc", "ec2:DescribeVpcs", "s3:ListBucket"]
            answer = iam.simulate_principal_policy(PolicySourceArn=arn, ActionNames=asked)
            return [one["EvalDecision"] for one in answer["EvaluationResults"]]

        assert decisions() == ["implicitDeny"] * 3
        iam.add_user_to_group(GroupName="judges", UserName="judged")
        assert decisions() == ["allowed", "allowed", "implicitDeny"]
        fence = iam.create_policy(PolicyName="judged-fence", PolicyDocument=json.dumps(narrow))["Policy"][
            "Arn"
        ]
        iam.put_user_permissions_boundary(UserName="judged", PermissionsBoundary=fence)
        assert decisions() == ["implicitDeny", "allowed", "implicitDeny"]

    def test_knows_no_principal_that_there_is_not(self, aws: Aws) -> None:
        with pytest.raises(ClientError) as caught:
            aws("iam", "us-east-1").simulate_principal_policy(
                PolicySourceArn="arn:aws:iam::123456789012:user/nobody", ActionNames=["ec2:CreateVpc"]
            )
        assert code(caught) == "NoSuchEntity"


class TestServiceLinkedRoles:
    def test_have_the_names_that_aws_gives_them_once(self, aws: Aws) -> None:
        iam = aws("iam", "us-east-1")
        service, role = "guardduty.amazonaws.com", SERVICE_LINKED_ROLES["guardduty.amazonaws.com"].name
        made = iam.create_service_linked_role(AWSServiceName=service)["Role"]
        assert made["RoleName"] == iam.get_role(RoleName=role)["Role"]["RoleName"] == role
        with pytest.raises(ClientError, match="has been taken") as caught:
            iam.create_service_linked_role(AWSServiceName=service)
        assert code(caught) == "InvalidInput"
        iam.delete_service_linked_role(RoleName=role)


class TestReadings:
    @pytest.mark.parametrize("use", list(READINGS))
    def test_read_a_number(self, aws: Aws, use: str) -> None:
        def clients(service: str, region: str | None = None) -> Any:
            return aws(service, region or "ap-south-1")

        assert READINGS[use](clients) >= 0

    def test_count_what_there_is(self, aws: Aws) -> None:
        def clients(service: str, region: str | None = None) -> Any:
            return aws(service, region or "ap-south-1")

        counted = {"vpcs", "elastic_ips", "security_groups", "ecs_clusters", "repositories"}
        before = {use: READINGS[use](clients) for use in counted}
        clients("ec2").create_vpc(CidrBlock="10.0.0.0/16")  # with a security group of its own
        clients("ec2").allocate_address(Domain="vpc")
        clients("ecs").create_cluster(clusterName="counted")
        clients("ecr").create_repository(repositoryName="counted")
        assert {use: READINGS[use](clients) - before[use] for use in counted} == dict.fromkeys(counted, 1)
