"""S3: nothing until it is used, in the storage classes that are assumed. Directory buckets, tables and inventories."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from cygni.pricing.charges import Charge, by_usage
from cygni.pricing.parts import Part, priced
from cygni.pricing.readings import assumed, flag

_SERVICE: Final = "AmazonS3"
_STANDARD: Final = (
    by_usage(
        "storage", _SERVICE, "storage", "GB-month", "s3_storage_gb", tiered=True, storage_class="standard"
    ),
    by_usage(
        "PUT, COPY, POST and LIST requests",
        _SERVICE,
        "requests-tier1",
        "request",
        "s3_write_requests",
        storage_class="standard",
    ),
    by_usage(
        "GET and other requests",
        _SERVICE,
        "requests-tier2",
        "request",
        "s3_read_requests",
        storage_class="standard",
    ),
)

# Classes beside Standard: the name in usage, in words, in the book, and how what is retrieved is priced.
_CLASSES: Final = (
    ("standard_ia", "Standard-IA", "standard_ia", None),
    ("one_zone_ia", "One Zone-IA", "one_zone_ia", None),
    ("glacier_ir", "Glacier Instant Retrieval", "glacier_instant_retrieval", None),
    ("glacier", "Glacier Flexible Retrieval", "glacier", "standard"),
    ("deep_archive", "Glacier Deep Archive", "deep_archive", "standard"),
)


def _of_class(name: str, words: str, key: str, speed: str | None) -> Iterator[Charge]:
    attributes = {"storage_class": key} | ({"speed": speed} if speed else {})
    retrieval = by_usage(f"{words} retrieval", _SERVICE, "retrieval", "GB", f"s3_{name}_retrieval_gb")
    yield by_usage(f"{words} storage", _SERVICE, "storage", "GB-month", f"s3_{name}_gb", storage_class=key)
    yield by_usage(
        f"{words} requests", _SERVICE, "requests-tier1", "request", f"s3_{name}_requests", storage_class=key
    )
    yield retrieval.of(tuple(attributes.items()))


_TIERING: Final = "intelligent_tiering"
_INTELLIGENT: Final = (
    by_usage(
        "Intelligent-Tiering storage, frequent access",
        _SERVICE,
        "storage",
        "GB-month",
        "s3_intelligent_gb",
        tiered=True,
        storage_class=_TIERING,
        access="frequent",
    ),
    by_usage(
        "Intelligent-Tiering storage, infrequent access",
        _SERVICE,
        "storage",
        "GB-month",
        "s3_intelligent_infrequent_gb",
        storage_class=_TIERING,
        access="infrequent",
    ),
    by_usage(
        "Intelligent-Tiering monitoring",
        _SERVICE,
        "monitoring",
        "object-month",
        "s3_intelligent_objects",
        storage_class=_TIERING,
    ),
)

_OTHER_CLASSES: Final = tuple(
    Part(charge, when=assumed(str(charge.assumption)))
    for charge in (*(each for one in _CLASSES for each in _of_class(*one)), *_INTELLIGENT)
)
_EXPRESS: Final = "express_one_zone"

ESTIMATORS: Final = (
    priced(
        "aws:s3/bucket:Bucket",
        "aws:s3/bucketV2:BucketV2",
        parts=(*_STANDARD, *_OTHER_CLASSES),
        notes=(
            "All objects are in S3 Standard unless usage says what is in other classes.",
            "Requests to a class are those that put objects there, by lifecycle rules or otherwise.",
        ),
        not_counted=("least sizes and durations of the colder classes", "Transfer Acceleration"),
    ),
    priced(
        "aws:s3/directoryBucket:DirectoryBucket",
        parts=(
            by_usage(
                "Express One Zone storage",
                _SERVICE,
                "storage",
                "GB-month",
                "s3_storage_gb",
                storage_class=_EXPRESS,
            ),
            by_usage(
                "Express One Zone PUT requests",
                _SERVICE,
                "requests-tier1",
                "request",
                "s3_write_requests",
                storage_class=_EXPRESS,
            ),
            by_usage(
                "Express One Zone GET requests",
                _SERVICE,
                "requests-tier2",
                "request",
                "s3_read_requests",
                storage_class=_EXPRESS,
            ),
        ),
    ),
    priced(
        "aws:s3tables/table:Table",
        parts=(
            by_usage("table storage", _SERVICE, "tables-storage", "GB-month", "s3_storage_gb"),
            by_usage("objects watched", _SERVICE, "tables-monitoring", "object-month", None),
        ),
    ),
    priced(
        "aws:s3/inventory:Inventory",
        parts=(by_usage("objects listed", _SERVICE, "inventory", "object", "s3_objects"),),
    ),
    priced(
        "aws:s3/analyticsConfiguration:AnalyticsConfiguration",
        parts=(
            by_usage("objects watched", _SERVICE, "storage-class-analysis", "object-month", "s3_objects"),
        ),
    ),
    priced(
        "aws:s3control/storageLensConfiguration:StorageLensConfiguration",
        parts=(
            Part(
                by_usage("objects watched", _SERVICE, "storage-lens", "object-month", "s3_objects"),
                when=flag("storageLensConfiguration.accountLevel.activityMetrics.enabled"),
            ),
        ),
        otherwise="the metrics of the free kind cost nothing",
    ),
    priced(
        "aws:s3/bucketReplicationConfig:BucketReplicationConfig",
        parts=(
            by_usage(
                "data replicated to another region",
                "AWSDataTransfer",
                "inter-region",
                "GB",
                "s3_replicated_gb",
                to="other regions",
            ),
        ),
        notes=("What the copies keep is billed with their bucket.",),
        not_counted=("replication time control",),
    ),
)
