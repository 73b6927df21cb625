"""FSx: file systems for Lustre, Windows, ONTAP and OpenZFS."""

from __future__ import annotations

from typing import Final

from cygni.pricing.charges import by_usage, fixed
from cygni.pricing.parts import Part, priced
from cygni.pricing.readings import (
    Reading,
    beyond,
    choice,
    constant,
    derived,
    every,
    is_one_of,
    is_set,
    text,
    times,
    units,
    whole,
)

_SERVICE: Final = "AmazonFSx"
_KIND: Final = text("storageType", "SSD")
_SIZE: Final = whole("storageCapacity")
_BACKUP: Final = by_usage("backups", _SERVICE, "backup", "GB-month", "fsx_backup_gb")


def _keeps_backups(days: int) -> Reading[bool]:
    return derived(whole("automaticBackupRetentionDays", days), bool)


def _zones() -> Reading[str]:
    """`Multi-AZ` for deployments whose name begins so."""
    return derived(
        text("deploymentType", "SINGLE_AZ_1"),
        lambda found: "Multi-AZ" if found.startswith("MULTI_AZ") else "Single-AZ",
    )


def _parts(system: str, *, backup_days: int = 0, included_iops: int | None) -> tuple[Part, ...]:
    storage = fixed(
        "{storage_type} storage, {deployment}", _SERVICE, "storage", "GB-month", file_system=system
    )
    throughput = fixed("throughput, {deployment}", _SERVICE, "throughput", "MBps-month", file_system=system)
    backup = Part(_BACKUP, by={"file_system": constant(system)}, when=_keeps_backups(backup_days))
    parts = [
        Part(storage, _SIZE, by={"storage_type": _KIND, "deployment": _zones()}),
        Part(throughput, whole("throughputCapacity"), by={"deployment": _zones()}),
    ]
    if included_iops is not None:
        iops = fixed(
            "SSD IOPS above what is included, {deployment}",
            _SERVICE,
            "iops",
            "IOPS-month",
            file_system=system,
        )
        parts.append(
            Part(
                iops,
                beyond(whole("diskIopsConfiguration.iops"), times(_SIZE, units(included_iops))),
                by={"deployment": _zones()},
                when=every(
                    is_one_of(text("diskIopsConfiguration.mode", "AUTOMATIC"), "USER_PROVISIONED"),
                    is_set("diskIopsConfiguration.iops"),
                ),
            )
        )
    return (*parts, backup)


_LUSTRE_THROUGHPUT: Final = derived(whole("perUnitStorageThroughput", 0), str)
_SCRATCH: Final = text("deploymentType", "SCRATCH_1")

ESTIMATORS: Final = (
    priced(
        "aws:fsx/lustreFileSystem:LustreFileSystem",
        parts=(
            Part(
                fixed(
                    "{storage_type} storage, {deployment_type}",
                    _SERVICE,
                    "storage",
                    "GB-month",
                    file_system="lustre",
                ),
                _SIZE,
                by={
                    "storage_type": _KIND,
                    "deployment_type": _SCRATCH,
                    "throughput_per_tib": _LUSTRE_THROUGHPUT,
                },
            ),
            Part(_BACKUP, by={"file_system": constant("lustre")}, when=_keeps_backups(0)),
        ),
        notes=("The price of persistent storage depends on `perUnitStorageThroughput`.",),
    ),
    priced(
        "aws:fsx/windowsFileSystem:WindowsFileSystem", parts=_parts("windows", backup_days=7, included_iops=3)
    ),
    priced(
        "aws:fsx/openZfsFileSystem:OpenZfsFileSystem",
        parts=_parts("openzfs", included_iops=3),
    ),
    priced(
        "aws:fsx/ontapFileSystem:OntapFileSystem",
        parts=(
            *_parts("ontap", included_iops=3)[:1],
            Part(
                fixed("throughput, {deployment}", _SERVICE, "throughput", "MBps-month", file_system="ontap"),
                times(
                    choice(
                        is_set("throughputCapacity"),
                        whole("throughputCapacity"),
                        whole("throughputCapacityPerHaPair"),
                    ),
                    choice(is_set("throughputCapacity"), units(1), whole("haPairs", 1)),
                ),
                by={"deployment": _zones()},
            ),
            *_parts("ontap", included_iops=3)[2:],
        ),
        not_counted=("what is moved to the capacity pool, and requests to it",),
    ),
    priced(
        "aws:fsx/backup:Backup",
        parts=(by_usage("backup", _SERVICE, "backup", "GB-month", "fsx_backup_gb", file_system="any"),),
    ),
    priced(
        "aws:fsx/fileCache:FileCache",
        parts=(Part(fixed("cache storage", _SERVICE, "file-cache", "GB-month"), _SIZE),),
    ),
)
