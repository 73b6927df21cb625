"""DynamoDB: tables by capacity or on demand, their indexes, replicas and backups; DAX."""

from __future__ import annotations

from typing import Final

from cygni.pricing.charges import Charge, by_usage, fixed
from cygni.pricing.parts import Part, priced
from cygni.pricing.readings import (
    assumed,
    every,
    flag,
    is_one_of,
    named,
    negated,
    outside,
    text,
    whole,
)

_SERVICE: Final = "AmazonDynamoDB"
_CLASS: Final = named(
    text("tableClass", "STANDARD"),
    {"STANDARD": "standard", "STANDARD_INFREQUENT_ACCESS": "standard_ia"},
    "the table class",
)
_MODE: Final = text("billingMode", "PROVISIONED")
_PROVISIONED: Final = is_one_of(_MODE, "PROVISIONED")
_ON_DEMAND: Final = negated(_PROVISIONED)
_STANDARD: Final = is_one_of(_CLASS, "standard")

_WRITES: Final = by_usage(
    "writes on demand", _SERVICE, "write-request-unit", "request", "dynamodb_writes", mode="on-demand"
)
_READS: Final = by_usage(
    "reads on demand", _SERVICE, "read-request-unit", "request", "dynamodb_reads", mode="on-demand"
)
_REPLICATED: Final = by_usage(
    "replicated writes",
    _SERVICE,
    "replicated-write-request-unit",
    "request",
    "dynamodb_writes",
    mode="on-demand",
)
_REPLICATED_CAPACITY: Final = fixed(
    "replicated write capacity", _SERVICE, "replicated-write-capacity-unit", "WCU-hour", mode="provisioned"
)
_STORAGE: Final = by_usage(
    "storage", _SERVICE, "storage", "GB-month", "dynamodb_gb", allowance="dynamodb-storage"
)
_STORAGE_ELSEWHERE: Final = by_usage(
    "storage of a replica", _SERVICE, "storage", "GB-month", "dynamodb_gb", allowance="dynamodb-storage"
)
_PITR: Final = by_usage("point-in-time recovery", _SERVICE, "pitr", "GB-month", "dynamodb_gb")
_BACKUP: Final = by_usage("backups", _SERVICE, "backup", "GB-month", "dynamodb_backup_gb")
_STREAM: Final = by_usage(
    "reads of the stream", _SERVICE, "streams-read", "request", "dynamodb_stream_reads",
    allowance="dynamodb-streams",
)  # fmt: skip


def _capacity(what: str, letter: str, allowance: str | None, whose: str = "") -> Charge:
    return fixed(
        f"{what} capacity{whose}", _SERVICE, f"{what}-capacity-unit", f"{letter}CU-hour",
        mode="provisioned", allowance=allowance,
    )  # fmt: skip


def _of_classes(what: str, letter: str, whose: str = "") -> tuple[Charge, Charge]:
    """Capacity in the standard class, which the free tier has some of, and in another."""
    return _capacity(what, letter, f"dynamodb-{what}", whose), _capacity(what, letter, None, whose)


_READ_ELSEWHERE: Final = _capacity("read", "R", None, " of a replica")


def _provisioned(what: str, letter: str) -> tuple[Part, ...]:
    """Capacity of the table and of each index, in the class of the table."""
    standard, other = _of_classes(what, letter)
    standard_index, other_index = _of_classes(what, letter, " of an index")
    of_table, of_index = whole(f"{what}Capacity"), whole(f"{what}Capacity", 0)
    indexes = "globalSecondaryIndexes"
    return (
        Part(standard, of_table, when=every(_PROVISIONED, _STANDARD)),
        Part(other, of_table, by={"table_class": _CLASS}, when=every(_PROVISIONED, negated(_STANDARD))),
        Part(standard_index, of_index, when=outside(every(_PROVISIONED, _STANDARD)), each=indexes),
        Part(
            other_index, of_index, by={"table_class": outside(_CLASS)},
            when=outside(every(_PROVISIONED, negated(_STANDARD))), each=indexes,
        ),
    )  # fmt: skip


ESTIMATORS: Final = (
    priced(
        "aws:dynamodb/table:Table",
        parts=(
            *_provisioned("write", "W"),
            *_provisioned("read", "R"),
            Part(_WRITES, by={"table_class": _CLASS}, when=_ON_DEMAND),
            Part(_READS, by={"table_class": _CLASS}, when=_ON_DEMAND),
            Part(_STORAGE, by={"table_class": _CLASS}),
            Part(_PITR, when=flag("pointInTimeRecovery.enabled")),
            Part(_BACKUP, when=assumed("dynamodb_backup_gb")),
            Part(_STREAM, when=flag("streamEnabled")),
            Part(_REPLICATED, each="replicas", region=text("regionName"), when=outside(_ON_DEMAND)),
            Part(
                _REPLICATED_CAPACITY,
                outside(whole("writeCapacity")),
                each="replicas",
                region=text("regionName"),
                when=outside(_PROVISIONED),
            ),
            Part(
                _READ_ELSEWHERE,
                outside(whole("readCapacity")),
                each="replicas",
                region=text("regionName"),
                when=outside(every(_PROVISIONED, _STANDARD)),
            ),
            Part(
                _READ_ELSEWHERE,
                outside(whole("readCapacity")),
                by={"table_class": outside(_CLASS)},
                each="replicas",
                region=text("regionName"),
                when=outside(every(_PROVISIONED, negated(_STANDARD))),
            ),
            Part(
                _STORAGE_ELSEWHERE,
                by={"table_class": outside(_CLASS)},
                each="replicas",
                region=text("regionName"),
            ),
        ),
        notes=(
            "Provisioned unless `billingMode` says otherwise; each global index has capacity of its own.",
            "Capacity is what is declared.",
            "A replica keeps all data again in its region, takes every write, and has the read capacity of its table.",
            "A write is of up to 1 KB, a read of up to 4 KB; stronger ones count for more.",
        ),
        not_counted=(
            "what autoscaling adds to provisioned capacity",
            "provisioned capacity of the indexes of replicas",
        ),
    ),
    priced(
        "aws:dynamodb/tableReplica:TableReplica",
        parts=(_REPLICATED, Part(_STORAGE_ELSEWHERE, by={"table_class": _CLASS})),
        notes=("It takes every write of its table and keeps all data again.",),
    ),
    priced(
        "aws:dynamodb/contributorInsights:ContributorInsights",
        parts=(
            by_usage(
                "rule matches",
                "AmazonCloudWatch",
                "contributor-insights-dynamodb",
                "event",
                "dynamodb_writes",
            ),
        ),
    ),
    priced(
        "aws:dynamodb/tableExport:TableExport",
        parts=(by_usage("exported data", _SERVICE, "export", "GB", "dynamodb_gb"),),
        notes=("Billed once, when it is made.",),
    ),
    priced(
        "aws:dax/cluster:Cluster",
        parts=(
            Part(
                fixed("DAX node {node_type}", _SERVICE, "dax-node", "hour"),
                whole("replicationFactor"),
                by={"node_type": text("nodeType")},
            ),
        ),
        notes=("Billed for each of its `replicationFactor` nodes.",),
    ),
)
