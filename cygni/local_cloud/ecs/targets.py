"""A task's place in target groups: registered when it runs, deregistered before it ends.

The groups are moto's objects as moto_elbv2.py leaves them; how their targets are is what the load balancer reported.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from typing import Any

from cygni.local_cloud.ecs.objects import Registration, Task
from cygni.local_cloud.ecs.rollout import Health
from cygni.local_cloud.identity import HOST


def register(task: Task, load_balancers: list[Mapping[str, Any]]) -> list[Registration]:
    """Register the task where its service's `loadBalancers` say. What is new of it."""
    new = []
    for one in load_balancers:
        arn = one.get("targetGroupArn") or ""
        container = next((c for c in task.containers if c.name == one.get("containerName")), None)
        group = _group(arn)
        if group is None or container is None or not container.port:
            continue
        group.register([{"Id": HOST, "Port": container.port}])
        new.append(Registration(arn, HOST, container.port))
    task.registrations += new
    return new


def deregister(task: Task) -> list[Registration]:
    """Take the task out of its target groups, where it drains. What was taken out."""
    gone = []
    for one in task.registrations:
        group = _group(one.target_group_arn)
        if group is not None and (one.id, one.port) in group.targets:
            group.deregister([{"Id": one.id, "Port": one.port}])
            gone.append(one)
    return gone


def drained_at(task: Task) -> float | None:
    """When its target groups have let go of it for certain (seconds since the epoch); None when they have."""
    moments = []
    for one in task.registrations:
        group = _group(one.target_group_arn)
        draining = group.deregistered_targets.get((one.id, one.port)) if group is not None else None
        if draining is not None and is_served(group):
            moments.append(draining.since + float(group.attributes["deregistration_delay.timeout_seconds"]))
    return max(moments, default=None)


def health(task: Task) -> tuple[Health, Registration | None, str]:
    """What target groups say of it; of one that fails, where and why. Those that no listener uses check nothing."""
    found, worst = Health.HEALTHY, None
    for one in task.registrations:
        group = _group(one.target_group_arn)
        if group is None or not is_served(group):
            continue
        target = group.targets.get((one.id, one.port))
        if target is not None and target.state == "unhealthy":
            return Health.UNHEALTHY, one, target.description
        if target is None or target.state != "healthy":
            found, worst = Health.UNKNOWN, one
    return found, worst, ""


def is_checked(task: Task) -> bool:
    """Whether some target group tells of its health."""
    groups = (_group(one.target_group_arn) for one in task.registrations)
    return any(group is not None and is_served(group) for group in groups)


def is_served(group: Any) -> bool:
    """Whether a load balancer of the local cloud sends to the group."""
    if group.protocol not in ("HTTP", "HTTPS"):
        return False
    return any(backend._any_listener_using(group.arn) for backend in _backends())  # noqa: SLF001


def local_port(target_group_arn: str) -> int:
    """The port of this machine at which a load balancer serves the group; 0 where none does."""
    group = _group(target_group_arn)
    for arn in group.load_balancer_arns if group is not None else ():
        for backend in _backends():
            balancer = backend.load_balancers.get(arn)
            if balancer is not None and balancer.type == "application":
                return int(balancer.local_port)
    return 0


def _group(arn: str) -> Any:
    for backend in _backends():
        if arn in backend.target_groups:
            return backend.target_groups[arn]
    return None


def _backends() -> Iterator[Any]:
    loaded = sys.modules.get("moto.elbv2.models")
    for regions in list(loaded.elbv2_backends.values()) if loaded else []:
        yield from regions.values()
