"""A target group as Envoy's cluster."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from cygni.local_cloud.data_plane.snapshot import Target, TargetGroup
from cygni.local_cloud.load_balancer import names
from cygni.local_cloud.load_balancer.endpoints import endpoints

_TYPES = "type.googleapis.com"
_CONNECT_SECONDS = (
    10  # Elastic Load Balancing: HTTP 504, "before the connection timeout expired (10 seconds)"
)
# Common servers close a connection that was idle for 5 s (Node.js, uvicorn), some after 2 s (gunicorn), and a request
# that is sent in that moment is lost. Opening one on this machine costs next to nothing.
_IDLE_SECONDS = 1.5
_NO_LIMIT = 1_000_000
_POLICIES = {"least_outstanding_requests": "LEAST_REQUEST", "weighted_random": "RANDOM"}


def cluster(group: TargetGroup, receiving: Collection[Target]) -> dict[str, Any]:
    """config.cluster.v3.Cluster; the targets in `receiving` get requests. Whether a target is healthy is decided by
    health.py, and so is what happens when none is: Envoy itself neither checks nor panics.

    The targets are written here and not in files of their own (configuration.py says why). A cluster that changes is
    replaced, and finishes what it has begun.
    """
    told: dict[str, Any] = {
        "@type": f"{_TYPES}/envoy.config.cluster.v3.Cluster",
        "name": names.target_group(group.arn),
        "type": "STATIC",
        "load_assignment": endpoints(group, receiving),
        "connect_timeout": f"{_CONNECT_SECONDS}s",
        "lb_policy": _POLICIES.get(group.algorithm, "ROUND_ROBIN"),
        "common_lb_config": {"healthy_panic_threshold": {"value": 0}},
        "circuit_breakers": {
            "thresholds": [
                {
                    "max_connections": _NO_LIMIT,
                    "max_pending_requests": _NO_LIMIT,
                    "max_requests": _NO_LIMIT,
                    "max_retries": _NO_LIMIT,
                }
            ]
        },
        "typed_extension_protocol_options": {
            "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": {
                "@type": f"{_TYPES}/envoy.extensions.upstreams.http.v3.HttpProtocolOptions",
                "common_http_protocol_options": {"idle_timeout": f"{_IDLE_SECONDS:g}s"},
                "explicit_http_config": (
                    {"http_protocol_options": {}}
                    if group.protocol_version == "HTTP1"
                    else {"http2_protocol_options": {}}
                ),
            }
        },
    }
    if group.protocol == "HTTPS":  # targets' certificates are not validated, by AWS either
        context = f"{_TYPES}/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext"
        told["transport_socket"] = {
            "name": "envoy.transport_sockets.tls",
            "typed_config": {"@type": context},
        }
    return told
