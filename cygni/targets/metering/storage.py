"""What an environment keeps: the disks of its databases as they are, its buckets as CloudWatch measures them daily."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from botocore.exceptions import ClientError

from cygni.metering.due import PLACES
from cygni.naming import bucket_names_begin
from cygni.pricing.usage_metrics import METRICS, Metric, Query
from cygni.targets.cloudwatch_usage import ask
from cygni.targets.fargate.clients import Clients, asking

_DAYS: Final = 3
"""How far back the last measurement of a bucket may lie: it comes a day late."""
_OF_BUCKETS: Final = tuple(one for one in METRICS if one.names == ("BucketSizeBytes",))
_NO_TAGS: Final = frozenset({"NoSuchTagSet", "NoSuchBucket"})


@dataclass(frozen=True, slots=True)
class Kept:
    """Gigabytes of one thing, and since when; None where they are not known."""

    subject: str
    level: Decimal | None
    at: datetime


def kept_in(clients: Clients, region: str, project: str, environment: str, now: datetime) -> list[Kept]:
    """By databases and buckets that there are. Raises what `asking` raises."""
    tags = {"cygni:project": project, "cygni:environment": environment}
    with asking(f"the databases of {project} ({environment}) are not known"):
        found = [
            Kept(f"database/{one['DBInstanceIdentifier']}", Decimal(one["AllocatedStorage"]), now)
            for one in _databases(clients("rds"), tags)
        ]
    with asking(f"the buckets of {project} ({environment}) are not known"):
        buckets = list(_buckets(clients("s3"), project, environment, tags))
    return [*found, *_sizes(clients, region, buckets, now)]


def _databases(rds: Any, tags: Mapping[str, str]) -> Iterator[Mapping[str, Any]]:
    """Without those of Aurora, whose volume grows by itself."""
    for page in rds.get_paginator("describe_db_instances").paginate():
        for one in page["DBInstances"]:
            own = {tag["Key"]: tag["Value"] for tag in one.get("TagList", ())}
            if tags.items() <= own.items() and not one["Engine"].startswith("aurora"):
                yield one


def _buckets(s3: Any, project: str, environment: str, tags: Mapping[str, str]) -> Iterator[str]:
    begins = bucket_names_begin(project, environment)
    for bucket in s3.list_buckets()["Buckets"]:
        if not bucket["Name"].startswith(begins):
            continue
        try:
            told = s3.get_bucket_tagging(Bucket=bucket["Name"])["TagSet"]
        except ClientError as error:
            if error.response["Error"]["Code"] not in _NO_TAGS:
                raise
            continue
        if tags.items() <= {tag["Key"]: tag["Value"] for tag in told}.items():
            yield bucket["Name"]


def _sizes(clients: Clients, region: str, buckets: list[str], now: datetime) -> Iterator[Kept]:
    """Of each the sum over storage classes on the last day that was measured."""
    queries = {_query(metric, bucket, region): bucket for bucket in buckets for metric in _OF_BUCKETS}
    today = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    start, end = today - timedelta(days=_DAYS), today + timedelta(days=1)
    points = ask(tuple(queries), lambda name: clients("cloudwatch", name), start, end)
    days: dict[str, defaultdict[datetime, Decimal]] = {bucket: defaultdict(Decimal) for bucket in buckets}
    for query, values in points.items():
        for at, value in values:
            days[queries[query]][at.astimezone(UTC)] += Decimal(str(value)) / query.metric.per
    for bucket, by_day in days.items():
        last = max(by_day, default=now)
        level = round(by_day[last], PLACES) if by_day else None
        yield Kept(f"bucket/{bucket}", level, last)


def _query(metric: Metric, bucket: str, region: str) -> Query:
    dimensions = tuple((name, text.format(id=bucket)) for name, text in metric.dimensions.items())
    return Query("", metric, metric.names[0], region, dimensions)
