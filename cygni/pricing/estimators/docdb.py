"""DocumentDB and Neptune: clusters that grow by themselves, and their instances."""

from __future__ import annotations

from typing import Final

from cygni.pricing.charges import Estimator, by_usage, fixed
from cygni.pricing.estimators import secrets_manager
from cygni.pricing.parts import Part, priced
from cygni.pricing.readings import (
    Reading,
    at_most,
    beyond,
    choice,
    constant,
    flag,
    is_one_of,
    negated,
    number,
    text,
    through,
    times,
    use,
    whole,
)

_IO_OPTIMIZED: Final = is_one_of(text("storageType", "standard"), "iopt1")
_KIND: Final[Reading[str]] = choice(_IO_OPTIMIZED, constant("io-optimized"), constant("standard"))
_SERVERLESS: Final = is_one_of(text("instanceClass"), "db.serverless")


def clusters(module: str, service: str, words: str) -> tuple[Estimator, ...]:
    """A cluster bills what it keeps and reads, an instance its hours: standard or I/O-optimized, as the cluster."""
    token = f"aws:{module}/cluster:Cluster"
    return (
        priced(
            token,
            parts=(
                Part(
                    by_usage("storage", service, "storage", "GB-month", "cluster_gb"), by={"cluster": _KIND}
                ),
                Part(
                    by_usage(
                        "I/O requests",
                        service,
                        "io-requests",
                        "request",
                        "cluster_io_requests",
                        cluster="standard",
                    ),
                    when=negated(_IO_OPTIMIZED),
                ),
                by_usage("backups beyond the storage", service, "backup", "GB-month", "cluster_backup_gb"),
                Part(secrets_manager.SECRET, when=flag("manageMasterUserPassword")),
            ),
            notes=(f"An I/O-optimized {words} cluster pays no requests.",),
        ),
        _instances(module, service, token),
        priced(
            f"aws:{module}/clusterSnapshot:ClusterSnapshot",
            parts=(by_usage("snapshot storage", service, "backup", "GB-month", "db_snapshot_gb"),),
        ),
        priced(
            f"aws:{module}/globalCluster:GlobalCluster",
            parts=(
                by_usage("replicated writes", service, "replicated-writes", "request", "cluster_io_requests"),
            ),
        ),
    )


def _instances(module: str, service: str, cluster: str) -> Estimator:
    """Instances of a cluster of that type token."""
    of_cluster = through("clusterIdentifier", cluster, _KIND)
    least = through("clusterIdentifier", cluster, number("serverlessV2ScalingConfiguration.minCapacity"))
    most = through("clusterIdentifier", cluster, number("serverlessV2ScalingConfiguration.maxCapacity"))
    unit = "NCU" if module == "neptune" else "DCU"
    return priced(
        f"aws:{module}/clusterInstance:ClusterInstance",
        parts=(
            Part(
                fixed("instance {instance_class}", service, "instance", "hour"),
                by={"instance_class": text("instanceClass"), "cluster": of_cluster},
                when=negated(_SERVERLESS),
            ),
            Part(
                fixed("minimum capacity", service, "serverless-capacity", f"{unit}-hour"),
                least,
                by={"cluster": of_cluster},
                when=_SERVERLESS,
            ),
            Part(
                by_usage(
                    "capacity above it",
                    service,
                    "serverless-capacity",
                    f"{unit}-hour",
                    "cluster_capacity",
                ),
                at_most(use("cluster_capacity"), beyond(most, least)),
                by={"cluster": of_cluster},
                when=_SERVERLESS,
            ),
        ),
        notes=("`db.serverless` keeps the minimum of its cluster, and uses more up to the maximum.",),
    )


ESTIMATORS: Final = (
    *clusters("docdb", "AmazonDocDB", "DocumentDB"),
    priced(
        "aws:docdb/elasticCluster:ElasticCluster",
        parts=(
            Part(
                fixed("shard vCPU", "AmazonDocDB", "elastic-vcpu", "vCPU-hour"),
                times(whole("shardCapacity"), whole("shardCount"), whole("shardInstanceCount", 2)),
            ),
            by_usage("storage", "AmazonDocDB", "elastic-storage", "GB-month", "cluster_gb"),
        ),
        notes=("Every shard has `shardInstanceCount` instances (2 unless said otherwise) of its capacity.",),
    ),
)
