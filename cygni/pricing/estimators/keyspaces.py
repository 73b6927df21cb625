"""Keyspaces, Aurora DSQL and Timestream: tables by use."""

from __future__ import annotations

from typing import Final

from cygni.pricing.charges import by_usage, fixed
from cygni.pricing.parts import Part, priced
from cygni.pricing.readings import is_one_of, negated, text, whole

_SERVICE: Final = "AmazonMCS"
_PROVISIONED: Final = is_one_of(
    text("capacitySpecification.throughputMode", "PAY_PER_REQUEST"), "PROVISIONED"
)
_ON_DEMAND: Final = negated(_PROVISIONED)

ESTIMATORS: Final = (
    priced(
        "aws:keyspaces/table:Table",
        parts=(
            Part(
                fixed("write capacity", _SERVICE, "write-capacity-unit", "WCU-hour"),
                whole("capacitySpecification.writeCapacityUnits"),
                when=_PROVISIONED,
            ),
            Part(
                fixed("read capacity", _SERVICE, "read-capacity-unit", "RCU-hour"),
                whole("capacitySpecification.readCapacityUnits"),
                when=_PROVISIONED,
            ),
            Part(
                by_usage("writes on demand", _SERVICE, "write-request-unit", "request", "dynamodb_writes"),
                when=_ON_DEMAND,
            ),
            Part(
                by_usage("reads on demand", _SERVICE, "read-request-unit", "request", "dynamodb_reads"),
                when=_ON_DEMAND,
            ),
            by_usage("storage", _SERVICE, "storage", "GB-month", "dynamodb_gb"),
            Part(
                by_usage("point-in-time recovery", _SERVICE, "pitr", "GB-month", "dynamodb_gb"),
                when=is_one_of(text("pointInTimeRecovery.status", "DISABLED"), "ENABLED"),
            ),
        ),
        notes=("On demand unless said otherwise.",),
    ),
    priced(
        "aws:dsql/cluster:Cluster",
        parts=(
            by_usage("processing", "AuroraDSQL", "dpu", "DPU", "dsql_dpus"),
            by_usage("storage", "AuroraDSQL", "storage", "GB-month", "dynamodb_gb"),
        ),
    ),
    priced(
        "aws:timestreamwrite/table:Table",
        parts=(
            by_usage("writes", "AmazonTimestream", "writes", "GB", "stream_gb"),
            by_usage("magnetic storage", "AmazonTimestream", "magnetic-storage", "GB-month", "dynamodb_gb"),
        ),
    ),
    priced(
        "aws:timestreaminfluxdb/dbInstance:DbInstance",
        parts=(
            Part(
                fixed("{instance_class}", "AmazonTimestream", "influxdb-instance", "hour"),
                by={
                    "instance_class": text("dbInstanceType"),
                    "deployment": text("deploymentType", "SINGLE_AZ"),
                },
            ),
            Part(
                fixed("storage", "AmazonTimestream", "influxdb-storage", "GB-month"),
                whole("allocatedStorage"),
                by={"storage_type": text("dbStorageType", "InfluxIOIncludedT1")},
            ),
        ),
    ),
)
