"""What the foundation stack is given of a Kubernetes cluster, and how the specification tells it (pure)."""

from __future__ import annotations

from dataclasses import dataclass

from cygni.naming import cluster_name
from cygni.spec import ProjectSpec


@dataclass(frozen=True)
class NodeGroupInputs:
    """One group of nodes: `size` of them, between `least` and `most`; `disk` in GiB."""

    name: str
    instance_types: tuple[str, ...]
    architecture: str
    least: int
    size: int
    most: int
    spot: bool
    disk: int


@dataclass(frozen=True)
class KubernetesInputs:
    """A cluster and its nodes. `public_from` is empty where the API is reached from the VPC alone; `log_retention`
    in days."""

    cluster: str
    version: str
    node_groups: tuple[NodeGroupInputs, ...]
    public_from: tuple[str, ...]
    admins: tuple[str, ...]
    logs: tuple[str, ...]
    log_retention: int
    extended_support: bool
    secrets_key: bool


def kubernetes_inputs(spec: ProjectSpec) -> KubernetesInputs | None:
    """None where the specification has no cluster."""
    wanted = spec.kubernetes
    if wanted is None:
        return None
    return KubernetesInputs(
        cluster=cluster_name(spec.project, spec.environment),
        version=wanted.version,
        node_groups=tuple(
            NodeGroupInputs(
                name=name,
                instance_types=group.types,
                architecture=str(group.architecture),
                least=group.min,
                size=group.size,
                most=group.most,
                spot=group.spot,
                disk=group.disk,
            )
            for name, group in sorted(wanted.node_groups.items())
        ),
        public_from=wanted.public_from,
        admins=wanted.admins,
        logs=wanted.logs,
        log_retention=spec.log_retention,
        extended_support=wanted.support == "extended",
        secrets_key=wanted.secrets_key,
    )
