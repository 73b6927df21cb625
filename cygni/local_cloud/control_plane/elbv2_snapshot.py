"""Reads section `elbv2` of the snapshot from moto's objects."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

from cygni.local_cloud.data_plane.snapshot import (
    Action,
    Condition,
    DrainingTarget,
    ElasticLoadBalancing,
    FixedResponse,
    Forward,
    HealthCheck,
    Listener,
    LoadBalancer,
    Redirect,
    Rule,
    Target,
    TargetGroup,
    TargetStickiness,
)


def read() -> ElasticLoadBalancing:
    backends = list(elbv2_backends())
    balancers = [one for backend in backends for one in backend.load_balancers.values()]
    groups = [one for backend in backends for one in backend.target_groups.values()]
    return ElasticLoadBalancing(
        load_balancers=tuple(_load_balancer(one) for one in balancers if one.type == "application"),
        target_groups=tuple(_target_group(one) for one in groups if one.protocol in ("HTTP", "HTTPS")),
    )


def elbv2_backends() -> Iterator[Any]:
    """moto's backends of every account and region, where the service is in use."""
    loaded = sys.modules.get("moto.elbv2.models")
    for regions in list(loaded.elbv2_backends.values()) if loaded else []:
        yield from regions.values()


def _load_balancer(balancer: Any) -> LoadBalancer:
    attributes = balancer.attrs
    listeners = list(balancer.listeners.values())
    first = _first(listeners)
    return LoadBalancer(
        arn=balancer.arn,
        name=balancer.name,
        local_port=balancer.local_port,
        listeners=tuple(
            _listener(one, balancer.local_port if one is first else one.local_port) for one in listeners
        ),
        idle_timeout=float(attributes["idle_timeout.timeout_seconds"]),
        client_keep_alive=float(attributes["client_keep_alive.seconds"]),
        xff_mode=attributes["routing.http.xff_header_processing.mode"],
    )


def _first(listeners: list[Any]) -> Any:
    """The listener at the load balancer's own address: HTTP on port 80, else the first HTTP one, else the first."""
    plain = [one for one in listeners if one.protocol == "HTTP"]
    usual = [one for one in plain if int(one.port) == 80]
    return next(iter([*usual, *plain, *listeners]), None)


def _listener(listener: Any, local_port: int) -> Listener:
    default = listener._default_rule[0]  # noqa: SLF001  # moto has no other way in
    others = [one for one in listener.rules.values() if one is not default]
    ordered = [*sorted(others, key=lambda one: int(one.priority)), default]
    return Listener(
        arn=listener.arn,
        protocol=listener.protocol,
        port=int(listener.port),
        local_port=local_port,
        rules=tuple(
            Rule(rule.arn, tuple(_condition(one) for one in rule.conditions), _action(rule.actions))
            for rule in ordered
        ),
        names=_certificate_names(listener) if listener.protocol == "HTTPS" else (),
    )


def _certificate_names(listener: Any) -> tuple[str, ...]:
    acm = sys.modules.get("moto.acm.models")
    account, region = listener.arn.split(":")[4], listener.arn.split(":")[3]
    held = acm.acm_backends[account][region]._certificates if acm else {}  # noqa: SLF001
    names = [name for arn in listener.certificates or () if arn in held for name in _names(held[arn])]
    return tuple(dict.fromkeys(names))


def _names(certificate: Any) -> list[str]:
    told = certificate.describe()["Certificate"]
    return [told["DomainName"], *told.get("SubjectAlternativeNames", ())]


_CONFIGURATION = {
    "host-header": "HostHeaderConfig",
    "path-pattern": "PathPatternConfig",
    "http-header": "HttpHeaderConfig",
    "http-request-method": "HttpRequestMethodConfig",
    "query-string": "QueryStringConfig",
    "source-ip": "SourceIpConfig",
}


def _condition(given: dict[str, Any]) -> Condition:
    field = given["Field"]
    inside = given.get(_CONFIGURATION[field]) or {}
    values = inside.get("Values") or given.get("Values") or []
    if field == "query-string":
        return Condition(field, pairs=tuple((one.get("Key") or "", one["Value"]) for one in values))
    return Condition(field, tuple(values), name=inside.get("HttpHeaderName", ""))


def _action(actions: list[Any]) -> Action:
    """The action that answers; those that authenticate come before it and are not carried out here."""
    data = actions[-1].data
    if data["Type"] == "redirect":
        to = data["RedirectConfig"]
        return Redirect(
            code=int(to["StatusCode"].removeprefix("HTTP_")),
            protocol=to.get("Protocol", "#{protocol}"),
            host=to.get("Host", "#{host}"),
            port=str(to.get("Port", "#{port}")),
            path=to.get("Path", "/#{path}"),
            query=to.get("Query", "#{query}"),
        )
    if data["Type"] == "fixed-response":
        answer = data["FixedResponseConfig"]
        return FixedResponse(
            int(answer["StatusCode"]), answer.get("ContentType", "text/plain"), answer.get("MessageBody", "")
        )
    return _forward(data)


def _forward(data: dict[str, Any]) -> Forward:
    inside = data.get("ForwardConfig") or {}
    groups = inside.get("TargetGroups") or [{"TargetGroupArn": data["TargetGroupArn"]}]
    sticky = inside.get("TargetGroupStickinessConfig") or {}
    enabled = str(sticky.get("Enabled", False)).lower() == "true"
    return Forward(
        groups=tuple((one["TargetGroupArn"], int(one.get("Weight", 1))) for one in groups),
        sticky_seconds=int(sticky.get("DurationSeconds") or 3600) if enabled else None,
    )


def _target_group(group: Any) -> TargetGroup:
    attributes = group.attributes
    return TargetGroup(
        arn=group.arn,
        protocol=group.protocol,
        protocol_version=group.protocol_version or "HTTP1",
        port=int(group.port or 0),
        health_check=HealthCheck(
            protocol=group.health_check_protocol or "HTTP",
            port=str(group.health_check_port or "traffic-port"),
            path=group.health_check_path or "/",
            interval=float(group.health_check_interval_seconds),
            timeout=float(group.health_check_timeout_seconds),
            healthy_threshold=int(group.healthy_threshold_count),
            unhealthy_threshold=int(group.unhealthy_threshold_count),
            codes=str(
                (group.matcher or {}).get("HttpCode") or (group.matcher or {}).get("GrpcCode") or "200"
            ),
        ),
        deregistration_delay=float(attributes["deregistration_delay.timeout_seconds"]),
        algorithm=attributes["load_balancing.algorithm.type"],
        stickiness=_stickiness(attributes),
        targets=tuple(Target(one.id, one.port, one.since) for one in group.targets.values()),
        draining=tuple(
            DrainingTarget(one.id, one.port, one.since) for one in group.deregistered_targets.values()
        ),
    )


def _stickiness(attributes: dict[str, Any]) -> TargetStickiness | None:
    if str(attributes.get("stickiness.enabled")).lower() != "true":
        return None
    if attributes.get("stickiness.type") == "app_cookie":
        return TargetStickiness(
            "app_cookie",
            int(attributes.get("stickiness.app_cookie.duration_seconds", 86400)),
            attributes["stickiness.app_cookie.cookie_name"],
        )
    return TargetStickiness("lb_cookie", int(attributes.get("stickiness.lb_cookie.duration_seconds", 86400)))
