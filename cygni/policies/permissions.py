"""What roles, users and groups may do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any, Final

from cygni.policies.documents import allowing, is_narrowed, principals_everybody
from cygni.policies.reading import entries, texts
from cygni.policies.rule import Level, Levels, ResourceRule, Scene
from cygni.resources import Resource

_ROLE: Final = "aws:iam/role:Role"
_WITH_POLICY: Final = frozenset(
    {
        "aws:iam/policy:Policy",
        "aws:iam/rolePolicy:RolePolicy",
        "aws:iam/userPolicy:UserPolicy",
        "aws:iam/groupPolicy:GroupPolicy",
    }
)
_ATTACHMENTS: Final = frozenset(
    {
        "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
        "aws:iam/userPolicyAttachment:UserPolicyAttachment",
        "aws:iam/groupPolicyAttachment:GroupPolicyAttachment",
        "aws:iam/policyAttachment:PolicyAttachment",
    }
)
_ALL_POWERFUL: Final = ("AdministratorAccess", "PowerUserAccess", "IAMFullAccess")

_WITHOUT_RESOURCE: Final = frozenset(
    {
        "acm:GetAccountConfiguration",
        "application-autoscaling:RegisterScalableTarget",
        "autoscaling:Describe*",
        "cloudwatch:GetMetricData",
        "cloudwatch:GetMetricStatistics",
        "cloudwatch:List*",
        "cloudwatch:PutMetricData",
        "ec2:Describe*",
        "ecr:GetAuthorizationToken",
        "ecr-public:GetAuthorizationToken",
        "ecs:DiscoverPollEndpoint",
        "ecs:List*",
        "eks:List*",
        "elasticloadbalancing:Describe*",
        "iam:ListRoles",
        "kms:ListAliases",
        "kms:ListKeys",
        "logs:CreateLogDelivery",
        "logs:DeleteLogDelivery",
        "logs:DescribeLogGroups",
        "logs:DescribeResourcePolicies",
        "logs:GetLogDelivery",
        "logs:ListLogDeliveries",
        "logs:PutResourcePolicy",
        "logs:UpdateLogDelivery",
        "rds:Describe*",
        "route53:GetChange",
        "route53:ListHostedZones*",
        "s3:ListAllMyBuckets",
        "secretsmanager:GetRandomPassword",
        "servicediscovery:List*",
        "sns:ListTopics",
        "sqs:ListQueues",
        "ssm:DescribeParameters",
        "ssmmessages:CreateControlChannel",
        "ssmmessages:CreateDataChannel",
        "ssmmessages:OpenControlChannel",
        "ssmmessages:OpenDataChannel",
        "sts:GetCallerIdentity",
        "tag:Get*",
        "xray:GetSampling*",
        "xray:PutTelemetryRecords",
        "xray:PutTraceSegments",
    }
)
"""Actions that AWS lets nobody limit to a resource, or that only list what there is (Service Authorization
Reference: no resource type for the action, or access level List)."""


def needs_wildcard(action: str) -> bool:
    """Whether a Resource of `*` is right for an action, wildcards of its own included."""
    return any(fnmatchcase(action.lower(), allowed.lower()) for allowed in _WITHOUT_RESOURCE)


def _problems(resource: Resource, scene: Scene) -> Iterator[str]:
    inputs = resource.inputs
    if resource.type in _ATTACHMENTS:
        yield from _attached(texts(inputs.get("policyArn")))
        return
    if resource.type == _ROLE:
        if any(principals_everybody(one) for one in allowing(inputs.get("assumeRolePolicy"))):
            yield 'can be taken on by everybody (assumeRolePolicy with Principal "*" and no Condition)'
        yield from _attached(texts(inputs.get("managedPolicyArns")))
        documents = [one.get("policy") for one in entries(inputs.get("inlinePolicies"))]
    else:
        documents = [inputs.get("policy")]
    for document in documents:
        for statement in allowing(document):
            yield from _too_wide(statement)


def _attached(arns: Iterator[str]) -> Iterator[str]:
    for arn in arns:
        if arn.rsplit("/", 1)[-1] in _ALL_POWERFUL:
            yield f"gives the managed policy {arn.rsplit('/', 1)[-1]}"


def _too_wide(statement: Mapping[str, Any]) -> Iterator[str]:
    actions = list(texts(statement.get("Action")))
    wide = [action for action in actions if not action.rpartition(":")[2].strip("*?")]
    if "NotAction" in statement:
        yield "allows all actions but some (NotAction)"
    if wide:
        yield f"allows every action: {', '.join(wide)}"
    if is_narrowed(statement):
        return  # limited otherwise, for example to what has a tag
    if "NotResource" in statement:
        yield "allows it on everything but some (NotResource)"
    everything = any(map(_is_everything, texts(statement.get("Resource"))))
    limitable = [action for action in actions if action not in wide and not needs_wildcard(action)]
    if everything and limitable:
        yield f"allows {', '.join(limitable)} on every resource"


def _is_everything(arn: str) -> bool:
    return arn == "*" or arn.split(":", 5)[5:] == ["*"]


NO_WILDCARD_IAM = ResourceRule(
    name="no-wildcard-iam",
    checks="No permission for every action, nor for every resource where the action can be limited to some; nobody "
    "unknown takes a role on. Actions that AWS cannot limit, such as ecr:GetAuthorizationToken, are let pass.",
    why="Whoever breaks into one program gets what its role may do: with a wildcard, the account.",
    fix="Name the actions that are needed and the ARNs they are needed on, or add a Condition.",
    levels=Levels.everywhere(Level.MANDATORY),
    types=frozenset({_ROLE, *_WITH_POLICY, *_ATTACHMENTS}),
    problems=_problems,
)
