"""Where moto's Elastic Load Balancing differs from AWS in a way that the stacks and releases meet; applied by
moto_fixes.py. Each with its reason."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from cygni.local_cloud.control_plane.ports import HTTP_PORTS, HTTPS_PORTS, ports
from cygni.local_cloud.identity import HOST
from cygni.local_cloud.patching import after, before


@dataclass
class RegisteredTarget:
    """What is known of a target, as DescribeTargetHealth tells it. `since` is when it was registered, or, of one that
    drains, deregistered; seconds since the epoch."""

    id: str
    port: int
    since: float
    state: str = "initial"
    reason: str = "Elb.RegistrationInProgress"
    description: str = "Target registration is in progress"


def fix_elbv2() -> None:
    """Called once, before moto's Elastic Load Balancing answers."""
    _fix_attributes_and_certificates()
    _fix_rules()
    _fix_addresses()
    _fix_targets()


def _fix_attributes_and_certificates() -> None:
    """moto forgets the list of a listener's certificates when its default one is set again, has a certificate in it
    twice, and removes the default one with that in the list, which AWS refuses; its list begins with the default
    one. It has attributes of an application load balancer only once they were set."""
    from moto.elbv2.exceptions import ELBClientError
    from moto.elbv2.models import ELBv2Backend, FakeLoadBalancer

    def listener_of(backend: Any, arn: str) -> Any:
        return backend.describe_listeners(load_balancer_arn=None, listener_arns=[arn])[0]

    def with_defaults(balancer: Any, answer: Any, *args: Any, **named: Any) -> None:
        if balancer.type == "application":
            balancer.attrs |= _APPLICATION_DEFAULTS

    def keep_further(
        backend: Any, arn: str, port: Any, protocol: Any, policy: Any, certificates: Any, actions: Any
    ) -> None:
        if certificates:
            listed = (listener_of(backend, arn).certificates or ())[1:]
            certificates[1:] = [{"CertificateArn": one} for one in listed]

    def not_twice(backend: Any, arn: str, certificates: Any) -> None:
        listed = listener_of(backend, arn).certificates[1:]
        certificates[:] = [one for one in certificates if one["CertificateArn"] not in listed]

    def refuse_default(backend: Any, arn: str, certificates: Any) -> None:
        default = listener_of(backend, arn).certificates[0]
        if default in {one["CertificateArn"] for one in certificates}:
            raise ELBClientError("OperationNotPermitted", "Default certificate cannot be removed")

    before(ELBv2Backend, "modify_listener", keep_further)
    before(ELBv2Backend, "add_listener_certificates", not_twice)
    before(ELBv2Backend, "remove_listener_certificates", refuse_default)
    after(FakeLoadBalancer, "__init__", with_defaults)


def _fix_rules() -> None:
    """moto makes two listeners for one port; lists a target group's load balancers more than once, and those it no
    longer serves, but not those it came to serve by a changed rule; changes default rules unknown to their listeners;
    and lets no two rules change places."""
    from moto.elbv2.exceptions import DuplicateListenerError, PriorityInUseError
    from moto.elbv2.exceptions import ELBClientError as ClientError
    from moto.elbv2.models import ELBv2Backend, FakeTargetGroup, elbv2_backends

    def refuse_twin(
        backend: Any, load_balancer_arn: str, protocol: Any, port: Any, *args: Any, **named: Any
    ) -> None:
        balancer = backend.load_balancers.get(load_balancer_arn)
        if balancer and str(port) in {str(one.port) for one in balancer.listeners.values()}:
            raise DuplicateListenerError

    def load_balancers(group: Any) -> list[str]:
        backend = elbv2_backends[group.account_id][group.region_name]
        return [
            balancer.arn
            for balancer in backend.load_balancers.values()
            if any(
                group.arn in _forwarded_to(rule)
                for one in balancer.listeners.values()
                for rule in one.rules.values()
            )
        ]

    def refuse_default(backend: Any, rule_arn: str, *args: Any, **named: Any) -> None:
        [rule] = backend.describe_rules(listener_arn=None, rule_arns=[rule_arn])
        if rule.is_default:
            raise ClientError("OperationNotPermitted", f"Default rule '{rule_arn}' cannot be modified")

    def set_priorities(backend: Any, rule_priorities: list[Any]) -> list[Any]:
        wanted = {one["RuleArn"]: int(one["Priority"]) for one in rule_priorities}
        rules = backend.describe_rules(listener_arn=None, rule_arns=list(wanted))
        [listener] = backend.describe_listeners(None, [rules[0].listener_arn])
        others = {
            int(one.priority)
            for one in listener.rules.values()
            if not one.is_default and one.arn not in wanted
        }
        if others & set(wanted.values()) or len(set(wanted.values())) < len(wanted):
            raise PriorityInUseError
        for rule in rules:
            rule.priority = wanted[rule.arn]
        return list(rules)

    before(ELBv2Backend, "create_listener", refuse_twin)
    before(ELBv2Backend, "modify_rule", refuse_default)
    ELBv2Backend.set_rule_priorities = set_priorities
    FakeTargetGroup.load_balancer_arns = property(load_balancers, lambda group, given: None)


def _forwarded_to(rule: Any) -> set[str]:
    """The target groups that a rule's actions name."""
    found = set()
    for action in rule.actions:
        inside = action.data.get("ForwardConfig") or {}
        groups = inside.get("TargetGroups") or ([action.data] if "TargetGroupArn" in action.data else [])
        found |= {one["TargetGroupArn"] for one in groups}
    return found


def _fix_addresses() -> None:
    """Load balancers are served on this machine: each has a port of its own, and that address is its DNS name."""
    from moto.elbv2.models import ELBv2Backend

    def with_address(backend: Any, balancer: Any, *args: Any, **named: Any) -> None:
        if balancer.type == "application":
            balancer.local_port = ports.reserve(HTTP_PORTS)
            balancer.dns_name = f"{HOST}:{balancer.local_port}"

    def with_port(backend: Any, listener: Any, *args: Any, **named: Any) -> None:
        balancer = backend.load_balancers[listener.load_balancer_arn]
        if balancer.type == "application":
            listener.local_port = ports.reserve(HTTPS_PORTS if listener.protocol == "HTTPS" else HTTP_PORTS)

    def let_go(backend: Any, arn: str) -> None:
        balancer = backend.load_balancers.get(arn)
        for owner in [balancer, *balancer.listeners.values()] if balancer else []:
            ports.release(getattr(owner, "local_port", 0))

    def let_go_of_listener(backend: Any, listener: Any, *args: Any, **named: Any) -> None:
        ports.release(getattr(listener, "local_port", 0))

    after(ELBv2Backend, "create_load_balancer", with_address)
    after(ELBv2Backend, "create_listener", with_port)
    before(ELBv2Backend, "delete_load_balancer", let_go)
    after(ELBv2Backend, "delete_listener", let_go_of_listener)


def _fix_targets() -> None:
    """moto knows one target of an address, whatever its port; it says of each at once that it is healthy, and of a
    deregistered one that it is unused. It lists no draining ones, and complains of a target that is not there to be
    deregistered."""
    from moto.elbv2.exceptions import TargetNotRunning
    from moto.elbv2.models import ELBv2Backend, FakeHealthStatus, FakeTargetGroup

    def key(group: Any, target: Any) -> tuple[str, int]:
        return str(target["Id"]), int(target.get("Port") or group.port or 0)

    def register(group: Any, targets: list[Any]) -> None:
        for target in targets:
            instance = group.ec2_backend.get_instance_by_id(target["Id"])
            if instance and instance.state != "running":
                raise TargetNotRunning(instance_id=target["Id"])
            one = key(group, target)
            group.deregistered_targets.pop(one, None)
            group.targets.setdefault(one, RegisteredTarget(*one, since=time.time()))

    def deregister(group: Any, targets: list[Any]) -> None:
        for one in [one for target in targets for one in _meant(group, target)]:
            group.targets.pop(one)
            group.deregistered_targets[one] = RegisteredTarget(
                *one, time.time(), "draining", "Target.DeregistrationInProgress",
                "Target deregistration is in progress",
            )  # fmt: skip

    def deregister_terminated(group: Any, instance_ids: list[str]) -> None:
        gone = [{"Id": one[0], "Port": one[1]} for one in group.targets if one[0] in instance_ids]
        if gone:
            deregister(group, gone)

    def describe(backend: Any, target_group_arn: str, targets: list[Any]) -> list[Any]:
        group = backend.describe_target_groups(None, [target_group_arn], None)[0]
        known = {**group.deregistered_targets, **group.targets}
        asked = [key(group, target) for target in targets] or list(known)
        used = backend._any_listener_using(target_group_arn)  # noqa: SLF001
        return [
            FakeHealthStatus(one[0], one[1], _health_port(group, one[1]), *_health(known.get(one), used=used))
            for one in asked
        ]

    FakeTargetGroup.register = register
    FakeTargetGroup.deregister = deregister
    FakeTargetGroup.deregister_terminated_instances = deregister_terminated
    ELBv2Backend.describe_target_health = describe


def _meant(group: Any, target: Any) -> Iterator[tuple[str, int]]:
    """The registered targets that a call means: without a port, every one of the address."""
    port = target.get("Port")
    for one in list(group.targets):
        if one[0] == target["Id"] and port in (None, "", one[1], str(one[1])):
            yield one


def _health_port(group: Any, port: int) -> str:
    return str(port if group.health_check_port == "traffic-port" else group.health_check_port)


def _health(target: RegisteredTarget | None, *, used: bool) -> tuple[str, str | None, str | None]:
    if target is None:
        return "unused", "Target.NotRegistered", "Target is not registered to the target group"
    if not used and target.state != "draining":
        return (
            "unused",
            "Target.NotInUse",
            "Target group is not configured to receive traffic from the load balancer",
        )
    return target.state, target.reason or None, target.description or None


_APPLICATION_DEFAULTS = {
    "client_keep_alive.seconds": "3600",
    "idle_timeout.timeout_seconds": "60",
    "routing.http.desync_mitigation_mode": "defensive",
    "routing.http.drop_invalid_header_fields.enabled": "false",
    "routing.http.preserve_host_header.enabled": "false",
    "routing.http.x_amzn_tls_version_and_cipher_suite.enabled": "false",
    "routing.http.xff_client_port.enabled": "false",
    "routing.http.xff_header_processing.mode": "append",
    "routing.http2.enabled": "true",
    "waf.fail_open.enabled": "false",
    "zonal_shift.config.enabled": "false",
}
"""Attributes an application load balancer begins with (Elastic Load Balancing API, LoadBalancerAttribute)."""
