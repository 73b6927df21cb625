"""Which handler serves which type. Modules are imported when the first of their types is really touched,
so that checking and previewing stay free of botocore."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cygni.local_cloud.provider.handlers.base import Handler

_TABLE = {
    "aws:acm/certificate:Certificate": "acm",
    "aws:acm/certificateValidation:CertificateValidation": "acm",
    "aws:appautoscaling/policy:Policy": "appautoscaling",
    "aws:appautoscaling/target:Target": "appautoscaling",
    "aws:cloudfront/distribution:Distribution": "cloudfront",
    "aws:cloudfront/originAccessControl:OriginAccessControl": "cloudfront",
    "aws:cloudtrail/trail:Trail": "cloudtrail",
    "aws:cloudwatch/logGroup:LogGroup": "logs",
    "aws:cloudwatch/metricAlarm:MetricAlarm": "cloudwatch",
    "aws:ec2/eip:Eip": "ec2_vpc",
    "aws:ec2/flowLog:FlowLog": "ec2_flow_logs",
    "aws:ec2/internetGateway:InternetGateway": "ec2_vpc",
    "aws:ec2/launchTemplate:LaunchTemplate": "ec2_launch",
    "aws:ec2/natGateway:NatGateway": "ec2_vpc",
    "aws:ec2/networkAcl:NetworkAcl": "ec2_acls",
    "aws:ec2/networkAclRule:NetworkAclRule": "ec2_acls",
    "aws:ec2/route:Route": "ec2_routes",
    "aws:ec2/routeTable:RouteTable": "ec2_routes",
    "aws:ec2/routeTableAssociation:RouteTableAssociation": "ec2_routes",
    "aws:ec2/securityGroup:SecurityGroup": "ec2_security",
    "aws:ec2/securityGroupRule:SecurityGroupRule": "ec2_security",
    "aws:ec2/subnet:Subnet": "ec2_vpc",
    "aws:ec2/vpc:Vpc": "ec2_vpc",
    "aws:ec2/vpcEndpoint:VpcEndpoint": "ec2_endpoints",
    "aws:ecr/lifecyclePolicy:LifecyclePolicy": "ecr",
    "aws:ecr/repository:Repository": "ecr",
    "aws:ecr/repositoryPolicy:RepositoryPolicy": "ecr",
    "aws:ecs/cluster:Cluster": "ecs",
    "aws:ecs/clusterCapacityProviders:ClusterCapacityProviders": "ecs",
    "aws:ecs/service:Service": "ecs_service",
    "aws:ecs/taskDefinition:TaskDefinition": "ecs",
    "aws:eks/accessEntry:AccessEntry": "eks_addons",
    "aws:eks/accessPolicyAssociation:AccessPolicyAssociation": "eks_addons",
    "aws:eks/addon:Addon": "eks_addons",
    "aws:eks/cluster:Cluster": "eks",
    "aws:eks/fargateProfile:FargateProfile": "eks_nodes",
    "aws:eks/nodeGroup:NodeGroup": "eks_nodes",
    "aws:elasticache/parameterGroup:ParameterGroup": "elasticache",
    "aws:elasticache/replicationGroup:ReplicationGroup": "elasticache",
    "aws:elasticache/subnetGroup:SubnetGroup": "elasticache",
    "aws:guardduty/detector:Detector": "guardduty",
    "aws:iam/instanceProfile:InstanceProfile": "iam_identity",
    "aws:iam/openIdConnectProvider:OpenIdConnectProvider": "iam_identity",
    "aws:iam/policy:Policy": "iam",
    "aws:iam/role:Role": "iam",
    "aws:iam/rolePolicy:RolePolicy": "iam",
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": "iam",
    "aws:kms/alias:Alias": "kms",
    "aws:kms/key:Key": "kms",
    "aws:lb/listener:Listener": "elbv2",
    "aws:lb/listenerCertificate:ListenerCertificate": "elbv2_certificates",
    "aws:lb/listenerRule:ListenerRule": "elbv2",
    "aws:lb/loadBalancer:LoadBalancer": "elbv2",
    "aws:lb/targetGroup:TargetGroup": "elbv2",
    "aws:rds/cluster:Cluster": "rds_cluster",
    "aws:rds/clusterInstance:ClusterInstance": "rds_instance",
    "aws:rds/clusterParameterGroup:ClusterParameterGroup": "rds_groups",
    "aws:rds/instance:Instance": "rds_instance",
    "aws:rds/parameterGroup:ParameterGroup": "rds_groups",
    "aws:rds/subnetGroup:SubnetGroup": "rds_groups",
    "aws:route53/record:Record": "route53",
    "aws:route53/zone:Zone": "route53",
    "aws:s3/bucket:Bucket": "s3",
    "aws:s3/bucketCorsConfiguration:BucketCorsConfiguration": "s3",
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": "s3",
    "aws:s3/bucketObjectv2:BucketObjectv2": "s3_objects",
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls": "s3",
    "aws:s3/bucketPolicy:BucketPolicy": "s3",
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": "s3",
    "aws:s3/bucketReplicationConfig:BucketReplicationConfig": "s3",
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": "s3",
    "aws:s3/bucketVersioning:BucketVersioning": "s3",
    "aws:scheduler/schedule:Schedule": "scheduler",
    "aws:scheduler/scheduleGroup:ScheduleGroup": "scheduler",
    "aws:secretsmanager/secret:Secret": "secretsmanager",
    "aws:secretsmanager/secretPolicy:SecretPolicy": "secretsmanager",
    "aws:secretsmanager/secretRotation:SecretRotation": "secretsmanager",
    "aws:secretsmanager/secretVersion:SecretVersion": "secretsmanager",
    "aws:securityhub/account:Account": "securityhub",
    "aws:securityhub/standardsSubscription:StandardsSubscription": "securityhub",
    "aws:servicediscovery/privateDnsNamespace:PrivateDnsNamespace": "servicediscovery",
    "aws:servicediscovery/service:Service": "servicediscovery",
    "aws:sns/topic:Topic": "sns",
    "aws:sns/topicSubscription:TopicSubscription": "sns",
    "aws:sqs/queue:Queue": "sqs",
    "aws:sqs/queuePolicy:QueuePolicy": "sqs",
    "aws:ssm/parameter:Parameter": "ssm",
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": "ec2_security",
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": "ec2_security",
    "aws:wafv2/webAcl:WebAcl": "wafv2",
    "aws:wafv2/webAclAssociation:WebAclAssociation": "wafv2",
}


def tokens() -> tuple[str, ...]:
    """Every type that is served."""
    return tuple(_TABLE)


@cache
def handler(token: str) -> Handler:
    """The handler of a canonical type token. Raises KeyError for a type that is not served."""
    module = import_module(f"{__name__}.{_TABLE[token]}")
    made: Handler = getattr(module, token.rpartition(":")[2])()
    return made
