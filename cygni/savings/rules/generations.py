"""Instances of an older generation than there is."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from cygni.resources import Resource
from cygni.savings.rule import Candidate, Change, Rule, Situation

_SUCCESSORS: Final[Mapping[str, tuple[str, ...]]] = {
    "t2": ("t4g",),
    "t3": ("t4g",),
    "t3a": ("t4g",),
    "m4": ("m7g",),
    "m5": ("m7g",),
    "m6i": ("m7g",),
    "c5": ("c7g",),
    "r5": ("r7g",),
    "r6i": ("r7g",),
}
"""The newest families on Graviton with as many vCPUs and as much memory in each size (AWS's pages of EC2, RDS and
ElastiCache instance types), but for those of whole machines."""
_GRAVITON_ENGINES: Final = ("postgres", "mysql", "mariadb", "aurora-postgresql", "aurora-mysql")
"""Engines that RDS runs on Graviton (RDS User Guide, supported DB engines for DB instance classes)."""


@dataclass(frozen=True, slots=True)
class _Kind:
    """Resources of `type` whose class is the input `key`, which begins with `prefix`; `section` and `setting` are the
    place of it in cygni.yaml, whose name for it has nothing of what `numbered` fits at the end."""

    type: str
    key: str
    prefix: str
    section: str
    setting: str
    caution: str
    engines: tuple[str, ...] = ()
    numbered: str = ""


_OUTAGE: Final = "It restarts in the next maintenance window, or at once if the program says so."
_KINDS: Final = (
    _Kind(
        "aws:rds/instance:Instance",
        "instanceClass",
        "db.",
        "databases",
        "instance_class",
        _OUTAGE,
        _GRAVITON_ENGINES,
        r"-replica-[0-9]+",
    ),
    _Kind(
        "aws:rds/clusterInstance:ClusterInstance",
        "instanceClass",
        "db.",
        "databases",
        "instance_class",
        _OUTAGE,
        _GRAVITON_ENGINES,
        r"-[0-9]+",
    ),
    _Kind(
        "aws:elasticache/replicationGroup:ReplicationGroup",
        "nodeType",
        "cache.",
        "caches",
        "node_type",
        "Its nodes are replaced one after the other.",
    ),
    _Kind(
        "aws:elasticache/cluster:Cluster",
        "nodeType",
        "cache.",
        "caches",
        "node_type",
        "Its nodes are replaced one after the other.",
    ),
    _Kind(
        "aws:ec2/instance:Instance",
        "instanceType",
        "",
        "",
        "",
        "The instance stops meanwhile, and its image and programs must be built for arm64.",
    ),
)


def successors(instance_class: str, prefix: str) -> Iterator[str]:
    """`db.t3.micro` as `db.t4g.micro`; nothing for what has no successor."""
    family, dot, size = instance_class.removeprefix(prefix).partition(".")
    if dot and instance_class.startswith(prefix) and not size.startswith("metal"):
        yield from (f"{prefix}{newer}.{size}" for newer in _SUCCESSORS.get(family, ()))


def _old(situation: Situation) -> Iterable[Candidate]:
    for kind in _KINDS:
        for resource in situation.known.of_type(kind.type):
            present = resource.inputs.get(kind.key)
            if not isinstance(present, str) or not _runs_on_graviton(resource, kind):
                continue
            for newer in successors(present, kind.prefix):
                yield Candidate(
                    subject=resource.urn,
                    seen=f"{present}, of which there is a newer generation",
                    changed={resource.urn: replace(resource, inputs={**resource.inputs, kind.key: newer})},
                    change=_change(situation, resource, kind, newer),
                    caution=kind.caution,
                )


def _runs_on_graviton(resource: Resource, kind: _Kind) -> bool:
    return not kind.engines or resource.inputs.get("engine") in kind.engines


def _change(situation: Situation, resource: Resource, kind: _Kind, newer: str) -> Change:
    name = situation.own_name(resource) if kind.section else None
    if name is None:
        return Change(f"Say {kind.key}: {newer} in the program.")
    entry = re.sub(f"{kind.numbered}$", "", name) if kind.numbered else name
    settings: dict[str, Any] = {kind.section: {entry: {kind.setting: newer}}}
    return Change(f"Take {newer}.", settings)


RULES: Final = (
    Rule(
        "newer-generation",
        "Newer generations of instances, on Graviton, cost less for as many vCPUs and as much memory.",
        "The class of a database, a cache or an instance that has a successor with a lower price in the book.",
        "AWS's pages of instance types; Amazon RDS, ElastiCache and EC2 on-demand pricing",
        _old,
    ),
)
