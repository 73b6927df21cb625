"""Kinesis: data streams by shard or on demand, Firehose, Managed Service for Apache Flink, video streams."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from cygni.pricing.charges import by_usage, fixed
from cygni.pricing.money import ceiling
from cygni.pricing.parts import Part, priced
from cygni.pricing.readings import (
    Reading,
    Subject,
    derived,
    every,
    flag,
    is_one_of,
    is_set,
    negated,
    of_both,
    text,
    times,
    total,
    units,
    unknown,
    whole,
)

_SERVICE: Final = "AmazonKinesis"
_FIREHOSE: Final = "AmazonKinesisFirehose"
_FLINK: Final = "AmazonKinesisAnalytics"
_ON_DEMAND: Final = is_one_of(text("streamModeDetails.streamMode", "PROVISIONED"), "ON_DEMAND")
_SHARDS: Final = whole("shardCount", 1)
_HOURS: Final = whole(
    "retentionPeriod", 24
)  # kept for a day at no charge: aws.amazon.com/kinesis/data-streams/pricing


def _kept(over_hours: int) -> Reading[bool]:
    return derived(_HOURS, lambda hours: hours > over_hours)


_PROVISIONED: Final = negated(_ON_DEMAND)
_CONVERSION: Final = "extendedS3Configuration.dataFormatConversionConfiguration"
_FLINK_PATH: Final = "applicationConfiguration.flinkApplicationConfiguration.parallelismConfiguration"
_PARALLELISM: Final = of_both(
    whole(f"{_FLINK_PATH}.parallelism", 1),
    whole(f"{_FLINK_PATH}.parallelismPerKpu", 1),
    lambda units_, each: ceiling(units_ / max(each, Decimal(1))),
)


def _source(subject: Subject) -> str:
    """Where a delivery stream takes its data from."""
    if subject.inputs.get("kinesisSourceConfiguration") is not None:
        return "kinesis"
    return "msk" if subject.inputs.get("mskSourceConfiguration") is not None else "direct-put"


ESTIMATORS: Final = (
    priced(
        "aws:kinesis/stream:Stream",
        parts=(
            Part(fixed("shards", _SERVICE, "shard", "hour"), _SHARDS, when=_PROVISIONED),
            Part(
                by_usage("PUT payload units", _SERVICE, "put-payload-units", "unit", "stream_puts"),
                when=_PROVISIONED,
            ),
            Part(
                fixed("shards that keep data up to 7 days", _SERVICE, "shard-extended-retention", "hour"),
                _SHARDS,
                when=every(_PROVISIONED, _kept(24)),
            ),
            Part(
                by_usage("data kept beyond 7 days", _SERVICE, "long-term-retention", "GB-month", "stream_gb"),
                when=every(_PROVISIONED, _kept(168)),
            ),
            Part(
                fixed("metrics of shards", "AmazonCloudWatch", "shard-metric", "metric-month"),
                unknown("CloudWatch bills each metric of each shard, by the price of its tier"),
                when=is_set("shardLevelMetrics"),
            ),
            Part(fixed("stream on demand", _SERVICE, "on-demand-stream", "hour"), when=_ON_DEMAND),
            Part(by_usage("data in", _SERVICE, "on-demand-data-in", "GB", "stream_gb"), when=_ON_DEMAND),
            Part(by_usage("data out", _SERVICE, "on-demand-data-out", "GB", "stream_gb"), when=_ON_DEMAND),
        ),
        notes=(
            "One shard, kept for 24 hours, unless said otherwise. Data out on demand is read once.",
            "Metrics of shards (`shardLevelMetrics`) are billed by CloudWatch: they have no price.",
        ),
    ),
    priced(
        "aws:kinesis/streamConsumer:StreamConsumer",
        parts=(
            fixed("enhanced fan-out", _SERVICE, "consumer-shard", "hour"),
            by_usage("data read by enhanced fan-out", _SERVICE, "enhanced-fan-out-data", "GB", "stream_gb"),
        ),
        notes=("Taken to read one shard.",),
    ),
    priced(
        "aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream",
        parts=(
            Part(
                by_usage("data ingested", _FIREHOSE, "data-in", "GB", "firehose_gb"),
                by={"source": _source},
            ),
            Part(
                by_usage("format conversion", _FIREHOSE, "format-conversion", "GB", "firehose_gb"),
                when=every(is_set(_CONVERSION), flag(f"{_CONVERSION}.enabled", True)),
            ),
            Part(
                by_usage("dynamic partitioning", _FIREHOSE, "dynamic-partitioning", "GB", "firehose_gb"),
                when=flag("extendedS3Configuration.dynamicPartitioningConfiguration.enabled"),
            ),
        ),
        not_counted=("that each record put directly is rounded up to 5 KB",),
    ),
    priced(
        "aws:kinesisanalyticsv2/application:Application",
        parts=(
            Part(
                fixed("processing", _FLINK, "kpu", "KPU-hour"),
                total(_PARALLELISM, units(1)),
            ),
            Part(
                fixed("storage of the application", _FLINK, "storage", "GB-month"),
                times(_PARALLELISM, units(50)),
            ),
        ),
        # aws.amazon.com/managed-service-apache-flink/pricing: 50 GB of running application storage for each KPU.
        notes=("A KPU for each `parallelism` and one that orchestrates, each with 50 GB.",),
    ),
    priced(
        "aws:kinesis/videoStream:VideoStream",
        parts=(
            by_usage("data in", "AmazonKinesisVideo", "data-in", "GB", "stream_gb"),
            by_usage("data stored", "AmazonKinesisVideo", "storage", "GB-month", "stream_gb"),
        ),
    ),
)
