from __future__ import annotations

import http.client
import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from cygni.local_cloud.process import LocalCloud

Aws = Callable[..., Any]


def ask(cloud: LocalCloud, method: str, path: str, **headers: str) -> tuple[int, Any]:
    connection = http.client.HTTPConnection("127.0.0.1", cloud.port, timeout=60)
    connection.request(method, path, headers=headers)
    response = connection.getresponse()
    content = response.read()
    connection.close()
    assert response.getheader("Access-Control-Allow-Origin") is None
    return response.status, json.loads(content) if content else None


class TestOwnEndpoints:
    def test_tell_who_the_cloud_is(self, local_cloud: LocalCloud) -> None:
        status, told = ask(local_cloud, "GET", "/_cygni/health")
        assert status == 200
        assert (told["instance_id"], told["pid"]) == (local_cloud.instance_id, local_cloud.pid)
        assert told["uptime_seconds"] > 0

    @pytest.mark.parametrize(
        ("method", "path"),
        [
            ("GET", "/_cygni/"),
            ("GET", "/_cygni/reset"),
            ("POST", "/_cygni/health"),
            ("POST", "/moto-api/reset"),
        ],
    )
    def test_are_no_others(self, local_cloud: LocalCloud, method: str, path: str) -> None:
        assert ask(local_cloud, method, path)[0] == 404

    @pytest.mark.parametrize(
        "headers",
        [
            {"Host": "evil.example"},
            {"Host": "localhost.evil.example:80"},
            {"Origin": "https://evil.example"},
            {"Origin": "null"},
            {"Origin": "http://[broken"},
        ],
    )
    def test_are_closed_to_web_pages_from_elsewhere(
        self, local_cloud: LocalCloud, headers: dict[str, str]
    ) -> None:
        assert ask(local_cloud, "POST", "/_cygni/reset", **headers)[0] == 403
        assert ask(local_cloud, "GET", "/", **headers)[0] == 403

    @pytest.mark.parametrize(
        "host", ["127.0.0.1", "localhost", "localhost:80", "bucket.localhost", "[::1]:80"]
    )
    def test_are_open_to_this_machine_by_any_of_its_names(self, local_cloud: LocalCloud, host: str) -> None:
        assert ask(local_cloud, "GET", "/_cygni/health", Host=host)[0] == 200


class TestFailures:
    def test_name_an_operation_that_is_not_there(self, aws: Aws) -> None:
        with pytest.raises(
            ClientError, match="does not implement ec2 DescribeVerifiedAccessInstances"
        ) as caught:
            aws("ec2").describe_verified_access_instances()
        assert caught.value.response["Error"]["Code"] == "NotImplemented"

    @pytest.mark.parametrize(
        ("service", "operation"),
        [
            ("guardduty", "list_coverage"),
            ("route53", "list_cidr_collections"),
            ("ecs", "list_service_deployments"),
        ],
    )
    def test_are_spelled_in_every_protocol(self, aws: Aws, service: str, operation: str) -> None:
        given = {
            "list_coverage": {"DetectorId": "d"},
            "list_service_deployments": {"service": "s"},
        }.get(operation, {})
        with pytest.raises(ClientError, match=f"does not implement {service} ") as caught:
            getattr(aws(service), operation)(**given)
        assert caught.value.response["Error"]["Code"] == "NotImplemented"

    @pytest.mark.parametrize(
        ("service", "operation", "given", "code"),
        [
            ("route53", "get_hosted_zone", {"Id": "Z1"}, "NoSuchHostedZone"),
            ("cloudfront", "get_distribution", {"Id": "X"}, "NoSuchDistribution"),
            ("eks", "describe_cluster", {"name": "x"}, "ResourceNotFoundException"),
            ("iam", "get_role", {"RoleName": "nobody"}, "NoSuchEntity"),
            ("ec2", "describe_vpcs", {"VpcIds": ["vpc-1"]}, "InvalidVpcID.NotFound"),
            ("rds", "describe_db_instances", {"DBInstanceIdentifier": "x"}, "DBInstanceNotFound"),
            ("scheduler", "get_schedule", {"Name": "s"}, "ResourceNotFoundException"),
            ("s3", "get_bucket_policy", {"Bucket": "nowhere"}, "NoSuchBucket"),
            ("cloudwatch", "delete_dashboards", {"DashboardNames": ["x"]}, "ResourceNotFound"),
        ],
    )
    def test_leave_what_is_only_absent_to_aws_own_words(
        self, aws: Aws, service: str, operation: str, given: dict[str, Any], code: str
    ) -> None:
        with pytest.raises(ClientError) as caught:
            getattr(aws(service), operation)(**given)
        assert caught.value.response["Error"]["Code"] == code

    def test_leave_the_bare_answer_to_head_alone(self, aws: Aws) -> None:
        with pytest.raises(ClientError) as caught:
            aws("s3").head_bucket(Bucket="nowhere")
        assert caught.value.response["Error"]["Code"] == "404"

    def test_of_motos_own_are_not_tried_again(
        self, local_cloud: LocalCloud, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        import boto3

        # boto3 as it comes: it tries 500 and 503 five times, with pauses.
        ecs = boto3.client(
            "ecs",
            endpoint_url=local_cloud.endpoint,
            region_name="us-east-1",
            aws_access_key_id="local",
            aws_secret_access_key="local",
        )
        ecs.create_cluster(clusterName="without-instances")
        ecs.register_task_definition(
            family="job", containerDefinitions=[{"name": "job", "image": "busybox", "memory": 128}]
        )
        with pytest.raises(ClientError, match="No instances found in cluster") as caught:
            ecs.run_task(cluster="without-instances", taskDefinition="job", launchType="EC2")
        assert caught.value.response["Error"]["Code"] == "LocalCloudFailure"
        assert caught.value.response["ResponseMetadata"]["RetryAttempts"] == 0


class TestCalls:
    def test_reach_moto_with_their_bodies_whole(self, aws: Aws) -> None:
        s3 = aws("s3")
        s3.create_bucket(Bucket="whole")
        content = bytes(range(256)) * 1000
        s3.put_object(Bucket="whole", Key="a/b c/ü?d", Body=content, Metadata={"my_key": "v"})
        got = s3.get_object(Bucket="whole", Key="a/b c/ü?d")
        assert got["Body"].read() == content
        assert got["Metadata"] == {"my_key": "v"}

    def test_may_be_many_at_once(self, aws: Aws) -> None:
        from concurrent.futures import ThreadPoolExecutor

        ec2 = aws("ec2")
        vpc = ec2.create_vpc(CidrBlock="10.5.0.0/16")["Vpc"]["VpcId"]

        def subnet(number: int) -> str:
            made = ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.5.{number}.0/24")
            return str(made["Subnet"]["SubnetId"])

        with ThreadPoolExecutor(8) as pool:
            made = list(pool.map(subnet, range(40)))
        found = ec2.describe_subnets(Filters=[{"Name": "vpc-id", "Values": [vpc]}])["Subnets"]
        assert {item["SubnetId"] for item in found} == set(made)
        assert len(made) == 40
        for item in made:
            ec2.delete_subnet(SubnetId=item)
        ec2.delete_vpc(VpcId=vpc)

    def test_are_understood_when_presigned(self, aws: Aws) -> None:
        import urllib.request

        s3 = aws("s3")
        s3.create_bucket(Bucket="signed")
        s3.put_object(Bucket="signed", Key="k", Body=b"content")
        url = s3.generate_presigned_url("get_object", Params={"Bucket": "signed", "Key": "k"})
        with urllib.request.urlopen(url) as response:
            assert response.read() == b"content"
