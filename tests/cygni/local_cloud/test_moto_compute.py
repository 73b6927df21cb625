from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

Aws = Callable[..., Any]
DIMENSION = "ecs:service:DesiredCount"


def refused(call: Callable[..., Any], **given: Any) -> str:
    with pytest.raises(ClientError) as caught:
        call(**given)
    return str(caught.value.response["Error"]["Code"])


class TestScheduler:
    def test_knows_no_second_group_of_a_name_and_none_that_is_missing(self, aws: Aws) -> None:
        scheduler = aws("scheduler")
        scheduler.create_schedule_group(Name="nightly")
        assert refused(scheduler.create_schedule_group, Name="nightly") == "ConflictException"
        scheduler.delete_schedule_group(Name="nightly")
        assert refused(scheduler.delete_schedule_group, Name="nightly") == "ResourceNotFoundException"
        schedule = {
            "Name": "a",
            "GroupName": "nightly",
            "ScheduleExpression": "rate(1 day)",
            "FlexibleTimeWindow": {"Mode": "OFF"},
            "Target": {
                "Arn": "arn:aws:sqs:us-east-1:123456789012:q",
                "RoleArn": "arn:aws:iam::123456789012:role/r",
            },
        }
        assert refused(scheduler.create_schedule, **schedule) == "ResourceNotFoundException"

    def test_takes_tags_away(self, aws: Aws) -> None:
        scheduler = aws("scheduler")
        group = scheduler.create_schedule_group(Name="tagged", Tags=[{"Key": "a", "Value": "1"}])
        arn = group["ScheduleGroupArn"]
        scheduler.untag_resource(ResourceArn=arn, TagKeys=["a"])
        assert scheduler.list_tags_for_resource(ResourceArn=arn)["Tags"] == []
        scheduler.delete_schedule_group(Name="tagged")


class TestApplicationAutoScaling:
    @pytest.fixture
    def places(self, aws: Aws) -> Iterator[list[dict[str, str]]]:
        """Two services, the name of one beginning as the other's."""
        ecs = aws("ecs")
        ecs.create_cluster(clusterName="scaled")
        containers = [{"name": "app", "image": "a", "memory": 128}]
        ecs.register_task_definition(family="scaled", containerDefinitions=containers)
        names = ("web", "web-b")
        for name in names:
            ecs.create_service(cluster="scaled", serviceName=name, taskDefinition="scaled", desiredCount=0)
        yield [
            {
                "ServiceNamespace": "ecs",
                "ResourceId": f"service/scaled/{name}",
                "ScalableDimension": DIMENSION,
            }
            for name in names
        ]
        for name in names:
            ecs.delete_service(cluster="scaled", service=name, force=True)

    @pytest.fixture
    def scaling(self, aws: Aws, places: list[dict[str, str]]) -> Iterator[Any]:
        client = aws("application-autoscaling")
        for place in places:
            client.register_scalable_target(**place, MinCapacity=1, MaxCapacity=2, Tags={"a": "1"})
        yield client
        for target in client.describe_scalable_targets(ServiceNamespace="ecs")["ScalableTargets"]:
            client.deregister_scalable_target(**{key: target[key] for key in places[0]})

    def put(self, scaling: Any, place: dict[str, str], value: float = 60) -> str:
        metric = {"PredefinedMetricType": "ECSServiceAverageCPUUtilization"}
        configuration = {"TargetValue": value, "PredefinedMetricSpecification": metric}
        answer = scaling.put_scaling_policy(
            **place,
            PolicyName="cpu",
            PolicyType="TargetTrackingScaling",
            TargetTrackingScalingPolicyConfiguration=configuration,
        )
        return str(answer["PolicyARN"])

    def alarms(self, aws: Aws, place: dict[str, str]) -> list[str]:
        """Those of the place: other tests have theirs in the same cloud."""
        found = aws("cloudwatch").describe_alarms()["MetricAlarms"]
        return [one["AlarmName"] for one in found if f"{place['ResourceId']}-" in one["AlarmName"]]

    def test_answers_for_tags_of_targets(self, scaling: Any, places: list[dict[str, str]]) -> None:
        [target] = scaling.describe_scalable_targets(
            ServiceNamespace="ecs", ResourceIds=[places[0]["ResourceId"]]
        )["ScalableTargets"]
        arn = target["ScalableTargetARN"]
        assert scaling.list_tags_for_resource(ResourceARN=arn)["Tags"] == {"a": "1"}
        scaling.tag_resource(ResourceARN=arn, Tags={"b": "2"})
        scaling.untag_resource(ResourceARN=arn, TagKeys=["a"])
        assert scaling.list_tags_for_resource(ResourceARN=arn)["Tags"] == {"b": "2"}
        assert target["RoleARN"].endswith("AWSServiceRoleForApplicationAutoScaling_ECSService")
        assert set(target["SuspendedState"].values()) == {False}

    def test_keeps_the_arn_of_a_policy_and_no_old_alarms(
        self, aws: Aws, scaling: Any, places: list[dict[str, str]]
    ) -> None:
        first = self.put(scaling, places[0], 60)
        alarms = len(self.alarms(aws, places[0]))
        assert alarms > 0
        assert self.put(scaling, places[0], 70) == first
        assert len(self.alarms(aws, places[0])) == alarms

    def test_tells_services_apart_whose_names_begin_alike(
        self, scaling: Any, places: list[dict[str, str]]
    ) -> None:
        self.put(scaling, places[0])
        assert scaling.describe_scaling_policies(**places[1])["ScalingPolicies"] == []

    def test_takes_a_policy_away_with_its_target(
        self, aws: Aws, scaling: Any, places: list[dict[str, str]]
    ) -> None:
        self.put(scaling, places[0])
        scaling.deregister_scalable_target(**places[0])
        assert scaling.describe_scaling_policies(**places[0])["ScalingPolicies"] == []
        assert self.alarms(aws, places[0]) == []

    def test_calls_what_is_missing_missing(self, scaling: Any, places: list[dict[str, str]]) -> None:
        scaling.deregister_scalable_target(**places[0])
        missing = "ObjectNotFoundException"
        assert refused(scaling.deregister_scalable_target, **places[0]) == missing
        assert refused(scaling.delete_scaling_policy, **places[1], PolicyName="cpu") == missing
        assert refused(lambda: self.put(scaling, places[0])) == missing


class TestCloudMap:
    def test_has_a_zone_for_each_namespace_and_not_longer(self, aws: Aws) -> None:
        names, route53, ec2 = aws("servicediscovery"), aws("route53"), aws("ec2")
        vpc = ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
        namespaces = []
        for name in ("a.internal", "b.internal"):
            operation = names.create_private_dns_namespace(Name=name, Vpc=vpc)["OperationId"]
            namespaces.append(names.get_operation(OperationId=operation)["Operation"]["Targets"]["NAMESPACE"])
        twin = refused(names.create_private_dns_namespace, Name="a.internal", Vpc=vpc)
        assert twin == "NamespaceAlreadyExists"
        properties = names.get_namespace(Id=namespaces[0])["Namespace"]["Properties"]
        zone = route53.get_hosted_zone(Id=properties["DnsProperties"]["HostedZoneId"])
        assert zone["HostedZone"]["Name"] == "a.internal."
        assert [one["VPCId"] for one in zone["VPCs"]] == [vpc]
        for namespace in namespaces:
            names.delete_namespace(Id=namespace)
        left = [one["Name"] for one in route53.list_hosted_zones()["HostedZones"]]
        assert not [name for name in left if name.endswith(".internal.")]
        ec2.delete_vpc(VpcId=vpc)

    def test_keeps_what_is_in_use(self, aws: Aws) -> None:
        names, ec2 = aws("servicediscovery"), aws("ec2")
        vpc = ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
        operation = names.create_private_dns_namespace(Name="c.internal", Vpc=vpc)["OperationId"]
        namespace = names.get_operation(OperationId=operation)["Operation"]["Targets"]["NAMESPACE"]
        dns = {"NamespaceId": namespace, "DnsRecords": [{"Type": "A", "TTL": 10}]}
        service = names.create_service(Name="api", DnsConfig=dns)["Service"]["Id"]
        assert refused(names.create_service, Name="api", DnsConfig=dns) == "ServiceAlreadyExists"
        assert refused(names.delete_namespace, Id=namespace) == "ResourceInUse"
        names.register_instance(
            ServiceId=service, InstanceId="i", Attributes={"AWS_INSTANCE_IPV4": "10.9.0.4"}
        )
        assert refused(names.delete_service, Id=service) == "ResourceInUse"
        names.deregister_instance(ServiceId=service, InstanceId="i")
        names.delete_service(Id=service)
        names.delete_namespace(Id=namespace)
        ec2.delete_vpc(VpcId=vpc)
