"""The roles that AWS services have in an account, made at their first use: plain data, for checks and for the local
cloud.

Source: the page "using service-linked roles" of each service's documentation.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class ServiceLinkedRole:
    """The name of a role, and the type tokens of what it is needed for."""

    name: str
    types: frozenset[str]


SERVICE_LINKED_ROLES: Final[Mapping[str, ServiceLinkedRole]] = {
    "ecs.amazonaws.com": ServiceLinkedRole(
        "AWSServiceRoleForECS", frozenset({"aws:ecs/cluster:Cluster", "aws:ecs/service:Service"})
    ),
    "elasticloadbalancing.amazonaws.com": ServiceLinkedRole(
        "AWSServiceRoleForElasticLoadBalancing", frozenset({"aws:lb/loadBalancer:LoadBalancer"})
    ),
    "rds.amazonaws.com": ServiceLinkedRole(
        "AWSServiceRoleForRDS", frozenset({"aws:rds/instance:Instance", "aws:rds/cluster:Cluster"})
    ),
    "elasticache.amazonaws.com": ServiceLinkedRole(
        "AWSServiceRoleForElastiCache", frozenset({"aws:elasticache/replicationGroup:ReplicationGroup"})
    ),
    "ecs.application-autoscaling.amazonaws.com": ServiceLinkedRole(
        "AWSServiceRoleForApplicationAutoScaling_ECSService", frozenset({"aws:appautoscaling/target:Target"})
    ),
    "eks.amazonaws.com": ServiceLinkedRole(
        "AWSServiceRoleForAmazonEKS", frozenset({"aws:eks/cluster:Cluster"})
    ),
    "eks-nodegroup.amazonaws.com": ServiceLinkedRole(
        "AWSServiceRoleForAmazonEKSNodegroup", frozenset({"aws:eks/nodeGroup:NodeGroup"})
    ),
    "guardduty.amazonaws.com": ServiceLinkedRole(
        "AWSServiceRoleForAmazonGuardDuty", frozenset({"aws:guardduty/detector:Detector"})
    ),
    "securityhub.amazonaws.com": ServiceLinkedRole(
        "AWSServiceRoleForSecurityHub", frozenset({"aws:securityhub/account:Account"})
    ),
}
"""By the AWS service name that the role is linked to."""
