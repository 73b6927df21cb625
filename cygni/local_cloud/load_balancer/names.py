"""What load balancers, listeners and target groups are called in Envoy and in CloudWatch."""

from __future__ import annotations

import hashlib


def target_group(arn: str) -> str:
    """`targetgroup/NAME/ID`: the cluster's name, and the dimension TargetGroup of its metrics."""
    return arn.rpartition(":")[2]


def load_balancer(arn: str) -> str:
    """`app/NAME/ID`: the dimension LoadBalancer of its metrics."""
    return arn.rpartition(":loadbalancer/")[2]


def listener(arn: str) -> str:
    """`app/NAME/ID/ID`: the listener's and its routes' name."""
    return arn.rpartition(":listener/")[2]


def cookie(arn: str) -> str:
    """What stands for a target group in a client's cookie; like AWS's, it tells nobody anything."""
    return hashlib.sha256(arn.encode()).hexdigest()[:32]
