"""Limits as boto3 meets them: what AWS accepts is accepted, what it refuses is refused with its code."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from cygni.local_cloud.documented_limits import RULES, broken_rule

Aws = Callable[..., Any]
TRUST = '{"Version":"2012-10-17","Statement":[]}'
_numbers = itertools.count(1)

OF_THE_ACCOUNT = [{"Name": "default-for-az", "Values": ["true"]}]  # one in each zone


def vpc_group(aws: Aws, name: str, description: str = "d") -> None:
    ec2 = aws("ec2")
    group = ec2.create_security_group(GroupName=name, Description=description)
    ec2.delete_security_group(GroupId=group["GroupId"])


def target_group(aws: Aws, name: str, **more: Any) -> None:
    elbv2 = aws("elbv2")
    vpc = aws("ec2").describe_vpcs()["Vpcs"][0]["VpcId"]
    made = elbv2.create_target_group(Name=name, Protocol="HTTP", Port=80, VpcId=vpc, TargetType="ip", **more)
    elbv2.delete_target_group(TargetGroupArn=made["TargetGroups"][0]["TargetGroupArn"])


def load_balancer(aws: Aws, name: str) -> None:
    elbv2 = aws("elbv2")
    subnets = [
        subnet["SubnetId"] for subnet in aws("ec2").describe_subnets(Filters=OF_THE_ACCOUNT)["Subnets"]
    ][:2]
    made = elbv2.create_load_balancer(Name=name, Subnets=subnets)
    elbv2.delete_load_balancer(LoadBalancerArn=made["LoadBalancers"][0]["LoadBalancerArn"])


def bucket(aws: Aws, name: str) -> None:
    s3 = aws("s3")
    s3.create_bucket(Bucket=name)
    s3.delete_bucket(Bucket=name)


def role(aws: Aws, name: str) -> None:
    iam = aws("iam")
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=TRUST)
    iam.delete_role(RoleName=name)


def log_group(aws: Aws, name: str) -> None:
    logs = aws("logs")
    logs.create_log_group(logGroupName=name)
    logs.delete_log_group(logGroupName=name)


def repository(aws: Aws, name: str) -> None:
    ecr = aws("ecr")
    ecr.create_repository(repositoryName=name)
    ecr.delete_repository(repositoryName=name)


def cluster(aws: Aws, name: str) -> None:
    ecs = aws("ecs")
    ecs.create_cluster(clusterName=name)
    ecs.delete_cluster(cluster=name)


def family(aws: Aws, name: str) -> None:
    aws("ecs").register_task_definition(
        family=name, containerDefinitions=[{"name": "web", "image": "nginx", "memory": 128}]
    )


def queue(aws: Aws, name: str, **attributes: str) -> None:
    sqs = aws("sqs")
    fifo = {"FifoQueue": "true"} if name.endswith(".fifo") else {}
    url = sqs.create_queue(QueueName=name, Attributes={**fifo, **attributes})["QueueUrl"]
    sqs.delete_queue(QueueUrl=url)


def topic(aws: Aws, name: str) -> None:
    sns = aws("sns")
    sns.delete_topic(TopicArn=sns.create_topic(Name=name)["TopicArn"])


def secret(aws: Aws, name: str) -> None:
    manager = aws("secretsmanager")
    manager.create_secret(Name=name, SecretString="x")
    manager.delete_secret(SecretId=name, ForceDeleteWithoutRecovery=True)


def alias(aws: Aws, name: str) -> None:
    kms = aws("kms")
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    kms.create_alias(AliasName=name, TargetKeyId=key)
    kms.delete_alias(AliasName=name)
    kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)


def database(aws: Aws, name: str, password: str = "correct horse") -> None:
    rds = aws("rds")
    rds.create_db_instance(
        DBInstanceIdentifier=name,
        DBInstanceClass="db.t4g.micro",
        Engine="postgres",
        AllocatedStorage=20,
        MasterUsername="root",
        MasterUserPassword=password,
    )
    rds.delete_db_instance(DBInstanceIdentifier=name, SkipFinalSnapshot=True)


def password(aws: Aws, value: str) -> None:
    database(aws, f"db-{next(_numbers)}", value)


def eks_cluster(aws: Aws, name: str) -> None:
    eks = aws("eks")
    subnets = [
        subnet["SubnetId"] for subnet in aws("ec2").describe_subnets(Filters=OF_THE_ACCOUNT)["Subnets"][:2]
    ]
    role = "arn:aws:iam::123456789012:role/eks"
    eks.create_cluster(name=name, roleArn=role, resourcesVpcConfig={"subnetIds": subnets})
    eks.delete_cluster(name=name)


def alarm(aws: Aws, name: str) -> None:
    cloudwatch = aws("cloudwatch")
    cloudwatch.put_metric_alarm(
        AlarmName=name, EvaluationPeriods=1, ComparisonOperator="GreaterThanThreshold", MetricName="m",
        Namespace="N", Period=60, Threshold=1.0, Statistic="Sum",
    )  # fmt: skip
    cloudwatch.delete_alarms(AlarmNames=[name])


def retention(aws: Aws, days: int) -> None:
    logs = aws("logs")
    logs.create_log_group(logGroupName="kept")
    try:
        logs.put_retention_policy(logGroupName="kept", retentionInDays=days)
    finally:
        logs.delete_log_group(logGroupName="kept")


def certificate(aws: Aws, domain: str) -> None:
    acm = aws("acm")
    made = acm.request_certificate(DomainName=domain, ValidationMethod="DNS")
    acm.delete_certificate(CertificateArn=made["CertificateArn"])


def visibility(aws: Aws, seconds: str) -> None:
    queue(aws, f"q-{next(_numbers)}", VisibilityTimeout=seconds)


def description(aws: Aws, text: str) -> None:
    vpc_group(aws, f"group {next(_numbers)}", text)


def health_path(aws: Aws, path: str) -> None:
    target_group(aws, f"tg-{next(_numbers)}", HealthCheckPath=path)


ACCEPTED: list[tuple[Callable[[Aws, Any], None], Any]] = [
    *((load_balancer, name) for name in ("a", "A-1", "a" * 32, "internal1")),
    *((target_group, name) for name in ("a", "blue-1", "a" * 32, "internal-a")),
    *((health_path, path) for path in ("/", "/" + "a" * 1023)),
    *((vpc_group, name) for name in ("web", "a b._-:/()#,@[]+=&;{}!$*", "a" * 255, "ssg-1")),
    *((description, text) for text in ("d", "the web's tier".replace("'", ""), "a" * 255)),
    *((bucket, name) for name in ("abc", "my.bucket-1", "a" * 63, "1.2.3", "xn-a")),
    *((role, name) for name in ("r", "a+=,.@-_1", "a" * 64)),
    *((log_group, name) for name in ("/a/b-c_d.e#1", "a" * 512)),
    *((repository, name) for name in ("ab", "a/b-c_d.e/f", "a__b", "a--b", "a" * 256)),
    *((cluster, name) for name in ("c", "A_b-1", "a" * 255)),
    *((family, name) for name in ("f", "A_b-1", "a" * 255)),
    *((queue, name) for name in ("q", "A_b-1", "a" * 80, "a.fifo")),
    *((visibility, seconds) for seconds in ("0", "43200")),
    *((topic, name) for name in ("t", "A_b-1", "a" * 256)),
    *((secret, name) for name in ("s", "a/b_c+d=e.f@g-h", "a" * 512)),
    *((alias, name) for name in ("alias/a", "alias/a/b_c-d", "alias/awsome")),
    *((database, name) for name in ("d", "my-db-1", "a" * 63)),
    *((password, value) for value in ("8letters", "a'b c!#$%^&*()", "p" * 128)),
    *((eks_cluster, name) for name in ("k", "1A_b-c", "a" * 100)),
    *((alarm, name) for name in ("a", "any thing: größe/1", "a" * 255)),
    *((retention, days) for days in (1, 545, 3653)),
    *((certificate, domain) for domain in ("example.com", "*.example.com", "a" * 52 + ".example.com")),
]  # fmt: skip

REFUSED: list[tuple[Callable[[Aws, Any], None], Any, str]] = [
    *((load_balancer, name, "ValidationError") for name in ("a" * 33, "a_b", "-a", "a-", "internal-a", "ä")),
    *((target_group, name, "ValidationError") for name in ("a" * 33, "a_b", "-a", "a-", "a.b")),
    *((health_path, path, "ValidationError") for path in ("/" + "a" * 1024,)),
    *((vpc_group, name, "InvalidParameterValue") for name in ("a" * 256, "sg-1", "a|b", "größe")),
    *((description, text, "InvalidParameterValue") for text in ("a" * 256, "it's")),
    *(
        (bucket, name, "InvalidBucketName")
        for name in ("ab", "a" * 64, "Abc", "a_b", "-abc", "abc-", "a..b", "1.2.3.4", "xn--abc", "sthree-a", "a-s3alias")
    ),
    *((role, name, "ValidationError") for name in ("a" * 65, "a b", "a/b", "a:b")),
    *((log_group, name, "InvalidParameterException") for name in ("a" * 513, "a b", "a:b")),
    *((repository, name, "InvalidParameterException") for name in ("a" * 257, "Ab", "a//b", "-a", "a b", "a.-b")),
    *((cluster, name, "InvalidParameterException") for name in ("a" * 256, "a b", "a/b", "a.b")),
    *((family, name, "ClientException") for name in ("a" * 256, "a b", "a.b")),
    *((queue, name, "InvalidParameterValue") for name in ("a" * 81, "a b", "a.b")),
    *((visibility, seconds, "InvalidAttributeValue") for seconds in ("-1", "43201")),
    *((topic, name, "InvalidParameter") for name in ("a" * 257, "a b", "a.b")),
    *((secret, name, "ValidationException") for name in ("a" * 513, "a b", "a:b")),
    *((alias, name, "ValidationException") for name in ("a", "alias/aws/s3", "alias/a b", "alias/" + "a" * 251)),
    *((database, name, "InvalidParameterValue") for name in ("a" * 64, "1a", "a--b", "a-", "a_b")),
    *((password, value, "InvalidParameterValue") for value in ("7letter", "with/slash", 'a"b"cdefg', "a@bcdefgh")),
    *((eks_cluster, name, "InvalidParameterException") for name in ("a" * 101, "a b", "-a", "a.b")),
    *((alarm, name, "ValidationError") for name in ("a" * 256,)),
    *((retention, days, "InvalidParameterException") for days in (0, 2, 31, 366)),
    *((certificate, domain, "ValidationException") for domain in ("a" * 53 + ".example.com", "no domain")),
]  # fmt: skip


def shown(value: object) -> str:
    text = str(value)
    return text if len(text) <= 30 else f"{text[:12]}…{len(text)}"


class TestLimits:
    @pytest.mark.parametrize(
        ("make", "value"), ACCEPTED, ids=[f"{make.__name__}-{shown(value)}" for make, value in ACCEPTED]
    )
    def test_let_pass_what_aws_accepts(self, aws: Aws, make: Callable[[Aws, Any], None], value: Any) -> None:
        make(aws, value)

    @pytest.mark.parametrize(
        ("make", "value", "code"),
        REFUSED,
        ids=[f"{make.__name__}-{shown(value)}" for make, value, _ in REFUSED],
    )
    def test_refuse_what_aws_refuses(
        self, aws: Aws, make: Callable[[Aws, Any], None], value: Any, code: str
    ) -> None:
        with pytest.raises(ClientError) as caught:
            make(aws, value)
        assert caught.value.response["Error"]["Code"] == code
        assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400

    def test_name_the_parameter_and_the_limit(self, aws: Aws) -> None:
        with pytest.raises(ClientError, match="Name 'a{33}' must have 1 to 32 characters, and has 33"):
            target_group(aws, "a" * 33)
        with pytest.raises(
            ClientError, match="at 'roleName' failed to satisfy constraint: Member must have length"
        ):
            role(aws, "a" * 65)

    def test_refuse_sizes_that_fargate_does_not_offer(self, aws: Aws) -> None:
        web = [{"name": "web", "image": "nginx"}]
        task = {"family": "f", "requiresCompatibilities": ["FARGATE"], "containerDefinitions": web}
        with pytest.raises(ClientError, match="No Fargate configuration exists") as caught:
            aws("ecs").register_task_definition(**task, cpu="256", memory="4096")
        assert caught.value.response["Error"]["Code"] == "ClientException"
        assert aws("ecs").register_task_definition(**task, cpu="256", memory="512")["taskDefinition"]

    def test_hold_for_weights_too(self, aws: Aws) -> None:
        forward = {"TargetGroups": [{"TargetGroupArn": "arn", "Weight": 1000}]}
        with pytest.raises(ClientError, match="must be from 0 to 999"):
            aws("elbv2").modify_listener(
                ListenerArn="arn", DefaultActions=[{"Type": "forward", "ForwardConfig": forward}]
            )

    def test_hold_for_sqs_over_json_and_s3_over_xml(self, aws: Aws) -> None:
        with pytest.raises(ClientError, match="must be from 60 to 1"):
            aws("sqs").create_queue(QueueName="q", Attributes={"MessageRetentionPeriod": "5"})
        aws("s3").create_bucket(Bucket="tagged")
        tags = [{"Key": f"k{number}", "Value": "v"} for number in range(11)]
        with pytest.raises(ClientError, match="11 tags, more than 10"):
            aws("s3").put_object_tagging(Bucket="tagged", Key="k", Tagging={"TagSet": tags})


class TestTags:
    @pytest.mark.parametrize(
        ("tags", "words"),
        [
            ({"aws:mine": "v"}, "must not begin with 'aws:'"),
            ({"AWS:mine": "v"}, "must not begin with 'aws:'"),
            ({"k" * 129: "v"}, "128"),
            ({"k": "v" * 257}, "256"),
            ({f"k{number}": "v" for number in range(51)}, "50"),
        ],
    )
    def test_are_refused_alike_by_every_service(self, aws: Aws, tags: dict[str, str], words: str) -> None:
        pairs = [{"Key": key, "Value": value} for key, value in tags.items()]
        lower = [{"key": key, "value": value} for key, value in tags.items()]
        calls: list[Callable[[], Any]] = [
            lambda: aws("ec2").create_vpc(
                CidrBlock="10.0.0.0/16", TagSpecifications=[{"ResourceType": "vpc", "Tags": pairs}]
            ),
            lambda: aws("iam").create_role(RoleName="r", AssumeRolePolicyDocument=TRUST, Tags=pairs),
            lambda: aws("ecs").create_cluster(clusterName="c", tags=lower),
            lambda: aws("logs").create_log_group(logGroupName="l", tags=tags),
            lambda: aws("sqs").create_queue(QueueName="q", tags=tags),
        ]
        for call in calls:
            with pytest.raises(ClientError, match=words):
                call()

    def test_of_an_ordinary_kind_are_accepted(self) -> None:
        tags = [{"Key": "cygni:project", "Value": "größe 5 名前"}, {"Key": "k" * 128, "Value": "v" * 256}]
        assert broken_rule("sns", "CreateTopic", {"Name": "t", "Tags": tags}) is None

    def test_are_not_looked_for_where_they_are_only_asked_about(self) -> None:
        assert broken_rule("ssm", "ListTagsForResource", {"Tags": {"aws:x": "y"}}) is None


class TestRules:
    def test_name_parameters_that_exist(self) -> None:
        from moto.core.utils import get_service_model

        for rule in RULES:
            for operation in rule.operations:
                shape = get_service_model(rule.service).operation_model(operation).input_shape
                for part in rule.path.split("."):
                    if shape.type_name == "map":
                        break
                    shape = shape.members[part.removesuffix("[]")]
                    shape = shape.member if part.endswith("[]") else shape

    def test_name_their_source(self) -> None:
        assert all(rule.source.endswith(".html") for rule in RULES)
