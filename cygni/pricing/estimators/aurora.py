"""Aurora: clusters that grow by themselves, instances and capacity units, and Multi-AZ clusters of RDS."""

from __future__ import annotations

from typing import Final

from cygni.pricing.charges import by_usage, fixed
from cygni.pricing.estimators.rds import PASSWORD, insights
from cygni.pricing.estimators.rds_sizes import SUPPORTED_LONGER, extended_support, family, vcpus
from cygni.pricing.parts import Part, priced
from cygni.pricing.readings import (
    at_most,
    begins,
    beyond,
    choice,
    constant,
    derived,
    every,
    flag,
    is_one_of,
    is_set,
    named,
    negated,
    number,
    surely,
    text,
    through,
    times,
    units,
    use,
    whole,
)

CLUSTER: Final = "aws:rds/cluster:Cluster"
_SERVICE: Final = "AmazonAurora"
_ENGINE: Final = text("engine", "aurora")
_IS_AURORA: Final = begins(_ENGINE, "aurora")
_CLUSTER_KIND: Final = named(
    text("storageType", "aurora"),
    {"": "standard", "aurora": "standard", "aurora-iopt1": "io-optimized"},
    "storage",
)
_V1: Final = is_one_of(text("engineMode", "provisioned"), "serverless")

_STORAGE: Final = by_usage("{cluster} storage", _SERVICE, "storage", "GB-month", "aurora_storage_gb")
_REQUESTS: Final = by_usage(
    "I/O requests", _SERVICE, "io-requests", "request", "aurora_io_requests", cluster="standard"
)
_BACKUP: Final = by_usage("backups beyond the storage", _SERVICE, "backup", "GB-month", "aurora_backup_gb")
_BACKTRACK: Final = by_usage("backtrack", _SERVICE, "backtrack", "change-record", "aurora_change_records")
_V1_MINIMUM: Final = fixed("serverless v1, minimum capacity", _SERVICE, "serverless-v1-acu", "ACU-hour")
_V1_USED: Final = by_usage(
    "serverless v1, capacity in use", _SERVICE, "serverless-v1-acu", "ACU-hour", "aurora_acus"
)
_PAUSES: Final = flag("scalingConfiguration.autoPause", True)
_ON_AURORA: Final = every(_IS_AURORA, negated(_V1))
_HOURS_BACK: Final = whole("backtrackWindow", 0)  # seconds

# A Multi-AZ cluster of RDS has three instances and its storage in one price each.
_THREE: Final = "Multi-AZ cluster"
_IS_RDS: Final = negated(_IS_AURORA)

_OF_CLUSTER: Final = through("clusterIdentifier", CLUSTER, _CLUSTER_KIND)
_IO_OPTIMIZED: Final = surely(is_one_of(_OF_CLUSTER, "io-optimized"))
_SERVERLESS: Final = is_one_of(text("instanceClass"), "db.serverless")
_LIMITS: Final = "serverlessv2ScalingConfiguration"
_LEAST: Final = through("clusterIdentifier", CLUSTER, number(f"{_LIMITS}.minCapacity"))
_MOST: Final = through("clusterIdentifier", CLUSTER, number(f"{_LIMITS}.maxCapacity"))
_FAMILY: Final = derived(text("instanceClass"), family)


_INSTANCE: Final = fixed("instance {instance_class}", _SERVICE, "instance", "hour")
_INSTANCE_BY: Final = {"engine": text("engine", "aurora-postgresql"), "instance_class": text("instanceClass")}

_ENGINE_OF: Final = text("engine", "aurora-postgresql")
_VERSION: Final = through("clusterIdentifier", CLUSTER, text("engineVersion", ""), text("engineVersion", ""))
_SUPPORT_YEAR: Final = extended_support(
    _ENGINE_OF, choice(is_set("engineVersion"), text("engineVersion"), _VERSION)
)
_SUPPORTED: Final = through("clusterIdentifier", CLUSTER, SUPPORTED_LONGER, constant(True))
_VCPUS: Final = derived(text("instanceClass"), vcpus)

ESTIMATORS: Final = (
    priced(
        CLUSTER,
        parts=(
            Part(_STORAGE, by={"cluster": _CLUSTER_KIND}, when=_IS_AURORA),
            Part(_REQUESTS, when=every(_IS_AURORA, negated(is_one_of(_CLUSTER_KIND, "io-optimized")))),
            Part(_BACKUP, when=_IS_AURORA),
            Part(
                _BACKTRACK,
                # Records are billed for each hour they are kept.
                times(
                    use("aurora_change_records"),
                    derived(_HOURS_BACK, lambda seconds: seconds / 3600),
                    units(730),
                ),
                when=every(_IS_AURORA, derived(_HOURS_BACK, bool)),
            ),
            Part(
                _V1_MINIMUM,
                number("scalingConfiguration.minCapacity", "1"),
                by={"engine": _ENGINE},
                when=every(_V1, negated(_PAUSES)),
            ),
            Part(_V1_USED, by={"engine": _ENGINE}, when=_V1),
            Part(
                fixed(
                    "instance {instance_class}, three zones",
                    "AmazonRDS",
                    "instance",
                    "hour",
                    deployment=_THREE,
                ),
                by={"engine": _ENGINE, "instance_class": text("dbClusterInstanceClass")},
                when=_IS_RDS,
            ),
            Part(
                fixed(
                    "{storage_type} storage, three zones",
                    "AmazonRDS",
                    "storage",
                    "GB-month",
                    deployment=_THREE,
                ),
                whole("allocatedStorage"),
                by={"storage_type": text("storageType", "io1")},
                when=_IS_RDS,
            ),
            Part(
                fixed(
                    "{storage_type} IOPS, three zones", "AmazonRDS", "iops", "IOPS-month", deployment=_THREE
                ),
                whole("iops"),
                by={"storage_type": text("storageType", "io1")},
                when=every(_IS_RDS, is_set("iops")),
            ),
            *PASSWORD,
        ),
        notes=(
            "Storage grows by itself and is billed by use. An I/O-optimized cluster pays no requests.",
            "Serverless v1 pauses unless told not to; without pausing its minimum is always billed.",
            "A Multi-AZ cluster of another engine has one price for its three instances.",
        ),
    ),
    priced(
        "aws:rds/clusterInstance:ClusterInstance",
        parts=(
            Part(
                _INSTANCE,
                by=_INSTANCE_BY,
                when=every(negated(_SERVERLESS), negated(is_one_of(_OF_CLUSTER, "io-optimized"))),
            ),
            Part(
                _INSTANCE,
                by={**_INSTANCE_BY, "cluster": _OF_CLUSTER},
                when=every(negated(_SERVERLESS), _IO_OPTIMIZED),
            ),
            Part(
                fixed("minimum capacity", _SERVICE, "serverless-v2-acu", "ACU-hour"),
                _LEAST,
                by={"cluster": _OF_CLUSTER},
                when=_SERVERLESS,
            ),
            Part(
                by_usage("capacity above it", _SERVICE, "serverless-v2-acu", "ACU-hour", "aurora_acus"),
                at_most(use("aurora_acus"), beyond(_MOST, _LEAST)),
                by={"cluster": _OF_CLUSTER},
                when=_SERVERLESS,
            ),
            Part(
                by_usage("CPU credits", _SERVICE, "cpu-credits", "vCPU-hour", "surplus_vcpus"),
                by={"family": _FAMILY},
                when=surely(is_one_of(_FAMILY, "t3", "t4g")),
            ),
            Part(
                fixed("extended support, year {year}", _SERVICE, "extended-support", "vCPU-hour"),
                _VCPUS,
                by={"engine": _ENGINE_OF, "year": _SUPPORT_YEAR},
                when=every(_SUPPORTED, negated(is_one_of(_SUPPORT_YEAR, "none"))),
                note="its version is past standard support",
            ),
            insights(_SERVICE, _VCPUS),
        ),
        notes=(
            "Past standard support each vCPU costs more, unless it is disabled for the cluster.",
            "Seven days of Performance Insights cost nothing.",
            "`db.serverless` is billed in capacity units (ACU): the minimum always, what is used above it by use.",
            "Other classes are billed by the hour, where the book has their price.",
        ),
    ),
    priced(
        "aws:rds/globalCluster:GlobalCluster",
        parts=(
            by_usage("replicated writes", _SERVICE, "replicated-writes", "request", "aurora_io_requests"),
        ),
        notes=("Its clusters are billed in their regions.",),
    ),
    priced(
        "aws:rds/clusterSnapshot:ClusterSnapshot",
        "aws:rds/clusterSnapshotCopy:ClusterSnapshotCopy",
        parts=(by_usage("snapshot storage", _SERVICE, "backup", "GB-month", "db_snapshot_gb"),),
    ),
)
