"""A listener's rules as Envoy's routes, of which the first that matches wins. Weights are here and nowhere else: a
change of them rewrites one file, and touches no connection."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from cygni.local_cloud.data_plane.snapshot import (
    FixedResponse,
    Forward,
    Listener,
    LoadBalancer,
    Redirect,
    Rule,
    TargetGroup,
    TargetStickiness,
)
from cygni.local_cloud.load_balancer import names, replies
from cygni.local_cloud.load_balancer.conditions import header_matches, route_match
from cygni.local_cloud.load_balancer.redirects import redirect

ROUTES = "all"
LISTENER_HEADER = "x-cygni-listener"
STATEFUL_SESSION = "envoy.filters.http.stateful_session"
GROUP_COOKIE = "AWSALBTG"
TARGET_COOKIES = {"lb_cookie": "AWSALB", "app_cookie": "AWSALBAPP-0"}
_TYPES = "type.googleapis.com"

Groups = Mapping[str, TargetGroup]


def route_configuration(balancers: Iterable[LoadBalancer], groups: Groups) -> dict[str, Any]:
    """config.route.v3.RouteConfiguration of all listeners: a virtual host each, which requests find by a header that
    their listener sets (listeners.py). `groups` are all target groups by their ARN."""
    return {
        "@type": f"{_TYPES}/envoy.config.route.v3.RouteConfiguration",
        "name": ROUTES,
        "vhost_header": LISTENER_HEADER,
        "request_headers_to_remove": [LISTENER_HEADER, "x-envoy-internal", "x-envoy-external-address"],
        "virtual_hosts": [
            virtual_host(balancer, listener, groups)
            for balancer in balancers
            for listener in balancer.listeners
        ],
    }


def virtual_host(balancer: LoadBalancer, listener: Listener, groups: Groups) -> dict[str, Any]:
    """The routes of one listener."""
    name = names.listener(listener.arn)
    return {
        "name": name,
        "domains": [name],
        "routes": [route for rule in listener.rules for route in _routes(rule, balancer, groups)],
        **_headers_for_targets(balancer),
    }


def _headers_for_targets(balancer: LoadBalancer) -> dict[str, Any]:
    """X-Forwarded-Port, and X-Forwarded-For as the load balancer's attribute asks (append, preserve or remove);
    X-Forwarded-Proto comes from Envoy."""
    added = [("x-forwarded-port", "%DOWNSTREAM_LOCAL_PORT%", "OVERWRITE_IF_EXISTS_OR_ADD")]
    if balancer.xff_mode == "append":
        client = "%DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT%"
        added.append(("x-forwarded-for", client, "APPEND_IF_EXISTS_OR_ADD"))
    return {
        "request_headers_to_add": [
            {"header": {"key": key, "value": value}, "append_action": how} for key, value, how in added
        ],
        "request_headers_to_remove": ["x-forwarded-for"] if balancer.xff_mode == "remove" else [],
    }


def _routes(rule: Rule, balancer: LoadBalancer, groups: Groups) -> Iterator[dict[str, Any]]:
    match = route_match(rule.conditions)
    if match is None:
        return
    action = rule.action
    if isinstance(action, Redirect):
        yield {"match": match, **redirect(action, balancer)}
    elif isinstance(action, FixedResponse):
        yield {"match": match, **_fixed(action)}
    else:
        if action.sticky_seconds is not None:
            yield from _kept_by_cookie(match, action, groups)
        yield {"match": match, **_forward(action, groups)}


def _kept_by_cookie(match: dict[str, Any], action: Forward, groups: Groups) -> Iterator[dict[str, Any]]:
    """A client that was given to a group stays with it, whatever the weights are now, and whether or not it has a
    healthy target (which is what AWS does, too)."""
    for arn, _ in action.groups:
        if arn in groups:
            held = rf"(?:.*;\s*)?{GROUP_COOKIE}={names.cookie(arn)}(?:\s*;.*)?"
            headers = [*match.get("headers", []), header_matches("cookie", held)]
            yield {
                "match": {**match, "headers": headers},
                **_forward(Forward(((arn, 1),), action.sticky_seconds), groups),
            }


def _forward(action: Forward, groups: Groups) -> dict[str, Any]:
    weighted = [
        _weighted(groups[arn], weight, action.sticky_seconds)
        for arn, weight in action.groups
        if arn in groups
    ]
    if not any(one["weight"] for one in weighted):
        return replies.fixed(503)
    return {
        "route": {
            "weighted_clusters": {"clusters": weighted},
            "timeout": "0s",  # only silence is limited: the listener's idle timeout
            "retry_policy": {
                # Where nothing has reached the target, nothing is lost by asking another.
                "retry_on": "connect-failure,refused-stream",
                "num_retries": 2,
                "retry_host_predicate": [
                    {
                        "name": "envoy.retry_host_predicates.previous_hosts",
                        "typed_config": {
                            "@type": f"{_TYPES}/envoy.extensions.retry.host.previous_hosts.v3."
                            "PreviousHostsPredicate"
                        },
                    }
                ],
                "host_selection_retry_max_attempts": 3,
                "retry_back_off": {"base_interval": "0.005s", "max_interval": "0.05s"},
            },
        }
    }


def _weighted(group: TargetGroup, weight: int, sticky_seconds: int | None) -> dict[str, Any]:
    cluster: dict[str, Any] = {"name": names.target_group(group.arn), "weight": weight}
    if sticky_seconds is not None:
        value = f"{GROUP_COOKIE}={names.cookie(group.arn)}; Max-Age={sticky_seconds}; Path=/"
        cluster["response_headers_to_add"] = [
            {"header": {"key": "set-cookie", "value": value}, "append_action": "APPEND_IF_EXISTS_OR_ADD"}
        ]
    if group.stickiness is not None:
        cluster["typed_per_filter_config"] = {STATEFUL_SESSION: _session(group.stickiness)}
    return cluster


def _session(stickiness: TargetStickiness) -> dict[str, Any]:
    state = {
        "@type": f"{_TYPES}/envoy.extensions.http.stateful_session.cookie.v3.CookieBasedSessionState",
        "cookie": {
            "name": TARGET_COOKIES[stickiness.type],
            "ttl": f"{stickiness.seconds}s",
            "path": "/",
        },
    }
    return {
        "@type": f"{_TYPES}/envoy.extensions.filters.http.stateful_session.v3.StatefulSessionPerRoute",
        "stateful_session": {
            "session_state": {"name": "envoy.http.stateful_session.cookie", "typed_config": state}
        },
    }


def _fixed(action: FixedResponse) -> dict[str, Any]:
    direct: dict[str, Any] = {"status": action.code}
    if action.body:
        direct["body"] = {"inline_string": action.body}
    kind = {
        "header": {"key": "content-type", "value": action.content_type or "text/plain"},
        "append_action": "OVERWRITE_IF_EXISTS_OR_ADD",
    }
    return {"direct_response": direct, "response_headers_to_add": [kind, replies.server_header()]}
