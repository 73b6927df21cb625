"""One web service with both colours and one job, in a local cloud, made as the stacks make them."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest

from cygni.naming import Colour
from cygni.targets.fargate.running import Running, running_of

IMAGE = [{"name": "app", "image": "web:1", "essential": True, "portMappings": [{"containerPort": 8080}]}]


def register(aws: Callable[..., Any], family: str) -> str:
    """A new revision of a task definition; its ARN."""
    definition = aws("ecs").register_task_definition(
        family=family,
        requiresCompatibilities=["FARGATE"],
        networkMode="awsvpc",
        cpu="256",
        memory="512",
        containerDefinitions=IMAGE,
    )
    return str(definition["taskDefinition"]["taskDefinitionArn"])


@pytest.fixture
def running(aws: Callable[..., Any]) -> Running:
    return running_of(outputs_of(aws, f"t{uuid.uuid4().hex[:8]}"))


def outputs_of(aws: Callable[..., Any], name: str) -> dict[str, Any]:
    """Makes the resources; what a services stack would tell of them."""
    vpc, subnets = _network(aws)
    balancer = aws("elbv2").create_load_balancer(Name=name, Subnets=subnets)["LoadBalancers"][0]
    groups = {colour: _target_group(aws, f"{name}-{colour}", vpc) for colour in Colour}
    listener = aws("elbv2").create_listener(
        LoadBalancerArn=balancer["LoadBalancerArn"],
        Protocol="HTTP",
        Port=80,
        DefaultActions=[{"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "404"}}],
    )["Listeners"][0]
    weighted = [
        {"TargetGroupArn": arn, "Weight": 100 if colour is Colour.BLUE else 0}
        for colour, arn in groups.items()
    ]
    rule = aws("elbv2").create_rule(
        ListenerArn=listener["ListenerArn"],
        Priority=1,
        Conditions=[{"Field": "path-pattern", "Values": ["/*"]}],
        Actions=[{"Type": "forward", "ForwardConfig": {"TargetGroups": weighted}}],
    )["Rules"][0]
    cluster = aws("ecs").create_cluster(clusterName=name)["cluster"]["clusterArn"]
    definition = register(aws, name)
    for colour in Colour:
        _service(aws, cluster, f"{name}-{colour}", definition, groups[colour], subnets)
        aws("application-autoscaling").register_scalable_target(
            ServiceNamespace="ecs",
            ResourceId=f"service/{name}/{name}-{colour}",
            ScalableDimension="ecs:service:DesiredCount",
            MinCapacity=0,
            MaxCapacity=6,
        )
    return {
        "urls": {"web": f"http://{balancer['DNSName']}/"},
        "running": {
            "web": {
                "count": 2.0,
                "least": 2.0,
                "most": 6.0,
                "cluster": cluster,
                "services": {colour.value: f"{name}-{colour}" for colour in Colour},
                "taskDefinition": definition,
                "logGroup": f"/cygni/{name}",
                "targetGroups": {colour.value: arn for colour, arn in groups.items()},
                "rule": rule["RuleArn"],
                "loadBalancer": balancer["LoadBalancerArn"].partition(":loadbalancer/")[2],
            }
        },
        "jobs": {
            "migrate": {
                "clusterArn": cluster,
                "taskDefinitionArn": definition,
                "subnetIds": subnets,
                "securityGroupIds": [],
                "assignPublicIp": True,
            }
        },
    }


def _network(aws: Callable[..., Any]) -> tuple[str, list[str]]:
    ec2 = aws("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnets = [
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{at}.0/24", AvailabilityZone=f"us-east-1{zone}")
        for at, zone in enumerate("ab")
    ]
    return vpc, [one["Subnet"]["SubnetId"] for one in subnets]


def _target_group(aws: Callable[..., Any], name: str, vpc: str) -> str:
    made = aws("elbv2").create_target_group(Name=name, Protocol="HTTP", Port=8080, VpcId=vpc, TargetType="ip")
    return str(made["TargetGroups"][0]["TargetGroupArn"])


def _service(
    aws: Callable[..., Any], cluster: str, name: str, definition: str, group: str, subnets: list[str]
) -> None:
    aws("ecs").create_service(
        cluster=cluster,
        serviceName=name,
        taskDefinition=definition,
        desiredCount=0,
        launchType="FARGATE",
        loadBalancers=[{"targetGroupArn": group, "containerName": "app", "containerPort": 8080}],
        networkConfiguration={"awsvpcConfiguration": {"subnets": subnets, "securityGroups": []}},
    )
