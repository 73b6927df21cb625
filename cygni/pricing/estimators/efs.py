"""EFS: storage by class, throughput, and what is read and written."""

from __future__ import annotations

from typing import Final

from cygni.pricing.charges import by_usage, fixed
from cygni.pricing.parts import Part, priced
from cygni.pricing.readings import (
    assumed,
    beyond,
    choice,
    constant,
    is_one_of,
    is_set,
    number,
    over,
    text,
    use,
)

_SERVICE: Final = "AmazonEFS"
_ONE_ZONE: Final = is_set("availabilityZoneName")
_MODE: Final = text("throughputMode", "bursting")
_STORAGE: Final = by_usage("storage", _SERVICE, "storage", "GB-month", "efs_gb")
_COLD: Final = by_usage("infrequent access storage", _SERVICE, "storage", "GB-month", "efs_infrequent_gb")
_COLD_DATA: Final = by_usage(
    "infrequent access data", _SERVICE, "infrequent-access-data", "GB", "efs_infrequent_data_gb"
)
_THROUGHPUT: Final = fixed("provisioned throughput", _SERVICE, "provisioned-throughput", "MiBps-month")
_READ: Final = by_usage(
    "elastic throughput, read", _SERVICE, "elastic-throughput", "GB", "efs_read_gb", direction="read"
)
_WRITTEN: Final = by_usage(
    "elastic throughput, written", _SERVICE, "elastic-throughput", "GB", "efs_write_gb", direction="write"
)
# Every 20 GB kept in the standard class give 1 MiB/s without charge (docs.aws.amazon.com/efs, performance).
_GIVEN: Final = over(use("efs_gb"), 20)

ESTIMATORS: Final = (
    priced(
        "aws:efs/fileSystem:FileSystem",
        parts=(
            Part(
                _STORAGE, by={"storage_class": choice(_ONE_ZONE, constant("one_zone"), constant("standard"))}
            ),
            Part(
                _COLD,
                by={
                    "storage_class": choice(
                        _ONE_ZONE, constant("one_zone_infrequent_access"), constant("infrequent_access")
                    )
                },
                when=assumed("efs_infrequent_gb"),
            ),
            Part(_COLD_DATA, when=assumed("efs_infrequent_data_gb")),
            Part(
                _THROUGHPUT,
                beyond(number("provisionedThroughputInMibps"), _GIVEN),
                when=is_one_of(_MODE, "provisioned"),
            ),
            Part(_READ, when=is_one_of(_MODE, "elastic")),
            Part(_WRITTEN, when=is_one_of(_MODE, "elastic")),
        ),
        notes=(
            "Throughput is `bursting` unless said otherwise, which costs nothing.",
            "Backups of AWS Backup, and replicas, are billed on their own.",
        ),
    ),
    priced(
        "aws:efs/replicationConfiguration:ReplicationConfiguration",
        parts=(
            Part(
                by_usage(
                    "storage of the replica",
                    _SERVICE,
                    "storage",
                    "GB-month",
                    "efs_gb",
                    storage_class="standard",
                ),
                region=text("destination.region"),
            ),
        ),
    ),
)
