"""Functions (data sources) by token. Those that need no cloud work in any preview."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cygni.local_cloud.provider.cloud import Cloud

Function = Callable[["Cloud", Mapping[str, Any]], dict[str, Any]]

_TABLE = {
    "aws:index/getAvailabilityZone:getAvailabilityZone": "ec2:availability_zone",
    "aws:index/getAvailabilityZones:getAvailabilityZones": "ec2:availability_zones",
    "aws:index/getCallerIdentity:getCallerIdentity": "meta:caller_identity",
    "aws:index/getPartition:getPartition": "meta:partition",
    "aws:index/getRegion:getRegion": "meta:region",
    "aws:ec2/getManagedPrefixList:getManagedPrefixList": "ec2:managed_prefix_list",
    "aws:ec2/getSubnets:getSubnets": "ec2:subnets",
    "aws:ec2/getVpc:getVpc": "ec2:vpc",
    "aws:ecr/getAuthorizationToken:getAuthorizationToken": "ecr:authorization_token",
    "aws:iam/getPolicyDocument:getPolicyDocument": "policy_document:policy_document",
    "aws:route53/getZone:getZone": "route53:zone",
    "aws:s3/getBucket:getBucket": "s3:bucket",
    "aws:ssm/getParameter:getParameter": "ssm:parameter",
}

# Outputs that are secret whatever the inputs were.
SENSITIVE = {
    "aws:ecr/getAuthorizationToken:getAuthorizationToken": frozenset({"authorizationToken", "password"}),
    "aws:ssm/getParameter:getParameter": frozenset({"value"}),
}


class NotFound(LookupError):
    """A function found nothing, or more than one where one is wanted."""


def tokens() -> tuple[str, ...]:
    return tuple(_TABLE)


def function(token: str) -> Function:
    """The function of a token. Raises KeyError for one that is not served."""
    module, _, name = _TABLE[token].partition(":")
    found: Function = getattr(import_module(f"{__name__}.{module}"), name)
    return found
