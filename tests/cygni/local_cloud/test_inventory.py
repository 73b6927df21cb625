from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from cygni.local_cloud import process
from cygni.local_cloud.process import LocalCloud
from cygni.settings import Settings
from tests.conftest import aws_clients

TRUST = json.dumps({"Version": "2012-10-17", "Statement": []})
TAGS = [{"Key": "cygni:project", "Value": "hello"}]


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    folder = tmp_path_factory.mktemp("inventory")
    settings = Settings(data_dir=folder, cache_dir=folder)
    process.start(settings)
    yield settings
    process.stop(settings)


@pytest.fixture
def cloud(settings: Settings) -> LocalCloud:
    """An empty local cloud, of this module alone."""
    return process.reset(settings)


@pytest.fixture
def client(cloud: LocalCloud) -> Callable[..., Any]:
    return aws_clients(cloud.endpoint)


def kinds(settings: Settings) -> Counter[str]:
    return Counter(f"{item['service']} {item['kind']}" for item in process.inventory(settings))


def network(client: Callable[..., Any]) -> dict[str, str]:
    """A VPC with two subnets, a way out, a NAT gateway, an endpoint and a security group."""
    ec2 = client("ec2")
    tags = [{"ResourceType": "vpc", "Tags": TAGS}]
    made = {"vpc": ec2.create_vpc(CidrBlock="10.0.0.0/16", TagSpecifications=tags)["Vpc"]["VpcId"]}
    for number, zone in enumerate(("us-east-1a", "us-east-1b")):
        subnet = ec2.create_subnet(VpcId=made["vpc"], CidrBlock=f"10.0.{number}.0/24", AvailabilityZone=zone)
        made[f"subnet{number}"] = subnet["Subnet"]["SubnetId"]
    made["gateway"] = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=made["gateway"], VpcId=made["vpc"])
    made["address"] = ec2.allocate_address(Domain="vpc")["AllocationId"]
    nat = ec2.create_nat_gateway(SubnetId=made["subnet0"], AllocationId=made["address"])
    made["nat"] = nat["NatGateway"]["NatGatewayId"]
    made["routes"] = ec2.create_route_table(VpcId=made["vpc"])["RouteTable"]["RouteTableId"]
    made["group"] = ec2.create_security_group(GroupName="web", Description="web", VpcId=made["vpc"])[
        "GroupId"
    ]
    endpoint = ec2.create_vpc_endpoint(
        VpcId=made["vpc"], ServiceName="com.amazonaws.us-east-1.s3", RouteTableIds=[made["routes"]]
    )
    made["endpoint"] = endpoint["VpcEndpoint"]["VpcEndpointId"]
    return made


def remove_network(client: Callable[..., Any], made: dict[str, str]) -> None:
    ec2 = client("ec2")
    ec2.delete_vpc_endpoints(VpcEndpointIds=[made["endpoint"]])
    ec2.delete_security_group(GroupId=made["group"])
    ec2.delete_route_table(RouteTableId=made["routes"])
    ec2.delete_nat_gateway(NatGatewayId=made["nat"])
    ec2.release_address(AllocationId=made["address"])
    ec2.detach_internet_gateway(InternetGatewayId=made["gateway"], VpcId=made["vpc"])
    ec2.delete_internet_gateway(InternetGatewayId=made["gateway"])
    for subnet in ("subnet0", "subnet1"):
        ec2.delete_subnet(SubnetId=made[subnet])
    ec2.delete_vpc(VpcId=made["vpc"])


class TestInventory:
    def test_is_empty_in_a_fresh_cloud_whatever_was_looked_at(
        self, settings: Settings, client: Callable[..., Any]
    ) -> None:
        for service, operation in (
            ("ec2", "describe_vpcs"),
            ("ec2", "describe_security_groups"),
            ("iam", "list_policies"),
            ("iam", "list_roles"),
            ("s3", "list_buckets"),
            ("rds", "describe_db_parameter_groups"),
            ("elasticache", "describe_users"),
            ("events", "list_event_buses"),
            ("scheduler", "list_schedule_groups"),
            ("kms", "list_aliases"),
            ("ecs", "list_clusters"),
            ("logs", "describe_log_groups"),
            ("route53", "list_hosted_zones"),
            ("cloudfront", "list_distributions"),
        ):
            getattr(client(service), operation)()
        client("ec2", "eu-central-1").describe_vpcs()
        client("ssm").get_parameters_by_path(Path="/aws/service/ami-amazon-linux-latest")
        assert process.inventory(settings) == []

    def test_shows_a_network_and_forgets_it_when_it_is_deleted(
        self, settings: Settings, client: Callable[..., Any]
    ) -> None:
        made = network(client)
        assert kinds(settings) == {
            "ec2 vpc": 1,
            "ec2 subnet": 2,
            "ec2 internet-gateway": 1,
            "ec2 elastic-ip": 1,
            "ec2 nat-gateway": 1,
            "ec2 route-table": 1,
            "ec2 security-group": 1,
            "ec2 vpc-endpoint": 1,
            "ec2 network-interface": 1,  # the NAT gateway's
        }
        remove_network(client, made)
        assert process.inventory(settings) == []

    def test_tells_region_id_name_and_tags(self, settings: Settings, client: Callable[..., Any]) -> None:
        client("s3").create_bucket(Bucket="assets")
        client("s3").put_bucket_tagging(Bucket="assets", Tagging={"TagSet": TAGS})
        role = client("iam").create_role(RoleName="web", AssumeRolePolicyDocument=TRUST, Tags=TAGS)["Role"]
        vpc = client("ec2", "eu-central-1").create_vpc(
            CidrBlock="10.0.0.0/16",
            TagSpecifications=[{"ResourceType": "vpc", "Tags": [{"Key": "Name", "Value": "main"}]}],
        )["Vpc"]
        tags = {"cygni:project": "hello"}
        assert process.inventory(settings) == [
            {"service": "ec2", "kind": "vpc", "region": "eu-central-1", "id": vpc["VpcId"], "name": "main", "tags": {"Name": "main"}},
            {"service": "iam", "kind": "role", "region": "", "id": role["Arn"], "name": "web", "tags": tags},
            {"service": "s3", "kind": "bucket", "region": "", "id": "assets", "name": "assets", "tags": tags},
        ]  # fmt: skip

    def test_counts_by_service_for_the_status(self, settings: Settings, client: Callable[..., Any]) -> None:
        for name in ("a", "b"):
            client("sqs").create_queue(QueueName=name)
        client("logs").create_log_group(logGroupName="l")
        status = process.status(settings)
        assert status is not None
        assert status.resources == {"logs": 1, "sqs": 2}

    def test_sees_what_is_kept_inside_of_something_else(
        self, settings: Settings, client: Callable[..., Any]
    ) -> None:
        client("events").put_rule(Name="nightly", ScheduleExpression="rate(1 day)")
        subnets = [subnet["SubnetId"] for subnet in client("ec2").describe_subnets()["Subnets"][:2]]
        role = "arn:aws:iam::123456789012:role/k"
        client("eks").create_cluster(
            name="k",
            roleArn=role,
            resourcesVpcConfig={"subnetIds": subnets},
            accessConfig={"authenticationMode": "API"},
        )
        client("eks").create_nodegroup(clusterName="k", nodegroupName="n", subnets=subnets, nodeRole=role)
        client("eks").create_addon(clusterName="k", addonName="coredns")
        client("eks").create_access_entry(clusterName="k", principalArn=role)
        client("securityhub").enable_security_hub()
        assert kinds(settings) == {
            "events rule": 1,
            "eks access-entry": 1,
            "eks addon": 1,
            "eks cluster": 1,
            "eks node-group": 1,
            "securityhub account": 1,
        }
        client("events").delete_rule(Name="nightly")
        client("eks").delete_nodegroup(clusterName="k", nodegroupName="n")
        client("eks").delete_cluster(name="k")
        client("securityhub").disable_security_hub()
        assert process.inventory(settings) == []

    def test_sees_kinds_that_no_table_names(self, settings: Settings, client: Callable[..., Any]) -> None:
        stream = client("kinesis")
        stream.create_stream(StreamName="s", ShardCount=1)
        assert kinds(settings) == {"kinesis stream": 1}

    def test_leaves_out_what_aws_keeps_for_a_while(
        self, settings: Settings, client: Callable[..., Any]
    ) -> None:
        key = client("kms").create_key()["KeyMetadata"]["KeyId"]
        client("secretsmanager").create_secret(Name="s", SecretString="x")
        ecs = client("ecs")
        ecs.create_cluster(clusterName="c")
        task = ecs.register_task_definition(
            family="f", containerDefinitions=[{"name": "web", "image": "nginx", "memory": 128}]
        )["taskDefinition"]["taskDefinitionArn"]
        ecs.create_service(cluster="c", serviceName="s", taskDefinition=task, desiredCount=0)
        instance = client("ec2").run_instances(
            MinCount=1, MaxCount=1, ImageId="ami-12c6146b", InstanceType="t3.micro"
        )["Instances"][0]["InstanceId"]
        assert sum(kinds(settings).values()) >= 6
        client("kms").schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
        client("secretsmanager").delete_secret(SecretId="s")
        ecs.delete_service(cluster="c", service="s")
        ecs.deregister_task_definition(taskDefinition=task)
        ecs.delete_cluster(cluster="c")
        client("ec2").terminate_instances(InstanceIds=[instance])
        assert process.inventory(settings) == []

    def test_forgets_a_load_balancer_with_its_listeners(
        self, settings: Settings, client: Callable[..., Any]
    ) -> None:
        elbv2 = client("elbv2")
        subnets = [subnet["SubnetId"] for subnet in client("ec2").describe_subnets()["Subnets"]][:2]
        vpc = client("ec2").describe_vpcs()["Vpcs"][0]["VpcId"]
        group = elbv2.create_target_group(Name="blue", Protocol="HTTP", Port=80, VpcId=vpc, TargetType="ip")
        target = group["TargetGroups"][0]["TargetGroupArn"]
        balancer = elbv2.create_load_balancer(Name="lb", Subnets=subnets)["LoadBalancers"][0][
            "LoadBalancerArn"
        ]
        forward = [{"Type": "forward", "TargetGroupArn": target}]
        elbv2.create_listener(LoadBalancerArn=balancer, Protocol="HTTP", Port=80, DefaultActions=forward)
        assert kinds(settings) == {"elbv2 load-balancer": 1, "elbv2 listener": 1, "elbv2 target-group": 1}
        elbv2.delete_load_balancer(LoadBalancerArn=balancer)
        elbv2.delete_target_group(TargetGroupArn=target)
        assert process.inventory(settings) == []
