from __future__ import annotations

import json
import time
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

Aws = Callable[..., Any]


def declare_job(ecs: Any, name: str) -> None:
    """A cluster, and a task definition on Fargate, of that name."""
    ecs.create_cluster(clusterName=name)
    ecs.register_task_definition(
        family=name,
        networkMode="awsvpc",
        requiresCompatibilities=["FARGATE"],
        cpu="256",
        memory="512",
        containerDefinitions=[{"name": "job", "image": "busybox"}],
    )


class TestEcs:
    def test_takes_a_service_without_security_groups(self, aws: Aws) -> None:
        ecs = aws("ecs")
        ecs.create_cluster(clusterName="plain")
        task = ecs.register_task_definition(
            family="plain",
            networkMode="awsvpc",
            requiresCompatibilities=["FARGATE"],
            cpu="256",
            memory="512",
            containerDefinitions=[{"name": "web", "image": "nginx"}],
        )["taskDefinition"]["taskDefinitionArn"]
        subnet = aws("ec2").describe_subnets()["Subnets"][0]["SubnetId"]
        network = {"awsvpcConfiguration": {"subnets": [subnet]}}
        service = ecs.create_service(
            cluster="plain",
            serviceName="web",
            taskDefinition=task,
            desiredCount=1,
            launchType="FARGATE",
            networkConfiguration=network,
        )["service"]
        assert service["networkConfiguration"]["awsvpcConfiguration"] == {
            "subnets": [subnet],
            "securityGroups": [],
            "assignPublicIp": "DISABLED",
        }

    def test_removes_the_network_interface_of_a_stopped_task(self, aws: Aws) -> None:
        ecs, ec2 = aws("ecs"), aws("ec2")
        declare_job(ecs, "brief")
        subnet = ec2.describe_subnets()["Subnets"][0]["SubnetId"]
        [task] = ecs.run_task(
            cluster="brief",
            taskDefinition="brief",
            launchType="FARGATE",
            networkConfiguration={"awsvpcConfiguration": {"subnets": [subnet]}},
        )["tasks"]
        details = {one["name"]: one["value"] for one in task["attachments"][0]["details"]}
        assert details["subnetId"] == subnet
        ecs.stop_task(cluster="brief", task=task["taskArn"])
        there = [one["NetworkInterfaceId"] for one in ec2.describe_network_interfaces()["NetworkInterfaces"]]
        assert details["networkInterfaceId"] not in there

    def test_starts_no_task_in_a_security_group_that_is_gone(self, aws: Aws) -> None:
        ecs, ec2 = aws("ecs"), aws("ec2")
        declare_job(ecs, "late")
        subnet = ec2.describe_subnets()["Subnets"][0]
        group = ec2.create_security_group(GroupName="g", Description="g", VpcId=subnet["VpcId"])["GroupId"]
        ec2.delete_security_group(GroupId=group)
        network = {"awsvpcConfiguration": {"subnets": [subnet["SubnetId"]], "securityGroups": [group]}}
        with pytest.raises(ClientError, match=rf"The security group '{group}' does not exist"):
            ecs.run_task(
                cluster="late", taskDefinition="late", launchType="FARGATE", networkConfiguration=network
            )
        with pytest.raises(ClientError, match=r"InvalidGroup\.NotFound"):
            ec2.create_network_interface(SubnetId=subnet["SubnetId"], Groups=[group])
        assert group not in [one["GroupId"] for one in ec2.describe_security_groups()["SecurityGroups"]]


class TestEc2:
    def test_keeps_a_vpc_that_is_not_empty(self, aws: Aws) -> None:
        ec2 = aws("ec2")
        vpc = ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
        gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
        ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
        group = ec2.create_security_group(GroupName="g", Description="g", VpcId=vpc)["GroupId"]
        undoing: list[Callable[[], Any]] = [
            lambda: ec2.detach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc),
            lambda: ec2.delete_security_group(GroupId=group),
        ]
        for undo in undoing:
            with pytest.raises(ClientError, match="has dependencies") as caught:
                ec2.delete_vpc(VpcId=vpc)
            assert caught.value.response["Error"]["Code"] == "DependencyViolation"
            undo()
        ec2.delete_vpc(VpcId=vpc)
        ec2.delete_internet_gateway(InternetGatewayId=gateway)

    @pytest.mark.parametrize("side", ["ingress", "egress"])
    def test_keeps_a_security_group_that_the_rule_of_another_refers_to(self, aws: Aws, side: str) -> None:
        ec2 = aws("ec2")
        vpc = ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
        entrance, service = (
            ec2.create_security_group(GroupName=name, Description=name, VpcId=vpc)["GroupId"]
            for name in ("entrance", "service")
        )
        rule = {
            "IpProtocol": "tcp",
            "FromPort": 80,
            "ToPort": 80,
            "UserIdGroupPairs": [{"GroupId": entrance}],
        }
        for group in (entrance, service):  # its own rule keeps no group
            getattr(ec2, f"authorize_security_group_{side}")(GroupId=group, IpPermissions=[rule])
        with pytest.raises(ClientError, match=f"resource {entrance} has a dependent object") as caught:
            ec2.delete_security_group(GroupId=entrance)
        assert caught.value.response["Error"]["Code"] == "DependencyViolation"
        ec2.delete_security_group(GroupId=service)
        ec2.delete_security_group(GroupId=entrance)
        ec2.delete_vpc(VpcId=vpc)

    def test_deletes_the_default_network_acl_with_its_vpc(self, aws: Aws) -> None:
        ec2 = aws("ec2")
        vpc = ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
        of_vpc = [{"Name": "vpc-id", "Values": [vpc]}]
        assert len(ec2.describe_network_acls(Filters=of_vpc)["NetworkAcls"]) == 1
        ec2.delete_vpc(VpcId=vpc)
        assert ec2.describe_network_acls(Filters=of_vpc)["NetworkAcls"] == []


class TestIam:
    def test_has_the_policies_of_aws(self, aws: Aws) -> None:
        policy = "arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy"
        assert aws("iam").get_policy(PolicyArn=policy)["Policy"]["Arn"] == policy


class TestS3:
    def test_serves_a_bucket_that_refuses_plain_http_but_keeps_other_refusals(self, aws: Aws) -> None:
        s3 = aws("s3")
        bucket = "closed-to-plain-http"
        s3.create_bucket(Bucket=bucket)
        arn = f"arn:aws:s3:::{bucket}"
        plain = {
            "Effect": "Deny",
            "Principal": "*",
            "Action": "s3:*",
            "Resource": [arn, f"{arn}/*"],
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        }
        deleting = {"Effect": "Deny", "Principal": "*", "Action": "s3:DeleteObject", "Resource": f"{arn}/*"}
        try:
            s3.put_bucket_policy(
                Bucket=bucket,
                Policy=json.dumps({"Version": "2012-10-17", "Statement": [plain, deleting]}),
            )
            s3.put_object(Bucket=bucket, Key="a", Body=b"1")
            assert s3.get_object(Bucket=bucket, Key="a")["Body"].read() == b"1"
            with pytest.raises(ClientError, match="403"):
                s3.delete_object(Bucket=bucket, Key="a")
        finally:
            s3.delete_bucket_policy(Bucket=bucket)
            s3.delete_object(Bucket=bucket, Key="a")
            s3.delete_bucket(Bucket=bucket)


class TestSecurityGroupRule:
    @pytest.mark.parametrize("kind", ["group", "prefix list", "range"])
    def test_tells_its_description(self, aws: Aws, kind: str) -> None:
        ec2 = aws("ec2")
        vpc = ec2.create_vpc(CidrBlock="10.0.0.0/24")["Vpc"]["VpcId"]
        group = ec2.create_security_group(GroupName="described", Description="x", VpcId=vpc)["GroupId"]
        prefixes = ec2.create_managed_prefix_list(PrefixListName="p", MaxEntries=1, AddressFamily="IPv4")
        said = {"Description": "From the load balancer"}
        prefix = prefixes["PrefixList"]["PrefixListId"]
        source: dict[str, Any]
        source, again = {
            "group": ({"UserIdGroupPairs": [{"GroupId": group, **said}]}, {"ReferencedGroupId": group}),
            "prefix list": ({"PrefixListIds": [{"PrefixListId": prefix, **said}]}, {"PrefixListId": prefix}),
            "range": ({"IpRanges": [{"CidrIp": "10.0.0.0/8", **said}]}, {"CidrIpv4": "10.0.0.0/8"}),
        }[kind]
        permission = {"IpProtocol": "tcp", "FromPort": 80, "ToPort": 80, **source}
        made = ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[permission])
        ids = [rule["SecurityGroupRuleId"] for rule in made["SecurityGroupRules"]]
        [rule] = ec2.describe_security_group_rules(SecurityGroupRuleIds=ids)["SecurityGroupRules"]
        assert rule["Description"] == "From the load balancer"
        changed = {"IpProtocol": "tcp", "FromPort": 80, "ToPort": 81, "Description": "Other", **again}
        ec2.modify_security_group_rules(
            GroupId=group,
            SecurityGroupRules=[{"SecurityGroupRuleId": ids[0], "SecurityGroupRule": changed}],
        )
        [rule] = ec2.describe_security_group_rules(SecurityGroupRuleIds=ids)["SecurityGroupRules"]
        assert rule["Description"] == "Other"
        ec2.delete_security_group(GroupId=group)
        ec2.delete_vpc(VpcId=vpc)


class TestRds:
    def test_deletes_the_automated_snapshots_of_a_cluster_with_it(self, aws: Aws) -> None:
        rds = aws("rds")
        cluster = {
            "DBClusterIdentifier": "brief",
            "Engine": "aurora-postgresql",
            "MasterUsername": "cygni",
            "MasterUserPassword": "not-a-secret-1",
        }
        for turn in range(2):  # within one minute, by which they are named
            rds.create_db_cluster(**cluster)
            rds.create_db_cluster_snapshot(
                DBClusterIdentifier="brief", DBClusterSnapshotIdentifier=f"kept-{turn}"
            )
            rds.delete_db_cluster(DBClusterIdentifier="brief", SkipFinalSnapshot=True)
        left = rds.describe_db_cluster_snapshots()["DBClusterSnapshots"]
        assert {one["DBClusterSnapshotIdentifier"] for one in left} == {"kept-0", "kept-1"}
        for one in left:
            rds.delete_db_cluster_snapshot(DBClusterSnapshotIdentifier=one["DBClusterSnapshotIdentifier"])


class TestLogs:
    def test_tells_the_events_of_all_streams_in_the_order_of_time(self, aws: Aws) -> None:
        logs, name = aws("logs"), f"/g{uuid.uuid4().hex[:8]}"
        now = int(time.time() * 1000)
        logs.create_log_group(logGroupName=name)
        for stream, moments in (("a", (0, 2)), ("b", (1, 3))):
            logs.create_log_stream(logGroupName=name, logStreamName=stream)
            events = [{"timestamp": now + at, "message": str(at)} for at in moments]
            logs.put_log_events(logGroupName=name, logStreamName=stream, logEvents=events)
        found = logs.filter_log_events(logGroupName=name)["events"]
        assert [one["message"] for one in found] == ["0", "1", "2", "3"]
