"""Databases, clusters and caches: us-east-1 in the shipped book."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from cygni.pricing import ResourceCost, Status, Usage, estimate_day
from cygni.resources import UNKNOWN, Resource

INSTANCE = "aws:rds/instance:Instance"
CLUSTER = "aws:rds/cluster:Cluster"
MEMBER = "aws:rds/clusterInstance:ClusterInstance"
CACHE = "aws:elasticache/replicationGroup:ReplicationGroup"
NODE = "aws:elasticache/cluster:Cluster"
Make = Callable[..., Resource]
CostOf = Callable[..., ResourceCost]

SMALL = {"engine": "postgres", "instanceClass": "db.t4g.micro", "allocatedStorage": 20, "storageType": "gp3"}
# 0.016 × 730 + 20 × 0.115
SMALL_MONTHLY = Decimal("13.98")


def monthly(cost: ResourceCost) -> Decimal | None:
    return cost.cost.monthly


class TestInstance:
    def test_costs_its_hours_and_its_storage(self, make: Make, cost_of: CostOf) -> None:
        cost = cost_of(make(INSTANCE, SMALL))

        assert (cost.status, monthly(cost), cost.missing) == (Status.PRICED, SMALL_MONTHLY, 0)

    def test_in_two_zones_pays_twice_for_storage_and_has_no_price_for_the_rest(
        self, make: Make, cost_of: CostOf
    ) -> None:
        cost = cost_of(make(INSTANCE, {**SMALL, "multiAz": True}))

        instance, _, storage = cost.lines
        assert instance.monthly is None
        assert storage.monthly == Decimal("4.6")
        assert cost.status is Status.NO_PRICE

    @pytest.mark.parametrize(
        ("storage", "added"),
        [
            ({"storageType": "gp3", "iops": 3000}, "0"),
            ({"storageType": "gp3", "iops": 4000}, "20"),
            (
                {"storageType": "gp3", "iops": 13000, "allocatedStorage": 400},
                "63.7",
            ),  # 380 × 0.115 + 1000 × 0.02
            ({"storageType": "gp2"}, "0"),
            ({"storageType": "standard"}, "-0.3"),
            ({"storageType": "io1", "iops": 1000}, "100.2"),
        ],
    )
    def test_pays_for_what_its_storage_gives_beyond_what_is_included(
        self, storage: dict[str, Any], added: str, make: Make, cost_of: CostOf
    ) -> None:
        cost = cost_of(make(INSTANCE, {**SMALL, **storage}))

        assert monthly(cost) == SMALL_MONTHLY + Decimal(added)

    def test_that_keeps_its_password_in_a_secret_pays_for_that(self, make: Make, cost_of: CostOf) -> None:
        cost = cost_of(make(INSTANCE, {**SMALL, "manageMasterUserPassword": True}))

        assert monthly(cost) == SMALL_MONTHLY + Decimal("0.4")
        assert cost.cost.usage_monthly == Decimal("0.05")

    def test_pays_for_backups_beyond_the_size_of_its_storage(self, make: Make, cost_of: CostOf) -> None:
        database = make(INSTANCE, {**SMALL, "backupRetentionPeriod": 7})

        assert cost_of(database).cost.usage_monthly == 0
        assert cost_of(database, usage=Usage(db_backup_gb=Decimal(10))).cost.usage_monthly == Decimal("0.95")

    @pytest.mark.parametrize(("days", "missing"), [(7, 0), (None, 0), (31, 1), (UNKNOWN, 1)])
    def test_has_no_price_for_long_performance_insights(
        self, days: object, missing: int, make: Make, cost_of: CostOf
    ) -> None:
        given = {"performanceInsightsEnabled": True, "performanceInsightsRetentionPeriod": days}

        assert cost_of(make(INSTANCE, {**SMALL, **given})).missing == missing

    def test_that_copies_another_has_its_engine_and_size(self, make: Make, cost_of: CostOf) -> None:
        source = make(INSTANCE, SMALL, name="source")
        replica = make(
            INSTANCE,
            {"instanceClass": "db.t4g.micro", "storageType": "gp3", "replicateSourceDb": UNKNOWN},
            references={"replicateSourceDb": (source.urn,)},
        )

        assert monthly(cost_of(replica, source)) == SMALL_MONTHLY
        assert cost_of(replica).status is Status.NO_PRICE

    @pytest.mark.parametrize("name", ["engine", "instanceClass", "multiAz", "storageType"])
    def test_has_a_gap_where_something_is_not_known_yet(self, name: str, make: Make, cost_of: CostOf) -> None:
        cost = cost_of(make(INSTANCE, {**SMALL, name: UNKNOWN}))

        assert cost.status is Status.NO_PRICE
        assert cost.missing == (2 if name == "multiAz" else 1)  # the instance and its storage


class TestCluster:
    def test_costs_what_it_stores_and_reads(self, make: Make, cost_of: CostOf) -> None:
        cost = cost_of(make(CLUSTER, {"engine": "aurora-postgresql"}))

        assert (cost.status, monthly(cost)) == (Status.USAGE_ONLY, Decimal(0))
        assert cost.cost.usage_monthly == Decimal(3)  # 10 GB × 0.1 + 10,000,000 × 0.0000002

    def test_that_is_io_optimized_pays_no_requests(self, make: Make, cost_of: CostOf) -> None:
        cost = cost_of(make(CLUSTER, {"engine": "aurora-postgresql", "storageType": "aurora-iopt1"}))

        assert cost.cost.usage_monthly == Decimal("2.3")

    def test_that_is_not_aurora_has_no_price(self, make: Make, cost_of: CostOf) -> None:
        assert cost_of(make(CLUSTER, {"engine": "postgres", "storageType": "io1"})).status is Status.NO_PRICE


class TestClusterInstance:
    def member(self, make: Make, least: object, most: object, kind: str = "db.serverless") -> list[Resource]:
        limits = {"minCapacity": least, "maxCapacity": most}
        cluster = make(
            CLUSTER,
            {"engine": "aurora-postgresql", "serverlessv2ScalingConfiguration": limits},
            name="cluster",
        )
        given = {"engine": "aurora-postgresql", "instanceClass": kind, "clusterIdentifier": UNKNOWN}
        return [make(MEMBER, given, references={"clusterIdentifier": (cluster.urn,)}), cluster]

    @pytest.mark.parametrize(
        ("least", "most", "fixed", "by_use"),
        [
            (0.5, 4, "43.8", "43.8"),  # 0.5 × 0.12 × 730, and half a unit above it
            (1, 1, "87.6", "0"),
            (0, 1, "0", "43.8"),
        ],
    )
    def test_pays_its_minimum_always_and_more_by_use(
        self, least: float, most: float, fixed: str, by_use: str, make: Make, cost_of: CostOf
    ) -> None:
        cost = cost_of(*self.member(make, least, most))

        assert monthly(cost) == Decimal(fixed)
        assert cost.cost.usage_monthly == Decimal(by_use)

    @pytest.mark.parametrize("least", [UNKNOWN, None, "much", -1])
    def test_has_a_gap_where_its_limits_are_not_numbers(
        self, least: object, make: Make, cost_of: CostOf
    ) -> None:
        assert cost_of(*self.member(make, least, 4)).status is Status.NO_PRICE

    def test_of_a_class_has_its_price_where_the_book_has_it(self, make: Make, cost_of: CostOf) -> None:
        assert monthly(cost_of(*self.member(make, 1, 4, "db.t3.large"))) == Decimal("119.72")
        assert cost_of(*self.member(make, 1, 4, "db.r6g.large")).status is Status.NO_PRICE

    def test_without_its_cluster_has_a_gap(self, make: Make, cost_of: CostOf) -> None:
        assert cost_of(self.member(make, 1, 4)[0]).status is Status.NO_PRICE


class TestCache:
    @pytest.mark.parametrize(
        ("given", "expected"),
        [
            ({"engine": "valkey", "numCacheClusters": 2}, "18.688"),  # 2 × 0.0128 × 730
            ({"numCacheClusters": 1}, "11.68"),  # Redis: 0.016 × 730
            ({"engine": "valkey", "numNodeGroups": 2, "replicasPerNodeGroup": 1}, "37.376"),
            ({"engine": "valkey"}, "9.344"),
        ],
    )
    def test_costs_the_hours_of_every_node(
        self, given: dict[str, Any], expected: str, make: Make, cost_of: CostOf
    ) -> None:
        cost = cost_of(make(CACHE, {"nodeType": "cache.t4g.micro", **given}))

        assert (cost.status, monthly(cost)) == (Status.PRICED, Decimal(expected))

    @pytest.mark.parametrize(("kept", "expected"), [(1, 0), (7, "0.085")])
    def test_pays_for_snapshots_beyond_the_first(
        self, kept: int, expected: object, make: Make, cost_of: CostOf
    ) -> None:
        given = {"nodeType": "cache.t4g.micro", "numCacheClusters": 1, "snapshotRetentionLimit": kept}

        assert cost_of(make(CACHE, given)).cost.usage_monthly == Decimal(str(expected))

    @pytest.mark.parametrize("name", ["nodeType", "engine", "numCacheClusters"])
    def test_has_a_gap_where_something_is_not_known_yet(self, name: str, make: Make, cost_of: CostOf) -> None:
        given = {"nodeType": "cache.t4g.micro", "engine": "valkey", "numCacheClusters": 1, name: UNKNOWN}

        assert cost_of(make(CACHE, given)).status is Status.NO_PRICE

    def test_of_memcached_costs_its_nodes(self, make: Make, cost_of: CostOf) -> None:
        given = {"engine": "memcached", "nodeType": "cache.t4g.micro", "numCacheNodes": 3}

        assert monthly(cost_of(make(NODE, given))) == Decimal("35.04")  # 3 × 0.016 × 730


def lines(cost: ResourceCost) -> dict[str, Decimal | None]:
    return {line.component: line.quantity for line in cost.lines}


M7G = {"engine": "redis", "nodeType": "cache.m7g.large"}


class TestReplicationGroupOfAnOlderProvider:
    @pytest.mark.parametrize(
        ("inputs", "nodes"),
        [
            ({"numberCacheClusters": 3}, 3),
            ({"clusterMode": {"numNodeGroups": 2, "replicasPerNodeGroup": 2}}, 6),
            ({"clusterMode": UNKNOWN}, None),
        ],
    )
    def test_has_the_nodes_it_says(
        self, inputs: dict[str, Any], nodes: int | None, make: Make, cost_of: CostOf
    ) -> None:
        found = cost_of(make(CACHE, {**M7G, **inputs}))
        assert lines(found) == {"redis node cache.m7g.large": nodes}

    @pytest.mark.parametrize(
        ("version", "day", "past"),
        [
            # ElastiCache User Guide: 4 and 5 are charged from 1 February 2026, 6 from 1 February 2027.
            ("4.0.10", date(2026, 1, 31), False),
            ("5.0.6", date(2026, 2, 1), True),
            ("6.2", date(2027, 1, 31), False),
            ("6.x", date(2027, 2, 1), True),
            ("7.1", date(2027, 2, 1), False),
        ],
    )
    def test_has_no_price_of_extended_support(
        self,
        version: str,
        day: date,
        past: bool,
        make: Make,
        cost_of: CostOf,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setattr(estimate_day, "today", lambda: day)
        found = cost_of(make(CACHE, {**M7G, "engineVersion": version, "numCacheClusters": 1}))
        assert ("extended support" in lines(found)) is past
        assert found.missing == past
