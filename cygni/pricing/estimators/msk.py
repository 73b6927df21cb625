"""MSK: brokers and their storage, serverless clusters, connectors, replicators."""

from __future__ import annotations

from typing import Final

from cygni.pricing.charges import by_usage, fixed
from cygni.pricing.parts import Part, priced
from cygni.pricing.readings import (
    begins,
    beyond,
    choice,
    every,
    flag,
    is_one_of,
    is_set,
    negated,
    text,
    times,
    units,
    whole,
)

_SERVICE: Final = "AmazonMSK"
_BROKERS: Final = whole("numberOfBrokerNodes")
_INSTANCE: Final = text("brokerNodeGroupInfo.instanceType")
_EXPRESS: Final = begins(_INSTANCE, "express.")
_VOLUME: Final = "brokerNodeGroupInfo.storageInfo.ebsStorageInfo"
_THROUGHPUT: Final = f"{_VOLUME}.provisionedThroughput"

ESTIMATORS: Final = (
    priced(
        "aws:msk/cluster:Cluster",
        parts=(
            Part(
                fixed("broker {instance_type}", _SERVICE, "broker", "hour"),
                _BROKERS,
                by={"instance_type": _INSTANCE},
            ),
            Part(
                fixed("storage", _SERVICE, "storage", "GB-month"),
                times(_BROKERS, whole(f"{_VOLUME}.volumeSize")),
                when=negated(_EXPRESS),
            ),
            Part(
                # aws.amazon.com/msk/pricing: provisioned throughput beyond what is included with a broker.
                fixed("storage throughput above 250 MiB/s", _SERVICE, "throughput", "MiBps-month"),
                times(_BROKERS, beyond(whole(f"{_THROUGHPUT}.volumeThroughput"), units(250))),
                when=every(negated(_EXPRESS), flag(f"{_THROUGHPUT}.enabled")),
            ),
            Part(
                by_usage("express storage", _SERVICE, "express-storage", "GB-month", "kafka_gb"),
                when=_EXPRESS,
            ),
            Part(
                by_usage("data in, express", _SERVICE, "express-data-in", "GB", "kafka_in_gb"), when=_EXPRESS
            ),
            Part(
                by_usage("tiered storage", _SERVICE, "tiered-storage", "GB-month", "kafka_gb"),
                when=is_one_of(text("storageMode", "LOCAL"), "TIERED"),
            ),
        ),
        notes=(
            "`numberOfBrokerNodes` brokers, each with a disk; one of unknown size has no price.",
            "Traffic between zones by replication is free.",
        ),
        not_counted=("what clients send across zones",),
    ),
    priced(
        "aws:msk/serverlessCluster:ServerlessCluster",
        parts=(
            fixed("cluster", _SERVICE, "serverless-cluster", "hour"),
            by_usage("partitions", _SERVICE, "serverless-partition", "hour", "kafka_partitions"),
            by_usage("storage", _SERVICE, "serverless-storage", "GB-month", "kafka_gb"),
            by_usage("data in", _SERVICE, "serverless-data-in", "GB", "kafka_in_gb"),
            by_usage("data out", _SERVICE, "serverless-data-out", "GB", "kafka_out_gb"),
        ),
    ),
    priced(
        "aws:mskconnect/connector:Connector",
        parts=(
            Part(
                fixed("connect capacity", _SERVICE, "connect-mcu", "MCU-hour"),
                choice(
                    is_set("capacity.autoscaling"),
                    times(
                        whole("capacity.autoscaling.minWorkerCount"),
                        whole("capacity.autoscaling.mcuCount", 1),
                    ),
                    times(
                        whole("capacity.provisionedCapacity.workerCount"),
                        whole("capacity.provisionedCapacity.mcuCount", 1),
                    ),
                ),
            ),
        ),
        notes=("With autoscaling, its least number of workers.",),
    ),
    priced(
        "aws:msk/replicator:Replicator",
        parts=(
            fixed("replicator", _SERVICE, "replicator", "hour"),
            by_usage("data replicated", _SERVICE, "replicator-data", "GB", "kafka_in_gb"),
        ),
    ),
)
