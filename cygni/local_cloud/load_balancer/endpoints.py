"""A target group's targets as Envoy's endpoints."""

from __future__ import annotations

import ipaddress
from collections.abc import Collection
from typing import Any

from cygni.local_cloud.data_plane.snapshot import DrainingTarget, Target, TargetGroup
from cygni.local_cloud.load_balancer import names


def endpoints(group: TargetGroup, receiving: Collection[Target]) -> dict[str, Any]:
    """config.endpoint.v3.ClusterLoadAssignment. Those in `receiving` get requests; the others stay listed, so that
    what they have begun is finished. Targets elsewhere are left out: nothing here leaves this machine."""
    states: list[tuple[Target | DrainingTarget, str]]
    states = [(one, "HEALTHY" if one in receiving else "UNHEALTHY") for one in group.targets]
    states += [(one, "DRAINING") for one in group.draining]
    return {
        "cluster_name": names.target_group(group.arn),
        "endpoints": [{"lb_endpoints": [_endpoint(one, state) for one, state in states if is_here(one.id)]}],
    }


def is_here(address: str) -> bool:
    """Whether a target's address is this machine's own."""
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:  # the id of an instance
        return False


def _endpoint(target: Target | DrainingTarget, state: str) -> dict[str, Any]:
    address = {"socket_address": {"address": target.id, "port_value": target.port}}
    return {"health_status": state, "endpoint": {"address": address}}
