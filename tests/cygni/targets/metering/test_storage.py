"""What an environment keeps, on moto's RDS, S3 and CloudWatch."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from moto import mock_aws

from cygni.naming import bucket_name
from cygni.targets.fargate.clients import Clients
from cygni.targets.metering.storage import Kept, kept_in

NOW = datetime.now(UTC)
YESTERDAY = NOW.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=1)
VARIABLES = {"AWS_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x"}
TAGS = {"cygni:project": "shop", "cygni:environment": "staging"}


@pytest.fixture
def clients() -> Iterator[Clients]:
    with mock_aws():
        yield Clients(VARIABLES)


def tagged(tags: dict[str, str]) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def database(clients: Clients, name: str, tags: dict[str, str], engine: str = "postgres") -> None:
    clients("rds").create_db_instance(
        DBInstanceIdentifier=name, DBInstanceClass="db.t4g.micro", Engine=engine, AllocatedStorage=20,
        MasterUsername="cygni", MasterUserPassword="not a secret", Tags=tagged(tags),
    )  # fmt: skip


def bucket(clients: Clients, tags: dict[str, str] | None, environment: str = "staging") -> str:
    name = bucket_name("shop", environment, f"b{len(tags or {})}", "1", "us-east-1")
    clients("s3").create_bucket(Bucket=name)
    if tags is not None:
        clients("s3").put_bucket_tagging(Bucket=name, Tagging={"TagSet": tagged(tags)})
    return name


def measure(clients: Clients, bucket: str, storage: str, size: float, at: datetime) -> None:
    dimensions = [{"Name": "BucketName", "Value": bucket}, {"Name": "StorageType", "Value": storage}]
    metric: Any = {"MetricName": "BucketSizeBytes", "Dimensions": dimensions, "Value": size, "Timestamp": at}
    clients("cloudwatch").put_metric_data(Namespace="AWS/S3", MetricData=[metric])


def look(clients: Clients) -> list[Kept]:
    return kept_in(clients, "us-east-1", "shop", "staging", NOW)


def test_databases_of_the_environment_are_as_large_as_they_are_now(clients: Clients) -> None:
    database(clients, "mine", TAGS)
    database(clients, "other", TAGS | {"cygni:environment": "production"})
    assert look(clients) == [Kept("database/mine", Decimal(20), NOW)]


def test_buckets_are_as_large_as_cloudwatch_measured_them_last(clients: Clients) -> None:
    mine, unmeasured = bucket(clients, TAGS), bucket(clients, {**TAGS, "more": "tags"})
    bucket(clients, None)
    measure(clients, mine, "StandardStorage", 9 * 2**30, YESTERDAY - timedelta(days=1))
    measure(clients, mine, "StandardStorage", 3 * 2**30, YESTERDAY)
    measure(clients, mine, "GlacierStorage", 2**29, YESTERDAY)
    assert {one.subject: one.level for one in look(clients)} == {
        f"bucket/{mine}": Decimal("3.5"),
        f"bucket/{unmeasured}": None,
    }
    assert {one.at for one in look(clients) if one.level} == {YESTERDAY}
