"""RDS and Aurora beside what test_databases has: engines, support, insights, proxies, Aurora's kinds."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from cygni.pricing import PriceBook, estimate, estimate_day
from cygni.pricing.charges import Gap
from cygni.pricing.estimators import rds_sizes
from cygni.resources import UNKNOWN, Resource
from tests.cygni.pricing.cases import Case, lines_of, urn

INSTANCE = "aws:rds/instance:Instance"
CLUSTER = "aws:rds/cluster:Cluster"
MEMBER = "aws:rds/clusterInstance:ClusterInstance"
PROXY = "aws:rds/proxy:Proxy"

RDS = "aws.amazon.com/rds/postgresql/pricing, us-east-1: db.m6g.large 0.159; gp3 0.115 a GB, 0.02 an IOPS"
SUPPORT = "aws.amazon.com/rds/postgresql/pricing: extended support 0.100 a vCPU-hour in years 1 and 2"
AURORA = "aws.amazon.com/rds/aurora/pricing: 0.10 a GB, 0.20 a million I/O; I/O-optimized 0.225 (read as 0.23) a GB"
M6G = {"engine": "postgres", "instanceClass": "db.m6g.large", "allocatedStorage": 100, "storageType": "gp3"}
M6G_LINES = {"instance db.m6g.large, Single-AZ": "116.07", "gp3 storage, Single-AZ": "11.5"}
V2 = {"engine": "aurora-postgresql", "serverlessv2ScalingConfiguration": {"minCapacity": 1, "maxCapacity": 8}}
BY_USE = {"standard storage": "1", "I/O requests": "2", "backups beyond the storage": "0"}

CASES = [
    Case("runs all month", INSTANCE, M6G, M6G_LINES, RDS),
    Case("pays for a version past its support, for each vCPU", INSTANCE, {**M6G, "engineVersion": "12.17"},
         {**M6G_LINES, "extended support, year 1": "146"}, SUPPORT),  # 2 × 0.1 × 730
    Case("does not when that is switched off", INSTANCE,
         {**M6G, "engineVersion": "12.17", "engineLifecycleSupport": "open-source-rds-extended-support-disabled"},
         M6G_LINES, SUPPORT),
    Case("has no price of the third year", INSTANCE, {**M6G, "engineVersion": "11.22"},
         {**M6G_LINES, "extended support, year 3": "2 vCPU-hour, no price"}, SUPPORT),
    Case("pays for a standby's support too", INSTANCE, {**M6G, "engineVersion": "11.22", "multiAz": True},
         {"instance db.m6g.large, Multi-AZ": "1 hour, no price", "gp3 storage, Multi-AZ": "23",
          "extended support, year 3": "4 vCPU-hour, no price"},
         "docs.aws.amazon.com/AmazonRDS, extended support charges: standbys of Multi-AZ count"),
    Case("keeps insights for a month", INSTANCE,
         {**M6G, "performanceInsightsEnabled": True, "performanceInsightsRetentionPeriod": 31},
         {**M6G_LINES, "Performance Insights, 31 days": "2 vCPU-month, no price"}, "not in the book"),
    Case("has insights of the advanced kind", INSTANCE, {**M6G, "databaseInsightsMode": "advanced"},
         {**M6G_LINES, "Database Insights, advanced": "2 vCPU-hour, no price"}, "not in the book"),
    Case("bills I/O of magnetic storage", INSTANCE, {**M6G, "storageType": "standard"},
         {"instance db.m6g.large, Single-AZ": "116.07", "standard storage, Single-AZ": "10",
          "I/O requests": "1000000 request, no price"}, RDS),
    Case("comes with its license", INSTANCE, {**M6G, "engine": "sqlserver-se"},
         {"instance db.m6g.large, Single-AZ": "1 hour, no price", "gp3 storage, Single-AZ": "11.5"}, "not in the book"),
    Case("has no price without a license", INSTANCE, {**M6G, "engine": "oracle-se2"},
         {"instance db.m6g.large, Single-AZ": "unknown", "gp3 storage, Single-AZ": "11.5"}, "it may be either"),
    Case("may use more CPU than it earns", INSTANCE, {**M6G, "instanceClass": "db.t3.medium"},
         {"instance db.t3.medium, Single-AZ": "52.56", "CPU credits": "54.75", "gp3 storage, Single-AZ": "11.5"},
         "aws.amazon.com/rds/postgresql/pricing: db.t3.medium 0.072, credits 0.075 a vCPU-hour",
         use={"surplus_vcpus": 1}),
    Case("is billed by the vCPU behind it", PROXY, {}, {"proxy": "unknown"}, "no target"),
    Case("follows its source", INSTANCE,
         {"instanceClass": "db.m6g.large", "storageType": "gp3", "replicateSourceDb": UNKNOWN}, M6G_LINES, RDS,
         others={"source": (INSTANCE, M6G)}, references={"replicateSourceDb": "source"}),
    Case("grows by itself", CLUSTER, {"engine": "aurora-postgresql"}, BY_USE, AURORA),
    Case("keeps changes for a day", CLUSTER, {"engine": "aurora-mysql", "backtrackWindow": 86400},
         {**BY_USE, "backtrack": "2.1024"},  # 10,000 an hour × 24 hours × 730 × 0.000000012
         "aws.amazon.com/rds/aurora/pricing, backtrack: 0.012 a million change records kept for an hour"),
    Case("is serverless of the first kind and pauses", CLUSTER, {"engine": "aurora-postgresql", "engineMode": "serverless"},
         {**BY_USE, "serverless v1, capacity in use": "21.9"}, "aws.amazon.com/rds/aurora/pricing: 0.06 an ACU-hour"),
    Case("is serverless of the first kind and never pauses", CLUSTER,
         {"engine": "aurora-postgresql", "engineMode": "serverless",
          "scalingConfiguration": {"autoPause": False, "minCapacity": 2}},
         {**BY_USE, "serverless v1, minimum capacity": "87.6", "serverless v1, capacity in use": "21.9"},
         "aws.amazon.com/rds/aurora/pricing: 0.06 an ACU-hour × 2 × 730"),
    Case("has no price of a storage nobody knows", CLUSTER, {"engine": "aurora-postgresql", "storageType": "aurora-x"},
         {"unknown storage": "unknown", "I/O requests": "unknown", "backups beyond the storage": "0"}, AURORA),
    Case("is of three zones without Aurora", CLUSTER,
         {"engine": "postgres", "dbClusterInstanceClass": "db.m6gd.large", "allocatedStorage": 100, "iops": 1000,
          "storageType": "io1"},
         {"instance db.m6gd.large, three zones": "1 hour, no price", "io1 storage, three zones": "100 GB-month, no price",
          "io1 IOPS, three zones": "1000 IOPS-month, no price"}, "not in the book"),
    Case("is I/O-optimized as its cluster", MEMBER,
         {"engine": "aurora-postgresql", "instanceClass": "db.r6g.large", "clusterIdentifier": UNKNOWN},
         {"instance db.r6g.large": "1 hour, no price"}, "not in the book",
         others={"c": (CLUSTER, {"engine": "aurora-postgresql", "storageType": "aurora-iopt1"})},
         references={"clusterIdentifier": "c"}),
    Case("pays for a version past its support, that of its cluster", MEMBER,
         {"engine": "aurora-mysql", "instanceClass": "db.r6g.large", "clusterIdentifier": UNKNOWN},
         {"instance db.r6g.large": "1 hour, no price", "extended support, year 1": "2 vCPU-hour, no price"},
         "release calendar for Aurora MySQL: version 2 is billed from 1 December 2024, more from 1 December 2026",
         others={"c": (CLUSTER, {"engine": "aurora-mysql", "engineVersion": "5.7.mysql_aurora.2.11.3",
                                 "storageType": "aurora-iopt1"})},
         references={"clusterIdentifier": "c"}),
    Case("keeps insights of Aurora for two years", MEMBER,
         {"engine": "aurora-postgresql", "instanceClass": "db.r6g.large", "clusterIdentifier": UNKNOWN,
          "performanceInsightsEnabled": True, "performanceInsightsRetentionPeriod": 731},
         {"instance db.r6g.large": "1 hour, no price", "Performance Insights, 731 days": "2 vCPU-month, no price"},
         "not in the book", others={"c": (CLUSTER, {"storageType": "aurora-iopt1"})},
         references={"clusterIdentifier": "c"}),
    Case("keeps a minimum of capacity, at the price of its cluster", MEMBER,
         {"engine": "aurora-postgresql", "instanceClass": "db.serverless", "clusterIdentifier": UNKNOWN},
         {"minimum capacity": "116.8", "capacity above it": "58.4"},
         "aws.amazon.com/rds/aurora/pricing: I/O-optimized 0.16 an ACU-hour",
         others={"c": (CLUSTER, {**V2, "storageType": "aurora-iopt1"})}, references={"clusterIdentifier": "c"}),
    Case("is kept beside the database", "aws:rds/snapshot:Snapshot", {}, {"snapshot storage": "1.9"},
         "aws.amazon.com/rds/postgresql/pricing: backup storage 0.095 a GB"),
    Case("is kept beside the cluster", "aws:rds/clusterSnapshot:ClusterSnapshot", {}, {"snapshot storage": "0.42"},
         "aws.amazon.com/rds/aurora/pricing: backup storage 0.021 a GB"),
    Case("is exported once", "aws:rds/exportTask:ExportTask", {}, {"snapshot exported": "0.2"},
         "aws.amazon.com/rds/aurora/pricing: snapshot export 0.010 a GB"),
]  # fmt: skip


GP3 = {**M6G, "allocatedStorage": 200, "iops": 12000, "storageThroughput": 500}


@pytest.mark.parametrize(
    ("engine", "size", "iops", "throughput"),
    [
        ("postgres", 399, 9000, 375),
        ("postgres", 400, 0, 0),
        ("oracle-ee", 199, 9000, 375),
        ("oracle-ee", 200, 0, 0),
        ("sqlserver-se", 5000, 9000, 375),
    ],
)
def test_gp3_includes_more_of_a_large_volume_and_never_of_sql_server(
    engine: str, size: int, iops: int, throughput: int, book: PriceBook
) -> None:
    """docs.aws.amazon.com/AmazonRDS/latest/UserGuide/CHAP_Storage: gp3 storage, baseline by engine."""
    given = {**GP3, "engine": engine, "allocatedStorage": size}
    [cost] = estimate([Resource(urn(INSTANCE, "it"), INSTANCE, "it", given, "us-east-1")], book).resources
    billed = {line.component: line.quantity for line in cost.lines}
    assert billed["gp3 IOPS, Single-AZ"] == iops
    assert billed["gp3 throughput, Single-AZ"] == throughput


@pytest.fixture(autouse=True)
def _day(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(estimate_day, "today", lambda: date(2026, 11, 21))


@pytest.mark.parametrize("case", CASES, ids=str)
def test_costs(case: Case, book: PriceBook) -> None:
    assert lines_of(case, book) == dict(case.lines), case.source


class TestProxy:
    def test_is_billed_for_the_vcpu_of_its_target(self, book: PriceBook) -> None:

        database = Resource(
            urn(INSTANCE, "db"), INSTANCE, "db", {**M6G, "instanceClass": "db.m6g.2xlarge"}, "us-east-1"
        )
        proxy = Resource(urn(PROXY, "p"), PROXY, "p", {}, "us-east-1")
        token = "aws:rds/proxyTarget:ProxyTarget"
        references = {"dbProxyName": (proxy.urn,), "dbInstanceIdentifier": (database.urn,)}
        target = Resource(urn(token, "t"), token, "t", {}, "us-east-1", references)
        found = estimate([database, proxy, target], book)
        (line,) = next(cost for cost in found.resources if cost.urn == proxy.urn).lines
        assert line.quantity == 8


@pytest.mark.parametrize(
    ("instance_class", "expected"),
    [
        ("db.t4g.micro", 2),
        ("db.m6g.large", 2),
        ("db.m6g.xlarge", 4),
        ("db.r6g.16xlarge", 64),
        ("db.t2.micro", None),
        ("db.serverless", None),
        ("db.m5.metal", None),
    ],
)
def test_vcpus(instance_class: str, expected: int | None) -> None:
    found = rds_sizes.vcpus(instance_class)
    assert isinstance(found, Gap) if expected is None else found == Decimal(expected)
