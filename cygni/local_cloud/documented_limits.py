"""Limits that AWS enforces and documents, but that botocore's models do not hold.

Most were read in the API reference that botocore carries with its models; `source` names the page. Only what AWS
is known to refuse belongs here: a limit that is too strict is worse than one that is missing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from cygni.aws_limits import LOG_RETENTION_DAYS
from cygni.local_cloud import fargate_sizes
from cygni.local_cloud.limit_rules import Rule, at_most, complaint, number, one_of, text

_NAME_255 = text(255, r"[A-Za-z0-9_-]+", "may hold letters, digits, underscores and hyphens only")
_SECURITY_GROUP_TEXT = r"[A-Za-z0-9 ._\-:/()#,@\[\]+=&;{}!$*]*"
_SECURITY_GROUP_WORDS = "may hold letters, digits, spaces and ._-:/()#,@[]+=&;{}!$* only"
_HYPHENATED = r"(?!.*--)[A-Za-z](?:[A-Za-z0-9-]*[A-Za-z0-9])?"
_HYPHENATED_WORDS = (
    "must begin with a letter, hold letters, digits and single hyphens only, and not end with one"
)
_FIFO = r"[A-Za-z0-9_-]+(?:\.fifo)?"
_FIFO_WORDS = 'may hold letters, digits, hyphens and underscores, and end in ".fifo"'
_LB_NAME = r"[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?"
_LB_WORDS = "may hold letters, digits and hyphens only, and a hyphen neither first nor last"
_BUCKET = (
    r"(?!xn--|sthree-|amzn-s3-demo-)(?!.*\.\.)(?!\d+\.\d+\.\d+\.\d+$)(?!.*(?:-s3alias|--ol-s3|\.mrap|--table-s3)$)"
    r"[a-z0-9][a-z0-9.-]*[a-z0-9]"
)
_BUCKET_WORDS = (
    "may hold lower-case letters, digits, hyphens and single dots only, must begin and end with a letter or digit,"
    " and must not look like an IP address or use a prefix or suffix that S3 keeps for itself"
)

_API = "elasticloadbalancing/latest/APIReference/"
_EC2 = "AWSEC2/latest/APIReference/"
_ECS = "AmazonECS/latest/APIReference/"
_RDS = "AmazonRDS/latest/APIReference/"
_CACHE = "AmazonElastiCache/latest/APIReference/"
_SQS = "AWSSimpleQueueService/latest/APIReference/API_CreateQueue.html"

RULES: tuple[Rule, ...] = (
    # Elastic Load Balancing
    Rule("elbv2", ("CreateLoadBalancer",), "Name",
         text(32, rf"(?!internal-){_LB_NAME}", f'{_LB_WORDS}, and must not begin with "internal-"'),
         f"{_API}API_CreateLoadBalancer.html"),
    Rule("elbv2", ("CreateTargetGroup",), "Name", text(32, _LB_NAME, _LB_WORDS),
         f"{_API}API_CreateTargetGroup.html"),
    *(
        Rule("elbv2", operations, f"{actions}[].ForwardConfig.TargetGroups[].Weight", number(0, 999),
             f"{_API}API_TargetGroupTuple.html")
        for operations, actions in (
            (("CreateListener", "ModifyListener"), "DefaultActions"),
            (("CreateRule", "ModifyRule"), "Actions"),
        )
    ),
    # EC2
    Rule("ec2", ("CreateSecurityGroup",), "GroupName",
         text(255, rf"(?!sg-){_SECURITY_GROUP_TEXT}", f'{_SECURITY_GROUP_WORDS}, and must not begin with "sg-"'),
         f"{_EC2}API_CreateSecurityGroup.html"),
    Rule("ec2", ("CreateSecurityGroup",), "Description",
         text(255, _SECURITY_GROUP_TEXT, _SECURITY_GROUP_WORDS),
         f"{_EC2}API_CreateSecurityGroup.html"),
    *(
        Rule("ec2", ("AuthorizeSecurityGroupIngress", "AuthorizeSecurityGroupEgress"),
             f"IpPermissions[].{kind}[].Description",
             text(255, r"[A-Za-z0-9 ._\-:/()#,@\[\]+=;{}!$*&]*", _SECURITY_GROUP_WORDS, shortest=0),
             f"{_EC2}API_IpRange.html")
        for kind in ("IpRanges", "Ipv6Ranges", "PrefixListIds", "UserIdGroupPairs")
    ),
    # S3
    Rule("s3", ("CreateBucket",), "Bucket", text(63, _BUCKET, _BUCKET_WORDS, shortest=3),
         "AmazonS3/latest/userguide/bucketnamingrules.html", code="InvalidBucketName"),
    Rule("s3", ("PutBucketLifecycleConfiguration",), "LifecycleConfiguration.Rules", at_most(1000, "rules"),
         "AmazonS3/latest/userguide/object-lifecycle-mgmt.html"),
    Rule("s3", ("PutObjectTagging",), "Tagging.TagSet", at_most(10, "tags"),
         "AmazonS3/latest/userguide/object-tagging.html", code="BadRequest"),
    # ECS
    Rule("ecs", ("CreateCluster",), "clusterName", _NAME_255, f"{_ECS}API_CreateCluster.html"),
    Rule("ecs", ("CreateService",), "serviceName", _NAME_255, f"{_ECS}API_CreateService.html"),
    Rule("ecs", ("RegisterTaskDefinition",), "family", _NAME_255, f"{_ECS}API_RegisterTaskDefinition.html",
         code="ClientException"),
    Rule("ecs", ("RegisterTaskDefinition",), "containerDefinitions[].name", _NAME_255,
         f"{_ECS}API_ContainerDefinition.html", code="ClientException"),
    Rule("ecs", ("RegisterTaskDefinition",), "containerDefinitions[].healthCheck.interval", number(5, 300),
         f"{_ECS}API_HealthCheck.html", code="ClientException"),
    Rule("ecs", ("RegisterTaskDefinition",), "containerDefinitions[].healthCheck.retries", number(1, 10),
         f"{_ECS}API_HealthCheck.html", code="ClientException"),
    Rule("ecs", ("RegisterTaskDefinition",), "containerDefinitions[].healthCheck.startPeriod", number(0, 300),
         f"{_ECS}API_HealthCheck.html", code="ClientException"),
    Rule("ecs", ("RegisterTaskDefinition",), "ephemeralStorage.sizeInGiB", number(21, 200),
         f"{_ECS}API_EphemeralStorage.html", code="ClientException"),
    Rule("ecs", ("CreateService", "UpdateService"), "desiredCount", number(0, 2_147_483_647),
         f"{_ECS}API_CreateService.html"),
    # EKS
    Rule("eks", ("CreateCluster",), "name",
         text(100, r"[0-9A-Za-z][A-Za-z0-9_-]*", "may hold letters, digits, hyphens and underscores only"),
         "eks/latest/APIReference/API_CreateCluster.html"),
    Rule("eks", ("CreateNodegroup",), "nodegroupName",
         text(63, r"[0-9A-Za-z][A-Za-z0-9_-]*", "may hold letters, digits, hyphens and underscores only"),
         "AWSCloudFormation/latest/TemplateReference/aws-resource-eks-nodegroup.html"),
    # CloudWatch
    Rule("logs", ("PutRetentionPolicy",), "retentionInDays", one_of(*LOG_RETENTION_DAYS),
         "AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html"),
    Rule("cloudwatch", ("PutDashboard",), "DashboardName", _NAME_255,
         "AmazonCloudWatch/latest/APIReference/API_PutDashboard.html"),
    # RDS
    Rule("rds", ("CreateDBInstance", "CreateDBInstanceReadReplica"), "DBInstanceIdentifier",
         text(63, _HYPHENATED, _HYPHENATED_WORDS), f"{_RDS}API_CreateDBInstance.html"),
    Rule("rds", ("CreateDBCluster",), "DBClusterIdentifier", text(63, _HYPHENATED, _HYPHENATED_WORDS),
         f"{_RDS}API_CreateDBCluster.html"),
    Rule("rds", ("CreateDBInstance", "CreateDBCluster", "ModifyDBInstance"), "MasterUserPassword",
         text(255, r"[!#-.0-?A-~ ]*", 'may hold printable ASCII characters except "/", """ and "@"', shortest=8),
         f"{_RDS}API_CreateDBInstance.html", secret=True),
    Rule("rds", ("CreateDBInstance", "ModifyDBInstance"), "BackupRetentionPeriod", number(0, 35),
         f"{_RDS}API_CreateDBInstance.html"),
    Rule("rds", ("CreateDBSubnetGroup",), "DBSubnetGroupName",
         text(255, r"(?i:(?!default$))[A-Za-z][A-Za-z0-9._ -]*",
              'must begin with a letter, hold letters, digits and "._- " only, and not be "default"'),
         f"{_RDS}API_CreateDBSubnetGroup.html"),
    Rule("rds", ("CreateDBParameterGroup",), "DBParameterGroupName", text(255, _HYPHENATED, _HYPHENATED_WORDS),
         f"{_RDS}API_CreateDBParameterGroup.html"),
    # ElastiCache
    Rule("elasticache", ("CreateReplicationGroup",), "ReplicationGroupId",
         text(40, _HYPHENATED, _HYPHENATED_WORDS), f"{_CACHE}API_CreateReplicationGroup.html"),
    Rule("elasticache", ("CreateCacheCluster",), "CacheClusterId", text(50, _HYPHENATED, _HYPHENATED_WORDS),
         f"{_CACHE}API_CreateCacheCluster.html"),
    Rule("elasticache", ("CreateCacheSubnetGroup",), "CacheSubnetGroupName",
         text(255, r"[A-Za-z0-9-]+", "may hold letters, digits and hyphens only"),
         f"{_CACHE}API_CreateCacheSubnetGroup.html"),
    Rule("elasticache", ("CreateReplicationGroup", "CreateCacheCluster"), "AuthToken",
         text(128, r"[A-Za-z0-9!&#$^<>-]+", "may hold letters, digits and !&#$^<>- only", shortest=16),
         f"{_CACHE}API_CreateReplicationGroup.html", secret=True),
    # Messaging
    Rule("sqs", ("CreateQueue",), "QueueName",
         text(80, _FIFO, _FIFO_WORDS),
         _SQS),
    *(
        Rule("sqs", ("CreateQueue", "SetQueueAttributes"), f"Attributes.{name}", number(least, most), _SQS,
             code="InvalidAttributeValue")
        for name, least, most in (
            ("DelaySeconds", 0, 900),
            ("MaximumMessageSize", 1024, 1_048_576),
            ("MessageRetentionPeriod", 60, 1_209_600),
            ("ReceiveMessageWaitTimeSeconds", 0, 20),
            ("VisibilityTimeout", 0, 43_200),
        )
    ),
    Rule("sns", ("CreateTopic",), "Name",
         text(256, _FIFO, _FIFO_WORDS),
         "sns/latest/api/API_CreateTopic.html"),
    # Keys, secrets, certificates
    Rule("secretsmanager", ("CreateSecret",), "Name",
         text(512, r"[A-Za-z0-9/_+=.@!-]+", "may hold letters, digits and -/_+=.@! only"),
         "secretsmanager/latest/apireference/API_CreateSecret.html"),
    Rule("kms", ("CreateAlias",), "AliasName",
         text(256, r"alias/(?!aws/)[A-Za-z0-9/_-]+", 'must begin with "alias/", and not with "alias/aws/"'),
         "kms/latest/APIReference/API_CreateAlias.html"),
    Rule("acm", ("RequestCertificate",), "DomainName", text(64), "acm/latest/APIReference/API_RequestCertificate.html"),
)  # fmt: skip

_TAGS_SOURCE = "tag-editor/latest/userguide/best-practices-and-strats.html"
_MOST_TAGS = 50
_WRITES_TAGS = (
    "Create",
    "Put",
    "Run",
    "Register",
    "Add",
    "Tag",
    "Request",
    "Allocate",
    "Import",
    "Start",
    "Schedule",
)


@dataclass(frozen=True, slots=True)
class Broken:
    """A documented limit that a call breaks; `code` None means the service's usual one."""

    message: str
    code: str | None
    source: str


def _by_operation() -> dict[tuple[str, str], list[Rule]]:
    index: dict[tuple[str, str], list[Rule]] = {}
    for rule in RULES:
        for operation in rule.operations:
            index.setdefault((rule.service, operation), []).append(rule)
    return index


_INDEX = _by_operation()


def broken_rule(service: str, operation: str, parameters: Mapping[str, Any]) -> Broken | None:
    """The first documented limit that a call breaks, or None."""
    for rule in _INDEX.get((service, operation), ()):
        wrong = complaint(rule, parameters)
        if wrong:
            return Broken(wrong, rule.code, rule.source)
    if (service, operation) == ("ecs", "RegisterTaskDefinition"):
        wrong = fargate_sizes.wrong_size(parameters)
        if wrong:
            return Broken(wrong, "ClientException", fargate_sizes.SOURCE)
    if operation.startswith(_WRITES_TAGS):
        for tags in _tag_sets(parameters):
            wrong = _wrong_tags(tags)
            if wrong:
                return Broken(wrong, None, _TAGS_SOURCE)
    return None


def _tag_sets(parameters: Mapping[str, Any]) -> Iterator[dict[str, str]]:
    """The tags of a call, however its service spells them: a map, a list of pairs, a list for each resource."""
    for name in ("Tags", "tags", "AddTags", "TagList"):
        yield from _as_tags(parameters.get(name))
    for specification in parameters.get("TagSpecifications") or ():
        if isinstance(specification, Mapping):
            yield from _as_tags(specification.get("Tags"))


def _as_tags(tags: Any) -> Iterator[dict[str, str]]:
    if isinstance(tags, Mapping):
        tags = tags.get("Items", tags)  # CloudFront
    if isinstance(tags, Mapping):
        yield {str(key): str(value) for key, value in tags.items()}
    elif isinstance(tags, list):
        pairs = [tag for tag in tags if isinstance(tag, Mapping)]
        yield {
            str(tag.get("Key", tag.get("key", tag.get("TagKey")))): str(
                tag.get("Value", tag.get("value", tag.get("TagValue"))) or ""
            )
            for tag in pairs
        }


def _wrong_tags(tags: Mapping[str, str]) -> str | None:
    if len(tags) > _MOST_TAGS:
        return f"{len(tags)} tags, more than the {_MOST_TAGS} that a resource can have"
    for key, value in tags.items():
        if not 1 <= len(key) <= 128:
            return f"Tag key '{key[:100]}' must have 1 to 128 characters, and has {len(key)}"
        if len(value) > 256:
            return f"The value of tag '{key}' must have at most 256 characters, and has {len(value)}"
        if key.lower().startswith("aws:"):
            return f"Tag key '{key}' must not begin with 'aws:', which is reserved for AWS"
    return None
