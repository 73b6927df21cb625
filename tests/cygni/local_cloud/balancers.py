"""Snapshots of load balancers for tests."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from cygni.local_cloud.data_plane.snapshot import (
    Action,
    Condition,
    ElasticLoadBalancing,
    Forward,
    HealthCheck,
    Listener,
    LoadBalancer,
    Rule,
    Target,
    TargetGroup,
)

_ELB = "arn:aws:elasticloadbalancing:us-east-1:123456789012"
BLUE, GREEN = (f"{_ELB}:targetgroup/{name}/0123456789abcdef" for name in ("blue", "green"))
BALANCER = f"{_ELB}:loadbalancer/app/web/0123456789abcdef"
LISTENER = f"{_ELB}:listener/app/web/0123456789abcdef/fedcba9876543210"
CHECK = HealthCheck("HTTP", "traffic-port", "/health", 10, 5, 3, 2, "200")


def check(**changes: Any) -> HealthCheck:
    return replace(CHECK, **changes)


def group(arn: str = BLUE, *ports: int, **changes: Any) -> TargetGroup:
    targets = tuple(Target("127.0.0.1", port, 1.0) for port in ports)
    plain = TargetGroup(arn, "HTTP", "HTTP1", 80, CHECK, 300, "round_robin", None, targets)
    return replace(plain, **changes)


def rule(action: Action, *conditions: Condition) -> Rule:
    return Rule("arn:rule", conditions, action)


def listener(*rules: Rule, port: int = 80, local_port: int = 8080, protocol: str = "HTTP") -> Listener:
    return Listener(f"{LISTENER}{port}", protocol, port, local_port, rules)


def balancer(*listeners: Listener, **changes: Any) -> LoadBalancer:
    return replace(LoadBalancer(BALANCER, "web", 8080, listeners), **changes)


def forwarding(blue: int, green: int, sticky_seconds: int | None = None) -> Forward:
    return Forward(((BLUE, blue), (GREEN, green)), sticky_seconds)


def elbv2(blue: int = 1, green: int = 0) -> ElasticLoadBalancing:
    """One load balancer that forwards to two groups, of one target each."""
    return ElasticLoadBalancing(
        (balancer(listener(rule(forwarding(blue, green)))),), (group(BLUE, 9001), group(GREEN, 9002))
    )
