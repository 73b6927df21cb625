"""Which of the types that our components make hold data, one by one: a new type has to be decided here too."""

from __future__ import annotations

import pytest

from components.reference import components, made_by
from cygni.naming import Part
from cygni.plan.events import ResourceState, StepEvent
from cygni.plan.steps import stack_plan

DATA = {
    "aws:eks/cluster:Cluster": "what was deployed to it is told in it alone",
    "aws:elasticache/replicationGroup:ReplicationGroup": "keys and what is queued in them",
    "aws:kms/key:Key": "what it encrypts, last snapshots too, is unreadable without it",
    "aws:rds/cluster:Cluster": "tables",
    "aws:rds/instance:Instance": "tables",
    "aws:s3/bucket:Bucket": "objects, the audit trail among them",
    "aws:sqs/queue:Queue": "messages that nobody has handled",
}
"""Why losing it loses data."""

DATA_OF_OTHERS = {"aws:efs/fileSystem:FileSystem"}
"""No component makes these; a program of one's own may."""

DECIDED = {
    "aws:cloudwatch/logGroup:LogGroup": "kept for a time only, read by no program; it goes with each service that goes",
    "aws:ecr/repository:Repository": "images are built from source and can be built again",
    "aws:guardduty/detector:Detector": "findings are kept for 90 days, whatever happens",
    "aws:rds/clusterInstance:ClusterInstance": "the data is its cluster's",
    "aws:route53/zone:Zone": "all its records are declared",
    "aws:secretsmanager/secret:Secret": "its value is kept by the control plane, which writes it again",
}
"""What holds something, and why that is no data to protect."""

NOTHING = frozenset(
    [
        "aws:acm/certificate:Certificate",
        "aws:acm/certificateValidation:CertificateValidation",
        "aws:appautoscaling/policy:Policy",
        "aws:appautoscaling/target:Target",
        "aws:cloudfront/distribution:Distribution",
        "aws:cloudtrail/trail:Trail",
        "aws:cloudwatch/metricAlarm:MetricAlarm",
        "aws:ec2/eip:Eip",
        "aws:ec2/flowLog:FlowLog",
        "aws:ec2/internetGateway:InternetGateway",
        "aws:ec2/launchTemplate:LaunchTemplate",
        "aws:ec2/natGateway:NatGateway",
        "aws:ec2/networkAcl:NetworkAcl",
        "aws:ec2/route:Route",
        "aws:ec2/routeTable:RouteTable",
        "aws:ec2/routeTableAssociation:RouteTableAssociation",
        "aws:ec2/securityGroup:SecurityGroup",
        "aws:ec2/subnet:Subnet",
        "aws:ec2/vpc:Vpc",
        "aws:ec2/vpcEndpoint:VpcEndpoint",
        "aws:ecr/lifecyclePolicy:LifecyclePolicy",
        "aws:ecs/cluster:Cluster",
        "aws:ecs/clusterCapacityProviders:ClusterCapacityProviders",
        "aws:ecs/service:Service",
        "aws:ecs/taskDefinition:TaskDefinition",
        "aws:eks/accessEntry:AccessEntry",
        "aws:eks/accessPolicyAssociation:AccessPolicyAssociation",
        "aws:eks/addon:Addon",
        "aws:eks/nodeGroup:NodeGroup",
        "aws:elasticache/parameterGroup:ParameterGroup",
        "aws:elasticache/subnetGroup:SubnetGroup",
        "aws:iam/openIdConnectProvider:OpenIdConnectProvider",
        "aws:iam/role:Role",
        "aws:iam/rolePolicy:RolePolicy",
        "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
        "aws:kms/alias:Alias",
        "aws:lb/listener:Listener",
        "aws:lb/listenerCertificate:ListenerCertificate",
        "aws:lb/listenerRule:ListenerRule",
        "aws:lb/loadBalancer:LoadBalancer",
        "aws:lb/targetGroup:TargetGroup",
        "aws:rds/clusterParameterGroup:ClusterParameterGroup",
        "aws:rds/parameterGroup:ParameterGroup",
        "aws:rds/subnetGroup:SubnetGroup",
        "aws:route53/record:Record",
        "aws:s3/bucketCorsConfiguration:BucketCorsConfiguration",
        "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
        "aws:s3/bucketOwnershipControls:BucketOwnershipControls",
        "aws:s3/bucketPolicy:BucketPolicy",
        "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
        "aws:s3/bucketReplicationConfig:BucketReplicationConfig",
        "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
        "aws:s3/bucketVersioning:BucketVersioning",
        "aws:scheduler/schedule:Schedule",
        "aws:scheduler/scheduleGroup:ScheduleGroup",
        "aws:secretsmanager/secretRotation:SecretRotation",
        "aws:securityhub/account:Account",
        "aws:securityhub/standardsSubscription:StandardsSubscription",
        "aws:servicediscovery/privateDnsNamespace:PrivateDnsNamespace",
        "aws:servicediscovery/service:Service",
        "aws:sns/topic:Topic",
        "aws:sns/topicSubscription:TopicSubscription",
        "aws:sqs/queuePolicy:QueuePolicy",
        "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
        "aws:wafv2/webAcl:WebAcl",
        "aws:wafv2/webAclAssociation:WebAclAssociation",
    ]
)
"""Settings, ways and rights: made again as they were."""


def loses(resource_type: str) -> str | None:
    """The name under which deleting a resource of this type is said to lose data."""
    urn = f"urn:pulumi:shop.staging.data::cygni::{resource_type}::shop-staging-main"
    old = ResourceState(resource_type, urn, id="one", inputs={})
    [step] = stack_plan(
        Part.DATA, [StepEvent("planned", "delete", urn, resource_type, old)], region="us-east-1"
    ).steps
    return step.stateful


class TestData:
    def test_is_decided_for_every_type_that_a_component_makes(self) -> None:
        made = {token for component in components() for token in made_by(component)}
        assert made == {*DATA, *DECIDED, *NOTHING}
        assert len(DATA) + len(DECIDED) + len(NOTHING) == len(made)

    @pytest.mark.parametrize("resource_type", sorted({*DATA, *DATA_OF_OTHERS}))
    def test_is_lost_under_its_own_name(self, resource_type: str) -> None:
        assert loses(resource_type) == "main"

    @pytest.mark.parametrize("resource_type", sorted({*DECIDED, *NOTHING}))
    def test_is_not_in_anything_else(self, resource_type: str) -> None:
        assert loses(resource_type) is None
