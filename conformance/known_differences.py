"""Differences that are known, each with its reason. What is not here is reported, and fails the run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from conformance.clouds import Difference

NEWER_PROPERTIES: Final[frozenset[str]] = frozenset()
"""Properties of pulumi-aws 7, as `TYPE.property`, that an older Terraform provider does not have."""

_AT_RANDOM: Final = "the cloud chooses it"
_WHEN_MADE: Final = "the moment it was made"
_NOT_KEPT: Final = "moto does not keep it, so the provider sees what it asked for still missing"
_AS_GIVEN: Final = "the name of the proof is the cloud's choice, with a dot at the end or without"
_DEFAULT_WRITTEN: Final = "Terraform writes the default, Pulumi leaves it to AWS"
_NO_REGION: Final = "before its version 6 the provider makes everything in one region, so the copy too"

READ: Final[Mapping[str, str]] = {
    "aws:acm/certificate:Certificate.domainValidationOptions[].resourceRecordName": _AS_GIVEN,
    "aws:acm/certificate:Certificate.notAfter": _WHEN_MADE,
    "aws:acm/certificate:Certificate.notBefore": _WHEN_MADE,
    "aws:appautoscaling/policy:Policy.alarmArns[]": _AT_RANDOM,
    "aws:ec2/eip:Eip.privateDns": _AT_RANDOM,
    "aws:ec2/vpcEndpoint:VpcEndpoint.dnsEntries[].dnsName": _AT_RANDOM,
    "aws:ec2/vpcEndpoint:VpcEndpoint.dnsEntries[].hostedZoneId": _AT_RANDOM,
    "aws:ec2/vpcEndpoint:VpcEndpoint.networkInterfaceIds[]": _AT_RANDOM,
    "aws:ecs/service:Service.availabilityZoneRebalancing": _DEFAULT_WRITTEN,
    "aws:eks/addon:Addon.createdAt": _WHEN_MADE,
    "aws:eks/addon:Addon.modifiedAt": _WHEN_MADE,
    "aws:eks/cluster:Cluster.certificateAuthority.data": _AT_RANDOM,
    "aws:eks/cluster:Cluster.createdAt": _WHEN_MADE,
    "aws:eks/cluster:Cluster.vpcConfig.clusterSecurityGroupId": _AT_RANDOM,
    "aws:eks/nodeGroup:NodeGroup.resources[].autoscalingGroups[].name": _AT_RANDOM,
    "aws:iam/role:Role.createDate": _WHEN_MADE,
    "aws:rds/cluster:Cluster.masterUserSecretKmsKeyId": _AT_RANDOM,
    "aws:rds/cluster:Cluster.masterUserSecrets[].kmsKeyId": _AT_RANDOM,
    "aws:rds/instance:Instance.masterUserSecretKmsKeyId": _AT_RANDOM,
    "aws:rds/instance:Instance.masterUserSecrets[].kmsKeyId": _AT_RANDOM,
    "aws:route53/record:Record.fqdn": _AS_GIVEN,
    "aws:s3/bucket:Bucket.bucketRegionalDomainName": _NO_REGION,
    "aws:s3/bucket:Bucket.hostedZoneId": _NO_REGION,
    "aws:s3/bucketReplicationConfig:BucketReplicationConfig.rules[].filter": (
        "an empty filter: one sends an empty prefix, the other nothing, and both copy every object"
    ),
    "aws:scheduler/schedule:Schedule.target.ecsParameters.enableExecuteCommand": _DEFAULT_WRITTEN,
    "aws:scheduler/scheduleGroup:ScheduleGroup.creationDate": _WHEN_MADE,
    "aws:scheduler/scheduleGroup:ScheduleGroup.lastModificationDate": _WHEN_MADE,
    "aws:servicediscovery/privateDnsNamespace:PrivateDnsNamespace.hostedZone": _AT_RANDOM,
    **{
        f"aws:sns/topic:Topic.{to}SuccessFeedbackSampleRate": _DEFAULT_WRITTEN
        for to in ("application", "firehose", "http", "lambda", "sqs")
    },
    "aws:rds/clusterInstance:ClusterInstance.writer": (
        "the first to be made is the writer, and instances are made side by side"
    ),
    "aws:wafv2/webAcl:WebAcl.lockToken": _AT_RANDOM,
}
"""Why a property (`TYPE.path`) differs between the clouds."""

_SPACES: Final = "moto writes the JSON anew, with spaces"

PENDING: Final[Mapping[str, str]] = {
    "aws_db_parameter_group.parameter": _NOT_KEPT,
    "aws_sqs_queue.redrive_allow_policy": _SPACES,
    "aws_sqs_queue.redrive_policy": _SPACES,
    "aws_vpc_security_group_ingress_rule.referenced_security_group_id": (
        "moto answers with the account's number before the group's id, which AWS does for groups of others"
    ),
}
"""Why Terraform would change a property (`TERRAFORM_TYPE.property`) again right after it was applied."""


def reason_of(difference: Difference) -> str | None:
    """Why a difference is known, None if it is not."""
    return READ.get(f"{difference.type}.{difference.property}")


def unexplained(differences: Iterable[Difference]) -> list[Difference]:
    """The differences that nobody has explained, sorted."""
    return sorted(one for one in differences if reason_of(one) is None)
