"""Where moto 5.2 differs from AWS in a way that the stacks meet, put right in this process. Each with its reason."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any


def apply() -> None:
    """Put right what concerns every service; calling it again changes nothing."""
    _remember_method_names()


def apply_to(service: str) -> None:
    """Put right what concerns one service of moto's, once its modules are loaded."""
    fix = _FIXES.get(service)
    if fix is not None and service not in _applied:
        _applied.add(service)
        fix()


def _remember_method_names() -> None:
    """moto inspects the whole class of a service at each call (about 2 ms for EC2); a class does not change."""
    from moto.core import responses

    if not hasattr(responses.method_names_from_class, "cache_info"):
        responses.method_names_from_class = functools.cache(responses.method_names_from_class)


def _fix_ecs() -> None:
    """A network configuration without security groups is valid: AWS then uses the VPC's default group. moto
    raises KeyError, for services and for tasks."""
    from moto.ecs.models import Service, Task

    def with_groups(configuration: Any) -> None:
        network = (configuration or {}).get("awsvpcConfiguration")
        if network is not None:
            network.setdefault("securityGroups", [])
            network.setdefault("assignPublicIp", "DISABLED")

    _before(Service, "_validate_network", lambda self, configuration: with_groups(configuration))
    _before(
        Task,
        "__init__",
        lambda self, *args, **named: with_groups(named.get("networking_configuration")),
    )


def _fix_ec2() -> None:
    """A VPC is deleted only when it is empty, and takes its default network ACL along. moto deletes it below an
    attached internet gateway, security groups, network interfaces and endpoints, and leaves the ACL behind: a
    destroy in the wrong order would pass here and fail on AWS."""
    from moto.ec2.exceptions import DependencyViolationError
    from moto.ec2.models import EC2Backend

    def refuse_when_used(backend: Any, vpc_id: str) -> None:
        for kind, resource_id in _inside_vpc(backend, vpc_id):
            raise DependencyViolationError(
                f"The vpc '{vpc_id}' has dependencies and cannot be deleted ({kind} {resource_id})."
            )

    def remove_default_acl(backend: Any, vpc_id: str) -> None:
        for acl_id, acl in list(backend.network_acls.items()):
            if acl.vpc_id == vpc_id:
                del backend.network_acls[acl_id]

    _before(EC2Backend, "delete_vpc", refuse_when_used)
    _after(EC2Backend, "delete_vpc", remove_default_acl)


def _inside_vpc(backend: Any, vpc_id: str) -> list[tuple[str, str]]:
    """What keeps AWS from deleting a VPC, beyond what moto looks at itself (subnets, route tables, gateways of
    VPNs)."""
    gateways = [g for g in backend.internet_gateways.values() if g.vpc and g.vpc.id == vpc_id]
    groups = [g for g in backend.groups.get(vpc_id, {}).values() if g.name != "default"]
    acls = [a for a in backend.network_acls.values() if a.vpc_id == vpc_id and not a.default]
    endpoints = [e for e in backend.vpc_end_points.values() if e.vpc_id == vpc_id and e.state != "deleted"]
    found = [("internet gateway", gateways), ("security group", groups)]
    found += [("network ACL", acls), ("VPC endpoint", endpoints)]
    return [(kind, str(resource.id)) for kind, resources in found for resource in resources]


def _before(owner: Any, name: str, first: Callable[..., None]) -> None:
    """Run `first` with a method's arguments before the method."""
    original = getattr(owner, name)

    @functools.wraps(original)
    def method(self: Any, *args: Any, **named: Any) -> Any:
        first(self, *args, **named)
        return original(self, *args, **named)

    setattr(owner, name, method)


def _after(owner: Any, name: str, then: Callable[..., None]) -> None:
    """Run `then` with a method's arguments once the method has returned."""
    original = getattr(owner, name)

    @functools.wraps(original)
    def method(self: Any, *args: Any, **named: Any) -> Any:
        answer = original(self, *args, **named)
        then(self, *args, **named)
        return answer

    setattr(owner, name, method)


_FIXES: dict[str, Callable[[], None]] = {"ecs": _fix_ecs, "ec2": _fix_ec2}
_applied: set[str] = set()
