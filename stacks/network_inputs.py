"""What the foundation stack is given of its network, and how it follows from the specification (pure)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from cygni.spec import FlowLogs, ProjectSpec

_TRAFFIC = {FlowLogs.REJECTED: "REJECT", FlowLogs.ALL: "ALL"}
_Tags = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class FlowLogInputs:
    """`traffic` as EC2 names it; `retention` in days."""

    traffic: str
    retention: int


@dataclass(frozen=True)
class VpcInputs:
    """An existing VPC, by id or by tags, and the tags of its subnets; empty where nothing was written."""

    id: str
    tags: _Tags
    public_subnets: _Tags
    private_subnets: _Tags
    isolated_subnets: _Tags


def flow_log_inputs(spec: ProjectSpec) -> FlowLogInputs | None:
    traffic = _TRAFFIC.get(spec.network.flow_logs)
    return FlowLogInputs(traffic, spec.log_retention) if traffic else None


def vpc_inputs(spec: ProjectSpec) -> VpcInputs | None:
    vpc = spec.network.vpc
    if vpc is None:
        return None
    return VpcInputs(
        vpc.id or "",
        _tags(vpc.tags),
        _tags(vpc.public_subnets),
        _tags(vpc.private_subnets),
        _tags(vpc.isolated_subnets),
    )


def _tags(tags: Mapping[str, str] | None) -> _Tags:
    return tuple(sorted((tags or {}).items()))
