"""ElastiCache: the hours of nodes, and snapshots beyond the first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any, Final

from cygni.pricing import estimate_day, inputs
from cygni.pricing.charges import Amount, Charge, Estimator, Gap, Measured, Quantity, by_usage, fixed, one_of
from cygni.pricing.parts import Part, priced
from cygni.pricing.readings import at_least, number, text, use
from cygni.pricing.resource_set import ResourceSet
from cygni.pricing.usage import Usage
from cygni.resources import Resource


def node_charge(engine: str, node_type: str) -> Charge:
    return fixed(
        f"{engine} node {node_type}",
        "AmazonElastiCache",
        "node",
        "hour",
        engine=engine,
        node_type=node_type,
        purchase="on-demand",
    )


_SUPPORT: Final = fixed("extended support", "AmazonElastiCache", "extended-support", "hour", engine="redis")
_STANDARD_SUPPORT_ENDS: Final = {"4": date(2026, 1, 31), "5": date(2026, 1, 31), "6": date(2027, 1, 31)}
"""By major version of Redis OSS: "ElastiCache Extended Support" and "... charges" of the ElastiCache User Guide, as
they stood in 2026."""


def _backup(engine: str) -> Charge:
    return by_usage(
        f"{engine} snapshots", "AmazonElastiCache", "backup", "GB-month", "cache_backup_gb", engine=engine
    )


_TYPICAL: Final = tuple(
    node_charge(engine, kind)
    for engine in ("valkey", "redis")
    for kind in ("cache.t4g.micro", "cache.m7g.large")
)


def _measured(given: Mapping[str, Any], count: Quantity, engine: str | Gap, usage: Usage) -> Iterator[Amount]:
    kind = inputs.text(given, "nodeType")
    for unknown in (engine, kind):
        if isinstance(unknown, Gap) or not unknown:
            reason = unknown if isinstance(unknown, Gap) else Gap("nodeType is not set")
            yield Amount(_TYPICAL[0], reason)
            return
    yield Amount(node_charge(str(engine), str(kind)), count)
    version = inputs.text(given, "engineVersion")
    if engine == "redis" and (isinstance(version, Gap) or _is_past_support(version)):
        yield Amount(
            _SUPPORT,
            version if isinstance(version, Gap) else Gap(f"no price of {version}'s extended support"),
        )
    kept = inputs.whole(given, "snapshotRetentionLimit", 0)
    if isinstance(kept, Gap) or kept > 1:
        yield (
            Amount(_backup(str(engine)), kept)
            if isinstance(kept, Gap)
            else one_of(_backup(str(engine)), usage)
        )


def _is_past_support(version: str) -> bool:
    ends = _STANDARD_SUPPORT_ENDS.get(version.partition(".")[0])
    return ends is not None and estimate_day.today() > ends


def _replication_group(resource: Resource, resources: ResourceSet, usage: Usage) -> Measured:
    given = resource.inputs
    return _measured(given, _members(given), inputs.text(given, "engine", "redis"), usage)


def _members(given: Mapping[str, Any]) -> Quantity:
    for name in ("numCacheClusters", "numberCacheClusters"):  # the second until version 5 of the provider
        if given.get(name) is not None:
            return inputs.whole(given, name)
    mode = inputs.mapping(given, "clusterMode")  # until version 5 of the provider
    if isinstance(mode, Gap):
        return mode
    sizes = mode or given
    groups, replicas = inputs.whole(sizes, "numNodeGroups", 1), inputs.whole(sizes, "replicasPerNodeGroup", 0)
    if isinstance(groups, Gap):
        return groups
    return replicas if isinstance(replicas, Gap) else groups * (replicas + Decimal(1))


def _cluster(resource: Resource, resources: ResourceSet, usage: Usage) -> Measured:
    given = resource.inputs
    if given.get("replicationGroupId") is not None:
        return [Amount(_TYPICAL[0], Gap("a replica of a group that is priced with the group's nodes"))]
    return _measured(given, inputs.whole(given, "numCacheNodes", 1), inputs.text(given, "engine"), usage)


ESTIMATORS: Final = (
    Estimator(
        ("aws:elasticache/replicationGroup:ReplicationGroup",),
        (*_TYPICAL, _backup("redis"), _SUPPORT),
        _replication_group,
        (
            "Every node is billed, replicas too: `numCacheClusters`, or node groups × (1 + replicas).",
            "Redis OSS past its standard support (4, 5; 6 from February 2027) costs more: that has no price.",
            "One snapshot costs nothing; those of more days do (`cache_backup_gb`).",
        ),
    ),
    Estimator(("aws:elasticache/cluster:Cluster",), _TYPICAL, _cluster, ("Billed for each of its nodes.",)),
    priced(
        "aws:elasticache/serverlessCache:ServerlessCache",
        parts=(
            Part(
                by_usage(
                    "{engine} data stored", "AmazonElastiCache", "serverless-storage", "GB-hour", "cache_gb"
                ),
                at_least(use("cache_gb"), number("cacheUsageLimits.dataStorage.minimum", "0")),
                by={"engine": text("engine")},
            ),
            Part(
                by_usage(
                    "{engine} processing", "AmazonElastiCache", "serverless-ecpu", "ECPU", "cache_ecpus"
                ),
                by={"engine": text("engine")},
            ),
        ),
        notes=("AWS bills at least 1 GB (Valkey: 100 MB); `cache_gb` is what it keeps on average.",),
    ),
)
