"""Which metrics of CloudWatch tell how much a resource is used, and what they come to a month (pure).

The names are those of the services' own pages of metrics. What no metric tells (requests to a bucket, images of a
repository) stays an assumption.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from cygni.engine_documents.stored import UNKNOWN_REGION, Identity
from cygni.pricing.money import HOURS_PER_MONTH
from cygni.resources import Resource

SUM: Final = "Sum"
AVERAGE: Final = "Average"
MAXIMUM: Final = "Maximum"
_DAY: Final = 86400
_GB: Final = Decimal(2**30)
_ONE: Final = Decimal(1)
_GLOBAL: Final = "us-east-1"  # where CloudWatch has the metrics of what is in no region
_DIGITS: Final = 6


@dataclass(frozen=True, slots=True, eq=False)
class Metric:
    """What tells the assumption `amount` of resources of `types`: the sum of the metrics `names`, in units of `per`.
    A rule of `cygni.savings` has names of its own for what it asks.

    `dimensions` are templates of `{id}`, `{name}`, `{region}`, `{arn}` (its last part without `loadbalancer/`) and,
    of an ECS service, `{cluster}` and `{service}`. There is a value for every `period`, in seconds. Only what has an
    `{arn}` that begins with `kind` is asked for: a load balancer's is `app/NAME/ID`.
    """

    amount: str
    types: tuple[str, ...]
    namespace: str
    names: tuple[str, ...]
    dimensions: Mapping[str, str]
    statistic: str = SUM
    per: Decimal = _ONE
    region: str | None = None
    period: int = _DAY
    kind: str = ""


_S3_CLASSES: Final = {
    "s3_storage_gb": "StandardStorage",
    "s3_standard_ia_gb": "StandardIAStorage",
    "s3_one_zone_ia_gb": "OneZoneIAStorage",
    "s3_glacier_ir_gb": "GlacierInstantRetrievalStorage",
    "s3_glacier_gb": "GlacierStorage",
    "s3_deep_archive_gb": "DeepArchiveStorage",
    "s3_intelligent_gb": "IntelligentTieringFAStorage",
    "s3_intelligent_infrequent_gb": "IntelligentTieringIAStorage",
}
_BUCKETS: Final = ("aws:s3/bucket:Bucket", "aws:s3/bucketV2:BucketV2")
BALANCERS: Final = ("aws:lb/loadBalancer:LoadBalancer", "aws:alb/loadBalancer:LoadBalancer")
_CLUSTERS: Final = ("aws:docdb/cluster:Cluster", "aws:neptune/cluster:Cluster")

METRICS: Final[tuple[Metric, ...]] = (
    Metric(
        "nat_data_gb",
        ("aws:ec2/natGateway:NatGateway",),
        "AWS/NATGateway",
        ("BytesOutToDestination", "BytesOutToSource"),
        {"NatGatewayId": "{id}"},
        per=_GB,
    ),
    Metric(
        "alb_lcus",
        BALANCERS,
        "AWS/ApplicationELB",
        ("ConsumedLCUs",),
        {"LoadBalancer": "{arn}"},
        AVERAGE,
        kind="app/",
    ),
    Metric(
        "nlb_lcus",
        BALANCERS,
        "AWS/NetworkELB",
        ("ConsumedLCUs",),
        {"LoadBalancer": "{arn}"},
        AVERAGE,
        kind="net/",
    ),
    Metric(
        "log_ingest_gb",
        ("aws:cloudwatch/logGroup:LogGroup",),
        "AWS/Logs",
        ("IncomingBytes",),
        {"LogGroupName": "{id}"},
        per=_GB,
    ),
    *(
        Metric(
            amount,
            _BUCKETS,
            "AWS/S3",
            ("BucketSizeBytes",),
            {"BucketName": "{id}", "StorageType": storage},
            AVERAGE,
            _GB,
        )
        for amount, storage in _S3_CLASSES.items()
    ),
    Metric(
        "s3_objects",
        _BUCKETS,
        "AWS/S3",
        ("NumberOfObjects",),
        {"BucketName": "{id}", "StorageType": "AllStorageTypes"},
        AVERAGE,
    ),
    Metric(
        "sqs_requests",
        ("aws:sqs/queue:Queue",),
        "AWS/SQS",
        (
            "NumberOfMessagesSent",
            "NumberOfMessagesReceived",
            "NumberOfMessagesDeleted",
            "NumberOfEmptyReceives",
        ),
        {"QueueName": "{name}"},
    ),
    Metric(
        "sns_publishes",
        ("aws:sns/topic:Topic",),
        "AWS/SNS",
        ("NumberOfMessagesPublished",),
        {"TopicName": "{name}"},
    ),
    Metric(
        "lambda_requests",
        ("aws:lambda/function:Function",),
        "AWS/Lambda",
        ("Invocations",),
        {"FunctionName": "{name}"},
    ),
    Metric(
        "lambda_ms",
        ("aws:lambda/function:Function",),
        "AWS/Lambda",
        ("Duration",),
        {"FunctionName": "{name}"},
        AVERAGE,
    ),
    Metric(
        "dynamodb_writes",
        ("aws:dynamodb/table:Table",),
        "AWS/DynamoDB",
        ("ConsumedWriteCapacityUnits",),
        {"TableName": "{name}"},
    ),
    Metric(
        "dynamodb_reads",
        ("aws:dynamodb/table:Table",),
        "AWS/DynamoDB",
        ("ConsumedReadCapacityUnits",),
        {"TableName": "{name}"},
    ),
    Metric(
        "aurora_storage_gb",
        ("aws:rds/cluster:Cluster",),
        "AWS/RDS",
        ("VolumeBytesUsed",),
        {"DBClusterIdentifier": "{id}"},
        AVERAGE,
        _GB,
    ),
    Metric(
        "aurora_io_requests",
        ("aws:rds/cluster:Cluster",),
        "AWS/RDS",
        ("VolumeReadIOPs", "VolumeWriteIOPs"),
        {"DBClusterIdentifier": "{id}"},
    ),
    *(
        Metric(amount, (token,), namespace, names, {"DBClusterIdentifier": "{id}"}, statistic, per)
        for token, namespace in zip(_CLUSTERS, ("AWS/DocDB", "AWS/Neptune"), strict=True)
        for amount, names, statistic, per in (
            ("cluster_gb", ("VolumeBytesUsed",), AVERAGE, _GB),
            ("cluster_io_requests", ("VolumeReadIOPs", "VolumeWriteIOPs"), SUM, _ONE),
        )
    ),
    Metric(
        "efs_read_gb",
        ("aws:efs/fileSystem:FileSystem",),
        "AWS/EFS",
        ("DataReadIOBytes",),
        {"FileSystemId": "{id}"},
        per=_GB,
    ),
    Metric(
        "efs_write_gb",
        ("aws:efs/fileSystem:FileSystem",),
        "AWS/EFS",
        ("DataWriteIOBytes",),
        {"FileSystemId": "{id}"},
        per=_GB,
    ),
    Metric(
        "stream_gb",
        ("aws:kinesis/stream:Stream",),
        "AWS/Kinesis",
        ("IncomingBytes",),
        {"StreamName": "{name}"},
        per=_GB,
    ),
    Metric(
        "firehose_gb",
        ("aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream",),
        "AWS/Firehose",
        ("IncomingBytes",),
        {"DeliveryStreamName": "{name}"},
        per=_GB,
    ),
    Metric(
        "dns_queries",
        ("aws:route53/zone:Zone",),
        "AWS/Route53",
        ("DNSQueries",),
        {"HostedZoneId": "{id}"},
        region=_GLOBAL,
    ),
    Metric(
        "cdn_requests",
        ("aws:cloudfront/distribution:Distribution",),
        "AWS/CloudFront",
        ("Requests",),
        {"DistributionId": "{id}", "Region": "Global"},
        region=_GLOBAL,
    ),
    Metric(
        "cdn_egress_gb",
        ("aws:cloudfront/distribution:Distribution",),
        "AWS/CloudFront",
        ("BytesDownloaded",),
        {"DistributionId": "{id}", "Region": "Global"},
        per=_GB,
        region=_GLOBAL,
    ),
    Metric(
        "waf_requests",
        ("aws:wafv2/webAcl:WebAcl",),
        "AWS/WAFV2",
        ("AllowedRequests", "BlockedRequests"),
        {"WebACL": "{name}", "Region": "{region}", "Rule": "ALL"},
    ),
)


@dataclass(frozen=True, slots=True)
class Query:
    """One metric of one resource; `dimensions` are names with values."""

    urn: str
    metric: Metric
    name: str
    region: str
    dimensions: tuple[tuple[str, str], ...]


Points = Sequence[tuple[datetime, float]]
"""What CloudWatch has: when each period begins, and its value."""


def queries(
    resources: Iterable[Resource], identities: Mapping[str, Identity], metrics: Sequence[Metric] = METRICS
) -> tuple[Query, ...]:
    """What to ask of the resources that exist and have a region."""
    return tuple(
        query for resource in resources for query in _queries(resource, identities.get(resource.urn), metrics)
    )


def _queries(resource: Resource, identity: Identity | None, metrics: Sequence[Metric]) -> Iterator[Query]:
    if identity is None or resource.region == UNKNOWN_REGION:
        return
    tail = (identity.arn or identity.id).rpartition(":")[2].removeprefix("loadbalancer/")
    _, cluster, service = (*tail.split("/"), "", "")[:3]  # `service/CLUSTER/SERVICE`
    for metric in metrics:
        if resource.type not in metric.types or not tail.startswith(metric.kind):
            continue
        dimensions = tuple(
            (
                name,
                text.format(
                    id=identity.id,
                    name=identity.name,
                    arn=tail,
                    region=resource.region,
                    cluster=cluster,
                    service=service,
                ),
            )
            for name, text in metric.dimensions.items()
        )
        if not all(value for _, value in dimensions):
            continue  # it has no ARN that tells them
        region = metric.region or resource.region
        yield from (Query(resource.urn, metric, name, region, dimensions) for name in metric.names)


def monthly_amounts(
    found: Mapping[Query, Points], end: datetime
) -> tuple[Mapping[str, Mapping[str, Decimal]], int]:
    """What the values come to, by URN and name of the amount, and the longest time in days that they cover.

    A sum is scaled from the time between a resource's first value and `end` to a month of 730 hours; an average counts
    each day alike. What has no value at all is left out: it is not known that it was not used.
    """
    groups: dict[tuple[str, Metric], list[Points]] = {}
    for query, points in found.items():
        if points:
            groups.setdefault((query.urn, query.metric), []).append(points)
    amounts: dict[str, dict[str, Decimal]] = {}
    longest = Decimal(0)
    for (urn, metric), series in groups.items():
        hours = _hours(end - min(points[0][0] for points in series))
        longest = max(longest, hours / 24)
        total = sum((_value(metric, points, hours) for points in series), Decimal(0))
        amounts.setdefault(urn, {})[metric.amount] = _rounded(total / metric.per)
    return amounts, max(round(longest), 1)


def _hours(time: timedelta) -> Decimal:
    """Exactly, to a second."""
    return Decimal(time // timedelta(seconds=1)) / 3600


def _value(metric: Metric, points: Points, hours: Decimal) -> Decimal:
    total = sum((Decimal(str(value)) for _, value in points), Decimal(0))
    if metric.statistic == AVERAGE:
        return total / len(points)
    return total * HOURS_PER_MONTH / max(hours, _ONE)


def _rounded(amount: Decimal) -> Decimal:
    """To six digits, as plainly as can be."""
    if not amount:
        return Decimal(0)
    return Decimal(format(Decimal(f"{amount:.{_DIGITS - 1}e}").normalize(), "f"))
