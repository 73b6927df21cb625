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

READ: Final[Mapping[str, str]] = {
    "aws:ec2/eip:Eip.privateDns": _AT_RANDOM,
    "aws:iam/role:Role.createDate": _WHEN_MADE,
}
"""Why a property (`TYPE.path`) differs between the clouds."""

PENDING: Final[Mapping[str, str]] = {
    "aws_ecs_service.availability_zone_rebalancing": _NOT_KEPT,
    "aws_ecs_service.enable_ecs_managed_tags": _NOT_KEPT,
    "aws_ecs_service.health_check_grace_period_seconds": _NOT_KEPT,
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
