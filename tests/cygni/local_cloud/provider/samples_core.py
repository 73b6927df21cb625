"""Samples of the network, load balancing, containers, IAM, storage and queues."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from tests.cygni.local_cloud.provider.samples import RETAGGED, Make, Sample, tags

TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Action": "sts:AssumeRole",
                "Principal": {"Service": "ecs-tasks.amazonaws.com"},
            }
        ],
    }
)


def allow(*actions: str, **more: Any) -> str:
    statement = {"Effect": "Allow", "Action": list(actions), "Resource": "*", **more}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


CONTAINERS = json.dumps(
    [
        {
            "name": "app",
            "image": "app:1",
            "portMappings": [{"containerPort": 8080}],
            "environment": [{"name": "B", "value": "2"}, {"name": "A", "value": "1"}],
        }
    ]
)
LIFECYCLE = json.dumps(
    {
        "rules": [
            {
                "rulePriority": 1,
                "selection": {"tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": 10},
                "action": {"type": "expire"},
            }
        ]
    }
)


def subnet(number: int) -> Sample:
    return Sample(
        "aws:ec2/subnet:Subnet",
        lambda make: {
            "vpcId": make("vpc").id,
            "cidrBlock": f"10.0.{number}.0/24",
            "availabilityZone": f"us-east-1{'abc'[number]}",
            **tags(),
        },
        lambda make: {"mapPublicIpOnLaunch": True, **RETAGGED},
    )


def group(name: str) -> Sample:
    return Sample(
        "aws:ec2/securityGroup:SecurityGroup",
        lambda make: {
            "name": name,
            "vpcId": make("vpc").id,
            "ingress": [
                {"protocol": "tcp", "fromPort": 80, "toPort": 80, "cidrBlocks": ["0.0.0.0/0", "10.0.0.0/8"]},
                {"protocol": "tcp", "fromPort": 9, "toPort": 10, "self": True, "description": "peers"},
            ],
            "egress": [{"protocol": "-1", "fromPort": 0, "toPort": 0, "cidrBlocks": ["0.0.0.0/0"]}],
            **tags(),
        },
        lambda make: {
            "ingress": [{"protocol": "tcp", "fromPort": 443, "toPort": 443, "cidrBlocks": ["10.0.0.0/8"]}],
            **RETAGGED,
        },
    )


def target_group(name: str) -> Sample:
    return Sample(
        "aws:lb/targetGroup:TargetGroup",
        lambda make: {
            "name": name,
            "port": 8080,
            "protocol": "HTTP",
            "targetType": "ip",
            "vpcId": make("vpc").id,
            "deregistrationDelay": 5,
            "healthCheck": {"path": "/health", "interval": 10, "timeout": 5, "matcher": "200-299"},
            **tags(),
        },
        lambda make: {
            "deregistrationDelay": 20,
            "healthCheck": {"path": "/ready", "interval": 15, "timeout": 5, "matcher": "200"},
            "stickiness": {"type": "lb_cookie", "cookieDuration": 60},
            **RETAGGED,
        },
    )


def weighted(make: Make, blue: int, green: int) -> list[dict[str, Any]]:
    groups = [
        {"arn": make("blue").outputs["arn"], "weight": blue},
        {"arn": make("green").outputs["arn"], "weight": green},
    ]
    return [{"type": "forward", "forward": {"targetGroups": groups}}]


def bucket_setting(kind: str, before: Mapping[str, Any], after: Mapping[str, Any] | None) -> Sample:
    return Sample(
        f"aws:s3/{kind[0].lower()}{kind[1:]}:{kind}",
        lambda make: {"bucket": make("bucket").id, **before},
        (lambda make: dict(after)) if after else None,
    )


CORE: dict[str, Sample] = {
    "vpc": Sample(
        "aws:ec2/vpc:Vpc",
        lambda make: {"cidrBlock": "10.0.0.0/16", "enableDnsHostnames": True, **tags()},
        lambda make: {"enableDnsHostnames": False, **RETAGGED},
    ),
    "subnet": subnet(0),
    "subnet b": subnet(1),
    "internet gateway": Sample(
        "aws:ec2/internetGateway:InternetGateway",
        lambda make: {"vpcId": make("vpc").id, **tags()},
        lambda make: RETAGGED,
    ),
    "address": Sample(
        "aws:ec2/eip:Eip", lambda make: {"domain": "vpc", **tags()}, lambda make: RETAGGED
    ),
    "nat": Sample(
        "aws:ec2/natGateway:NatGateway",
        lambda make: {"allocationId": make("address").id, "subnetId": make("subnet").id, **tags()},
        lambda make: RETAGGED,
    ),
    "route table": Sample(
        "aws:ec2/routeTable:RouteTable",
        lambda make: {
            "vpcId": make("vpc").id,
            "routes": [{"cidrBlock": "0.0.0.0/0", "gatewayId": make("internet gateway").id}],
            **tags(),
        },
        lambda make: {
            "routes": [{"cidrBlock": "0.0.0.0/0", "natGatewayId": make("nat").id}],
            **RETAGGED,
        },
    ),
    "bare route table": Sample(
        "aws:ec2/routeTable:RouteTable", lambda make: {"vpcId": make("vpc").id, **tags()}
    ),
    "route": Sample(
        "aws:ec2/route:Route",
        lambda make: {
            "routeTableId": make("bare route table").id,
            "destinationCidrBlock": "0.0.0.0/0",
            "gatewayId": make("internet gateway").id,
        },
        lambda make: {"gatewayId": None, "natGatewayId": make("nat").id},
        lambda kept: f"{kept.outputs['routeTableId']}_0.0.0.0/0",
    ),
    "association": Sample(
        "aws:ec2/routeTableAssociation:RouteTableAssociation",
        lambda make: {"routeTableId": make("bare route table").id, "subnetId": make("subnet").id},
        lambda make: {"routeTableId": make("route table").id},
        lambda kept: f"{kept.outputs['subnetId']}/{kept.outputs['routeTableId']}",
    ),
    "gateway endpoint": Sample(
        "aws:ec2/vpcEndpoint:VpcEndpoint",
        lambda make: {
            "vpcId": make("vpc").id,
            "serviceName": "com.amazonaws.us-east-1.s3",
            "routeTableIds": [make("bare route table").id],
            **tags(),
        },
        lambda make: {"routeTableIds": [make("route table").id], **RETAGGED},
    ),
    "interface endpoint": Sample(
        "aws:ec2/vpcEndpoint:VpcEndpoint",
        lambda make: {
            "vpcId": make("vpc").id,
            "serviceName": "com.amazonaws.us-east-1.ecr.api",
            "vpcEndpointType": "Interface",
            "subnetIds": [make("subnet").id],
            "securityGroupIds": [make("group").id],
            "privateDnsEnabled": True,
            **tags(),
        },
        lambda make: {"subnetIds": [make("subnet").id, make("subnet b").id], **RETAGGED},
        unreadable=("securityGroupIds",),  # moto does not list them
    ),
    "group": group("sample-a"),
    "group b": group("sample-b"),
    "ingress rule": Sample(
        "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
        lambda make: {
            "securityGroupId": make("group").id,
            "cidrIpv4": "192.168.0.0/16",
            "ipProtocol": "tcp",
            "fromPort": 81,
            "toPort": 82,
            **tags(),
        },
        lambda make: {"toPort": 83, "description": "more", **RETAGGED},
    ),
    "egress rule": Sample(
        "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule",
        lambda make: {
            "securityGroupId": make("group").id,
            "referencedSecurityGroupId": make("group b").id,
            "ipProtocol": "-1",
            **tags(),
        },
        lambda make: RETAGGED,
    ),
    "group rule": Sample(
        "aws:ec2/securityGroupRule:SecurityGroupRule",
        lambda make: {
            "securityGroupId": make("group").id,
            "type": "ingress",
            "protocol": "tcp",
            "fromPort": 5432,
            "toPort": 5432,
            "cidrBlocks": ["10.1.0.0/16", "10.2.0.0/16"],
            "description": "database",
        },
        lambda make: {"description": "databases"},
        lambda kept: f"{kept.outputs['securityGroupId']}_ingress_tcp_5432_5432_10.1.0.0/16_10.2.0.0/16",
    ),
    "load balancer": Sample(
        "aws:lb/loadBalancer:LoadBalancer",
        lambda make: {
            "name": "sample",
            "subnets": [make("subnet").id, make("subnet b").id],
            "securityGroups": [make("group").id],
            "idleTimeout": 120,
            **tags(),
        },
        lambda make: {"idleTimeout": 90, "dropInvalidHeaderFields": True, "securityGroups": [make("group b").id], **RETAGGED},
    ),
    "blue": target_group("blue"),
    "green": target_group("green"),
    "listener": Sample(
        "aws:lb/listener:Listener",
        lambda make: {
            "loadBalancerArn": make("load balancer").outputs["arn"],
            "port": 80,
            "protocol": "HTTP",
            "defaultActions": weighted(make, 100, 0),
            **tags(),
        },
        lambda make: {"defaultActions": weighted(make, 50, 50), **RETAGGED},
    ),
    "listener rule": Sample(
        "aws:lb/listenerRule:ListenerRule",
        lambda make: {
            "listenerArn": make("listener").outputs["arn"],
            "priority": 10,
            "actions": [{"type": "forward", "targetGroupArn": make("blue").outputs["arn"]}],
            "conditions": [
                {"pathPattern": {"values": ["/b", "/a/*"]}},
                {"httpHeader": {"httpHeaderName": "x-canary", "values": ["1"]}},
                {"queryStrings": [{"key": "v", "value": "2"}]},
            ],
            **tags(),
        },
        lambda make: {
            "priority": 20,
            "actions": [{"type": "forward", "targetGroupArn": make("green").outputs["arn"]}],
            **RETAGGED,
        },
    ),
    "cluster": Sample(
        "aws:ecs/cluster:Cluster",
        lambda make: {
            "name": "sample",
            "settings": [{"name": "containerInsights", "value": "enabled"}],
            **tags(),
        },
        lambda make: {"settings": [{"name": "containerInsights", "value": "disabled"}], **RETAGGED},
        lambda kept: "sample",
    ),
    "capacity": Sample(
        "aws:ecs/clusterCapacityProviders:ClusterCapacityProviders",
        lambda make: {
            "clusterName": make("cluster").outputs["name"],
            "capacityProviders": ["FARGATE", "FARGATE_SPOT"],
            "defaultCapacityProviderStrategies": [{"capacityProvider": "FARGATE", "weight": 1, "base": 1}],
        },
        lambda make: {
            "capacityProviders": ["FARGATE"],
            "defaultCapacityProviderStrategies": [{"capacityProvider": "FARGATE", "weight": 2}],
        },
    ),
    "task definition": Sample(
        "aws:ecs/taskDefinition:TaskDefinition",
        lambda make: {
            "family": "sample",
            "cpu": "256",
            "memory": "512",
            "networkMode": "awsvpc",
            "requiresCompatibilities": ["FARGATE"],
            "executionRoleArn": make("role").outputs["arn"],
            "containerDefinitions": CONTAINERS,
            "volumes": [{"name": "scratch"}],
            **tags(),
        },
        lambda make: RETAGGED,
        lambda kept: str(kept.outputs["arn"]),
    ),
    "service": Sample(
        "aws:ecs/service:Service",
        lambda make: {
            "name": "sample",
            "cluster": make("cluster").outputs["arn"],
            "taskDefinition": make("task definition").outputs["arn"],
            "desiredCount": 1,
            "launchType": "FARGATE",
            "networkConfiguration": {"subnets": [make("subnet").id], "securityGroups": [make("group").id]},
            "deploymentCircuitBreaker": {"enable": True, "rollback": True},
            **tags(),
        },
        lambda make: {"desiredCount": 3, **RETAGGED},
        lambda kept: "sample/sample",
        unreadable=("deploymentCircuitBreaker",),  # read only where the program set it
    ),
    "role": Sample(
        "aws:iam/role:Role",
        lambda make: {"name": "sample", "assumeRolePolicy": TRUST, "description": "one", **tags()},
        lambda make: {"description": "two", "maxSessionDuration": 7200, **RETAGGED},
    ),
    "role policy": Sample(
        "aws:iam/rolePolicy:RolePolicy",
        lambda make: {"name": "inline", "role": make("role").id, "policy": allow("s3:GetObject")},
        lambda make: {"policy": allow("s3:PutObject")},
    ),
    "attachment": Sample(
        "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
        lambda make: {"role": make("role").id, "policyArn": make("policy").outputs["arn"]},
    ),
    "policy": Sample(
        "aws:iam/policy:Policy",
        lambda make: {"name": "sample", "policy": allow("s3:GetObject", "s3:ListBucket"), **tags()},
        lambda make: {"policy": allow("s3:PutObject"), **RETAGGED},
    ),
    "log group": Sample(
        "aws:cloudwatch/logGroup:LogGroup",
        lambda make: {"name": "/sample", "retentionInDays": 14, **tags()},
        lambda make: {"retentionInDays": 0, **RETAGGED},
    ),
    "repository": Sample(
        "aws:ecr/repository:Repository",
        lambda make: {
            "name": "sample",
            "imageScanningConfiguration": {"scanOnPush": True},
            "encryptionConfigurations": [{"encryptionType": "AES256"}],
            **tags(),
        },
        lambda make: {"imageTagMutability": "IMMUTABLE", "imageScanningConfiguration": {"scanOnPush": False}, **RETAGGED},
    ),
    "repository lifecycle": Sample(
        "aws:ecr/lifecyclePolicy:LifecyclePolicy",
        lambda make: {"repository": make("repository").id, "policy": LIFECYCLE},
    ),
    "repository policy": Sample(
        "aws:ecr/repositoryPolicy:RepositoryPolicy",
        lambda make: {
            "repository": make("repository").id,
            "policy": {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "ecr:*"}]},
        },
        lambda make: {
            "policy": {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Principal": "*", "Action": "ecr:*"}]}
        },
    ),
    "bucket": Sample(
        "aws:s3/bucket:Bucket",
        lambda make: {"bucket": "sample-bucket", "forceDestroy": True, **tags()},
        lambda make: RETAGGED,
        unreadable=("forceDestroy",),
    ),
    "versioning": bucket_setting(
        "BucketVersioning",
        {"versioningConfiguration": {"status": "Enabled"}},
        {"versioningConfiguration": {"status": "Suspended"}},
    ),
    "encryption": bucket_setting(
        "BucketServerSideEncryptionConfiguration",
        {"rules": [{"applyServerSideEncryptionByDefault": {"sseAlgorithm": "AES256"}}]},
        {"rules": [{"applyServerSideEncryptionByDefault": {"sseAlgorithm": "aws:kms", "kmsMasterKeyId": "k"}}]},
    ),
    "access block": bucket_setting(
        "BucketPublicAccessBlock", {"blockPublicAcls": True}, {"blockPublicPolicy": True}
    ),
    "ownership": bucket_setting(
        "BucketOwnershipControls",
        {"rule": {"objectOwnership": "BucketOwnerEnforced"}},
        {"rule": {"objectOwnership": "ObjectWriter"}},
    ),
    "bucket policy": bucket_setting(
        "BucketPolicy", {"policy": allow("s3:GetObject", Principal="*")}, {"policy": allow("s3:PutObject", Principal="*")}
    ),
    "lifecycle": bucket_setting(
        "BucketLifecycleConfiguration",
        {
            "rules": [
                {
                    "id": "old",
                    "status": "Enabled",
                    "filter": {"and": {"prefix": "logs/", "tags": {"a": "b"}}},
                    "transitions": [
                        {"days": 90, "storageClass": "GLACIER"},
                        {"days": 30, "storageClass": "STANDARD_IA"},
                    ],
                },
                {"id": "parts", "status": "Enabled", "abortIncompleteMultipartUpload": {"daysAfterInitiation": 7}},
            ]
        },
        {"rules": [{"id": "old", "status": "Disabled", "filter": {"prefix": "x/"}, "expiration": {"days": 9}}]},
    ),
    "object": Sample(
        "aws:s3/bucketObjectv2:BucketObjectv2",
        lambda make: {
            "bucket": make("bucket").id,
            "key": "a/b.txt",
            "content": "one",
            "contentType": "text/plain",
            "metadata": {"k": "v"},
            **tags(),
        },
        lambda make: {"content": "two", **RETAGGED},
        unreadable=("content",),
    ),
    "parameter": Sample(
        "aws:ssm/parameter:Parameter",
        lambda make: {"name": "/sample", "type": "SecureString", "value": "v1", "description": "d", **tags()},
        lambda make: {"value": "v2", **RETAGGED},
    ),
}  # fmt: skip
