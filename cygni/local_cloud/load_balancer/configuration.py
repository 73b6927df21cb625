"""The whole configuration of Envoy for a snapshot: what each of its files says. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cygni.local_cloud.data_plane.snapshot import (
    ElasticLoadBalancing,
    Forward,
    Listener,
    Target,
    TargetGroup,
)
from cygni.local_cloud.load_balancer.clusters import cluster
from cygni.local_cloud.load_balancer.health import Health, receiving
from cygni.local_cloud.load_balancer.listeners import listener as listener_configuration
from cygni.local_cloud.load_balancer.routes import route_configuration

ADMIN_SOCKET = "admin.sock"  # relative: the path of a socket may have some 100 characters
Resource = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the files are."""

    folder: Path

    @property
    def bootstrap(self) -> Path:
        return self.folder / "bootstrap.json"

    @property
    def listeners(self) -> Path:
        return self.folder / "listeners" / "all.json"

    @property
    def clusters(self) -> Path:
        return self.folder / "clusters" / "all.json"

    @property
    def routes(self) -> Path:
        return self.folder / "routes" / "all.json"

    def certificate(self, listener: Listener) -> tuple[Path, Path]:
        """Certificate and key; others for other names."""
        stem = hashlib.sha256(" ".join((listener.arn, *listener.names)).encode()).hexdigest()[:20]
        return self.folder / "certificates" / f"{stem}.crt", self.folder / "certificates" / f"{stem}.key"


@dataclass(frozen=True, slots=True)
class Configuration:
    """What the files say, one for each kind: Envoy watches each file with an inotify instance, of which Linux gives a
    user 128, for all programs together."""

    listeners: tuple[Resource, ...]
    clusters: tuple[Resource, ...]
    routes: Resource


def configuration(
    elbv2: ElasticLoadBalancing, health: Mapping[str, Mapping[Target, Health]], layout: Layout
) -> Configuration:
    """`health` gives for the ARN of each target group what is known of its targets."""
    groups = {group.arn: group for group in used_groups(elbv2)}
    return Configuration(
        listeners=tuple(
            listener_configuration(
                balancer, one, layout.routes, layout.certificate(one) if one.protocol == "HTTPS" else None
            )
            for balancer in elbv2.load_balancers
            for one in balancer.listeners
        ),
        clusters=tuple(
            cluster(group, receiving(group, health.get(arn, {}))) for arn, group in groups.items()
        ),
        routes=route_configuration(elbv2.load_balancers, groups),
    )


def used_groups(elbv2: ElasticLoadBalancing) -> list[TargetGroup]:
    """The target groups that some rule forwards to, even with weight 0: only these are served and checked."""
    used = {
        arn
        for balancer in elbv2.load_balancers
        for listener in balancer.listeners
        for rule in listener.rules
        if isinstance(rule.action, Forward)
        for arn, _ in rule.action.groups
    }
    return [group for group in elbv2.target_groups if group.arn in used]


def bootstrap(layout: Layout) -> Resource:
    """config.bootstrap.v3.Bootstrap: everything else is in the files."""

    def file(path: Path) -> Resource:
        return {"path_config_source": {"path": str(path)}, "resource_api_version": "V3"}

    return {
        "node": {"id": "cygni", "cluster": "cygni"},
        "admin": {"address": {"pipe": {"path": ADMIN_SOCKET, "mode": 0o600}}},
        "dynamic_resources": {
            "lds_config": file(layout.listeners),
            "cds_config": file(layout.clusters),
        },
        "stats_flush_interval": "1s",  # histograms are merged then; counters are always exact
        "stats_config": {"stats_matcher": {"inclusion_list": {"patterns": _statistics()}}},
    }


def _statistics() -> list[Resource]:
    """Of Envoy's hundreds of counters, those that are read here."""
    prefixes: Iterable[str] = ("alb.", "cluster_manager.cds.", "listener_manager.lds.", "http.alb.rds.")
    return [{"prefix": prefix} for prefix in prefixes]
