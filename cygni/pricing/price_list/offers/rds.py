"""Amazon RDS, with Aurora, which is part of the same offer.

Storage and IOPS are listed for each engine, or for any; the book has one price for the open ones.
"""

from __future__ import annotations

from typing import Final

from cygni.pricing.price_list.rules import GB, GB_MONTHS, HOURS, Column, Offer, Rule, spelled

_RDS: Final = "AmazonRDS"
_AURORA: Final = "AmazonAurora"
_FAMILY: Final = "Product Family"
_ENGINE: Final = "Database Engine"
_INSTANCE: Final = {_FAMILY: "Database Instance"}
_OPEN: Final = {"MySQL": "mysql", "PostgreSQL": "postgres", "MariaDB": "mariadb"}
_ANY: Final = ("Any", *_OPEN)
_CLASS: Final = Column("Instance Type")
_ZONES: Final = Column("Deployment Option", {"Single-AZ": "Single-AZ", "Multi-AZ": "Multi-AZ"})
_LICENSES: Final = Column(
    "License Model",
    {"License included": "license-included", "Bring your own license": "bring-your-own-license"},
)
_AURORAS: Final = Column(_ENGINE, {"Aurora MySQL": "aurora-mysql", "Aurora PostgreSQL": "aurora-postgresql"})
_HOURS: Final = r"(?:InstanceUsage|Multi-AZUsage):db\..+"
_ACU_HOURS: Final = spelled("acu-hr", "acu-hrs", "acu-hour", "acu-hours")
_IOPS: Final = spelled("iops-mo")

_COMMERCIAL: Final = {
    "oracle-se2": ("Oracle", "Standard Two"),
    "oracle-ee": ("Oracle", "Enterprise"),
    "sqlserver-ex": ("SQL Server", "Express"),
    "sqlserver-web": ("SQL Server", "Web"),
    "sqlserver-se": ("SQL Server", "Standard"),
    "sqlserver-ee": ("SQL Server", "Enterprise"),
}
_ON_DEMAND: Final = {"purchase": "on-demand"}


def _commercial(engine: str, name: str, edition: str) -> Rule:
    return Rule(
        _RDS,
        "instance",
        "hour",
        HOURS,
        _HOURS,
        where={**_INSTANCE, _ENGINE: name, "Database Edition": edition, "Deployment Model": ""},
        attributes={**_ON_DEMAND, "engine": engine},
        by={"instance_class": _CLASS, "deployment": _ZONES, "license_model": _LICENSES},
    )


def _iops(usage_type: str, deployment: str, **attributes: str) -> Rule:
    return Rule(
        _RDS,
        "iops",
        "IOPS-month",
        _IOPS,
        usage_type,
        where={_FAMILY: "Provisioned IOPS", _ENGINE: _ANY, "Deployment Option": deployment},
        attributes={"deployment": deployment, **attributes},
    )


_DATABASES: Final = (
    Rule(
        _RDS,
        "instance",
        "hour",
        HOURS,
        _HOURS,
        where={**_INSTANCE, "License Model": "No license required"},
        attributes=_ON_DEMAND,
        by={"instance_class": _CLASS, "deployment": _ZONES, "engine": Column(_ENGINE, _OPEN)},
    ),
    Rule(
        _RDS,
        "instance",
        "hour",
        HOURS,
        r"Multi-AZClusterUsage:db\..+",
        where=_INSTANCE,
        attributes={"deployment": "Multi-AZ cluster"},
        by={"instance_class": _CLASS, "engine": Column(_ENGINE, _OPEN)},
    ),
    *(_commercial(engine, *named) for engine, named in _COMMERCIAL.items()),
    Rule(
        _RDS,
        "storage",
        "GB-month",
        GB_MONTHS,
        r"RDS:(?:Multi-AZ-)?(?:(?:GP2|GP3|PIOPS)-Storage|StorageUsage)",
        where={_FAMILY: "Database Storage", _ENGINE: _ANY},
        by={
            "deployment": _ZONES,
            "storage_type": Column(
                "Volume Type",
                {
                    "General Purpose": "gp2",
                    "General Purpose-GP3": "gp3",
                    "Provisioned IOPS": "io1",
                    "Magnetic": "standard",
                },
            ),
        },
    ),
    _iops(r"RDS:PIOPS", "Single-AZ", storage_type="io1"),
    _iops(r"RDS:Multi-AZ-PIOPS", "Multi-AZ", storage_type="io1"),
    _iops(
        r"RDS:GP3-PIOPS",
        "Single-AZ",
        storage_type="gp3",
        included="3000 IOPS under the size threshold, 12000 above it",
    ),
    _iops(r"RDS:Multi-AZ-GP3-PIOPS", "Multi-AZ", storage_type="gp3"),
    Rule(
        _RDS,
        "backup",
        "GB-month",
        GB_MONTHS,
        r"RDS:ChargedBackupUsage",
        where={_FAMILY: "Storage Snapshot", _ENGINE: _ANY},
        attributes={"engine": "non-aurora", "free": "100% of provisioned storage"},
    ),
)
_CLUSTERS: Final = (
    Rule(
        _AURORA,
        "instance",
        "hour",
        HOURS,
        r"InstanceUsage:db\..+",
        where=_INSTANCE,
        by={"instance_class": _CLASS, "engine": _AURORAS},
    ),
    Rule(
        _AURORA,
        "instance",
        "hour",
        HOURS,
        r"InstanceUsageIOOptimized:db\..+",
        where=_INSTANCE,
        attributes={"cluster": "io-optimized"},
        by={"instance_class": _CLASS, "engine": _AURORAS},
    ),
    Rule(
        _AURORA,
        "storage",
        "GB-month",
        GB_MONTHS,
        r"Aurora:StorageUsage",
        attributes={"cluster": "standard"},
    ),
    Rule(
        _AURORA,
        "storage",
        "GB-month",
        GB_MONTHS,
        r"Aurora:IO-?OptimizedStorageUsage",
        attributes={"cluster": "io-optimized"},
    ),
    Rule(
        _AURORA,
        "io-requests",
        "request",
        spelled("ios"),
        r"Aurora:StorageIOUsage",
        attributes={"cluster": "standard"},
    ),
    Rule(_AURORA, "backup", "GB-month", GB_MONTHS, r"Aurora:BackupUsage"),
    Rule(_AURORA, "snapshot-export", "GB", GB, r"Aurora:SnapshotExportToS3"),
    Rule(
        _AURORA,
        "serverless-v2-acu",
        "ACU-hour",
        _ACU_HOURS,
        r"Aurora:ServerlessV2Usage",
        attributes={"cluster": "standard"},
    ),
    Rule(
        _AURORA,
        "serverless-v2-acu",
        "ACU-hour",
        _ACU_HOURS,
        r"Aurora:ServerlessV2IOOptimizedUsage",
        attributes={"cluster": "io-optimized"},
    ),
    Rule(
        _AURORA,
        "serverless-v1-acu",
        "ACU-hour",
        _ACU_HOURS,
        r"Aurora:ServerlessUsage",
        by={"engine": _AURORAS},
    ),
)

OFFER: Final = Offer(_RDS, (*_DATABASES, *_CLUSTERS))
