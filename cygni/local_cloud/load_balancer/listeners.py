"""A load balancer's listener as Envoy's."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from cygni.local_cloud.data_plane.snapshot import Listener, LoadBalancer
from cygni.local_cloud.identity import HOST
from cygni.local_cloud.load_balancer import names, replies
from cygni.local_cloud.load_balancer.routes import LISTENER_HEADER, ROUTES, STATEFUL_SESSION

STATISTICS = "alb"
_TYPES = "type.googleapis.com"
_HEADERS_KB = 64  # Elastic Load Balancing: HTTP header limits, the entire header


def listener_name(listener: Listener) -> str:
    """With its port: to Envoy, one that moves to another is another."""
    return f"{names.listener(listener.arn)}@{listener.local_port}"


def listener(
    balancer: LoadBalancer, listener: Listener, routes: Path, certificate: tuple[Path, Path] | None
) -> dict[str, Any]:
    """config.listener.v3.Listener. `routes` is the file of all routes; `certificate` are the files of an HTTPS
    listener's certificate and key."""
    chain: dict[str, Any] = {
        "filters": [
            {
                "name": "envoy.filters.network.http_connection_manager",
                "typed_config": _connection_manager(balancer, listener, routes),
            }
        ]
    }
    if certificate is not None:
        chain["transport_socket"] = _tls(*certificate)
    return {
        "@type": f"{_TYPES}/envoy.config.listener.v3.Listener",
        "name": listener_name(listener),
        "address": {"socket_address": {"address": HOST, "port_value": listener.local_port}},
        "filter_chains": [chain],
        "enable_reuse_port": False,  # a second process at the port is a mistake, and must fail
    }


def _connection_manager(balancer: LoadBalancer, listener: Listener, routes: Path) -> dict[str, Any]:
    idle = f"{balancer.idle_timeout:g}s"
    filters = f"{_TYPES}/envoy.extensions.filters.http"
    return {
        "@type": f"{_TYPES}/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager",
        "stat_prefix": STATISTICS,
        "codec_type": "AUTO",
        "early_header_mutation_extensions": [_tell_routes(names.listener(listener.arn))],
        "rds": {
            "route_config_name": ROUTES,
            "config_source": {"path_config_source": {"path": str(routes)}, "resource_api_version": "V3"},
        },
        # The client is whoever is connected. X-Forwarded-For is added by the routes: Envoy would name this machine's
        # outward address for a client on it.
        "use_remote_address": True,
        "skip_xff_append": True,
        "generate_request_id": False,
        "server_header_transformation": "PASS_THROUGH",
        "http_protocol_options": {"accept_http_10": True},
        "max_request_headers_kb": _HEADERS_KB,
        "upgrade_configs": [{"upgrade_type": "websocket"}],
        "stream_idle_timeout": idle,
        "request_headers_timeout": idle,
        "common_http_protocol_options": {
            "idle_timeout": idle,
            "max_connection_duration": f"{balancer.client_keep_alive:g}s",
        },
        "local_reply_config": replies.local_replies(),
        "access_log": _statistics(balancer),
        "http_filters": [
            {
                "name": STATEFUL_SESSION,
                "typed_config": {"@type": f"{filters}.stateful_session.v3.StatefulSession"},
            },
            {
                "name": "envoy.filters.http.router",
                "typed_config": {"@type": f"{filters}.router.v3.Router", "suppress_envoy_headers": True},
            },
        ],
    }


def _tell_routes(name: str) -> dict[str, Any]:
    """Sets the header by which a request finds the routes of its listener, whatever the client has sent."""
    header = {
        "header": {"key": LISTENER_HEADER, "value": name},
        "append_action": "OVERWRITE_IF_EXISTS_OR_ADD",
    }
    return {
        "name": "envoy.http.early_header_mutation.header_mutation",
        "typed_config": {
            "@type": f"{_TYPES}/envoy.extensions.http.early_header_mutation.header_mutation.v3.HeaderMutation",
            "mutations": [{"append": header}],
        },
    }


def _statistics(balancer: LoadBalancer) -> list[dict[str, Any]]:
    """One counter for each combination of target group, code and reason, and one histogram for each target group:
    counted when a request has ended, in Envoy's memory, which outlives the data plane (statistics.py reads them)."""
    of = [
        {"name": "lb", "value_format": names.load_balancer(balancer.arn)},
        {"name": "tg", "value_format": "%UPSTREAM_CLUSTER%"},
    ]
    why = [
        {"name": "code", "value_format": "%RESPONSE_CODE%"},
        {"name": "why", "value_format": "%RESPONSE_CODE_DETAILS%"},
    ]
    time = {
        "stat": {"name": "time", "tags": of},
        "unit": "Microseconds",
        "value_format": "%COMMON_DURATION(US_TX_END:US_RX_BEG:us)%",
    }
    return [
        _logger({"counters": [{"stat": {"name": "requests", "tags": [*of, *why]}, "value_fixed": 1}]}),
        _logger({"histograms": [time]}) | {"filter": _answered_by_target()},
    ]


def _logger(told: dict[str, Any]) -> dict[str, Any]:
    kind = f"{_TYPES}/envoy.extensions.access_loggers.stats.v3.Config"
    return {
        "name": "envoy.access_loggers.stats",
        "typed_config": {"@type": kind, "stats_scope": {"prefix": STATISTICS}, **told},
    }


def _answered_by_target() -> dict[str, Any]:
    return {
        "extension_filter": {
            "name": "envoy.access_loggers.extension_filters.cel",
            "typed_config": {
                "@type": f"{_TYPES}/envoy.extensions.access_loggers.filters.cel.v3.ExpressionFilter",
                "expression": "response.code_details == 'via_upstream'",
            },
        }
    }


def _tls(certificate: Path, key: Path) -> dict[str, Any]:
    return {
        "name": "envoy.transport_sockets.tls",
        "typed_config": {
            "@type": f"{_TYPES}/envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext",
            "common_tls_context": {
                "alpn_protocols": ["h2", "http/1.1"],
                "tls_certificates": [
                    {
                        "certificate_chain": {"filename": str(certificate)},
                        "private_key": {"filename": str(key)},
                    }
                ],
            },
        },
    }
