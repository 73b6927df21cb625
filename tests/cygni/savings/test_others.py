"""Disks, addresses, load balancers, logs and instances, by list prices of us-east-1."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from cygni.savings.rules.disks import as_fast_as_gp2
from cygni.savings.rules.generations import successors
from tests.cygni.savings.conftest import Find, daily, resource

VOLUME = "aws:ebs/volume:Volume"
BALANCER = "aws:lb/loadBalancer:LoadBalancer"
GROUP = "aws:cloudwatch/logGroup:LogGroup"


class TestGp3:
    """gp2 is 0.10 USD/GB-month, gp3 0.08, with 0.005 for each IOPS above 3,000 and 0.04 for each MiB/s above 125 (Amazon
    EBS pricing)."""

    @pytest.mark.parametrize(
        ("inputs", "saves", "options"),
        [
            ({"type": "gp2", "size": 100}, "2", ""),
            ({"size": 100}, "2", ""),
            ({"type": "gp2", "size": 500}, "5", " --throughput 250"),
            ({"type": "gp2", "size": 2000}, "20", " --iops 6000 --throughput 250"),
        ],
    )
    def test_is_as_fast_and_costs_less(
        self, find: Find, inputs: dict[str, Any], saves: str, options: str
    ) -> None:
        [found] = find("gp3-disks", resource(VOLUME, "data", inputs))
        assert found.saves == Decimal(saves)
        command = f"aws ec2 modify-volume --volume-id id-of-data --volume-type gp3{options}"
        assert found.candidate.change.command == command

    @pytest.mark.parametrize(
        "inputs", [{"type": "gp3", "size": 100}, {"type": "io1", "size": 100, "iops": 100}, {"type": "gp2"}]
    )
    def test_is_nothing_for_other_kinds_and_sizes_that_are_not_known(
        self, find: Find, inputs: dict[str, Any]
    ) -> None:
        assert find("gp3-disks", resource(VOLUME, "data", inputs)) == []

    def test_is_for_the_disks_of_instances_too(self, find: Find) -> None:
        disks = {
            "instanceType": "t4g.micro",
            "rootBlockDevice": {"volumeType": "gp2", "volumeSize": 50},
            "ebsBlockDevices": [
                {"volumeType": "gp2", "volumeSize": 100},
                {"volumeType": "gp3", "volumeSize": 100},
            ],
        }
        [found] = find("gp3-disks", resource("aws:ec2/instance:Instance", "bastion", disks))
        assert found.saves == Decimal("0.02") * 150
        assert found.candidate.seen == "150 GiB of gp2 in 2 of its disks"

    @pytest.mark.parametrize(
        ("size", "speed"),
        [
            (170, {}),
            (171, {"throughput": 250}),
            (1000, {"throughput": 250}),
            (1001, {"iops": 3003, "throughput": 250}),
            (9000, {"iops": 16000, "throughput": 250}),
        ],
    )
    def test_needs_what_gp2_gave(self, size: int, speed: dict[str, int]) -> None:
        assert as_fast_as_gp2(size) == speed


class TestUnattached:
    def test_addresses_are_released(self, find: Find) -> None:
        """0.005 USD an hour."""
        used, unused = resource("aws:ec2/eip:Eip", "used"), resource("aws:ec2/eip:Eip", "unused")
        [found] = find("unattached-addresses", used, unused, unattached=[unused])
        assert (found.resource.name, found.saves) == ("unused", Decimal("3.65"))
        assert found.candidate.change.command == "aws ec2 release-address --allocation-id id-of-unused"

    def test_volumes_are_deleted(self, find: Find) -> None:
        volume = resource(VOLUME, "old", {"type": "gp3", "size": 200})
        [found] = find("unattached-volumes", volume, unattached=[volume])
        assert (found.saves, found.costs) == (Decimal(16), Decimal(16))
        assert find("unattached-volumes", volume) == []


class TestLoadBalancer:
    def test_without_requests_saves_its_hours_and_addresses(self, find: Find) -> None:
        """0.0225 USD an hour, and 0.005 for each of two public addresses."""
        balancer = resource(BALANCER, "shop", {"internal": False, "subnets": ["a", "b"]})
        there = {(balancer.urn, "alb_presence"): daily(0)}
        [found] = find("idle-load-balancer", balancer, series=there)
        assert found.saves == Decimal("16.425") + Decimal("7.30")

    @pytest.mark.parametrize(("days", "requests"), [(14, 1.0), (13, 0.0)])
    def test_with_requests_or_too_few_values_is_nothing(self, find: Find, days: int, requests: float) -> None:
        balancer = resource(BALANCER, "shop", {"internal": True})
        measured = {
            (balancer.urn, "alb_presence"): daily(0, days),
            (balancer.urn, "alb_requests"): daily(requests, 1),
        }
        assert find("idle-load-balancer", balancer, series=measured) == []


class TestLogs:
    def test_kept_for_ever_save_what_a_year_brings_together(self, find: Find) -> None:
        """0.03 USD/GB-month; 10 GB a month of 730 hours are 120 GB in 365 days and 9.863 GB in 30."""
        group = resource(GROUP, "logs")
        measured = {(group.urn, "log_ingest_gb"): daily(2**30 / 3)}
        logs = {group.urn: {"log_ingest_gb": Decimal(10)}}
        [found] = find("log-retention", group, series=measured, logs=logs)
        assert found.saves == pytest.approx(Decimal("0.03") * (Decimal(120) - Decimal("9.863014")))
        assert found.candidate.seen == "4.67 GB written in 14 days, and kept for ever"

    def test_that_are_not_kept_for_ever_or_not_measured_are_nothing(self, find: Find) -> None:
        kept = resource(GROUP, "kept", {"retentionInDays": 30})
        silent = resource(GROUP, "silent")
        series = {(kept.urn, "log_ingest_gb"): daily(2**30), (silent.urn, "log_ingest_gb"): daily(1, 13)}
        assert find("log-retention", kept, silent, series=series) == []


class TestGenerations:
    """Amazon RDS for PostgreSQL, Single-AZ: db.t3.micro 0.018 USD an hour, db.t4g.micro 0.016. ElastiCache for Redis:
    cache.t3.micro 0.017, cache.t4g.micro 0.016. EC2: m5.large 0.096, m7g.large 0.0816, m6g.large 0.077."""

    def test_of_a_database(self, find: Find) -> None:
        database = resource(
            "aws:rds/instance:Instance",
            "shop-staging-main",
            {"instanceClass": "db.t3.micro", "engine": "postgres", "allocatedStorage": 20},
        )
        [found] = find("newer-generation", database)
        assert found.saves == Decimal("0.002") * 730
        assert found.candidate.change.settings == {"databases": {"main": {"instance_class": "db.t4g.micro"}}}

    def test_of_a_replica_is_that_of_its_database(self, find: Find) -> None:
        inputs = {"instanceClass": "db.t3.micro", "engine": "postgres", "allocatedStorage": 20}
        [found] = find(
            "newer-generation", resource("aws:rds/instance:Instance", "shop-staging-main-replica-1", inputs)
        )
        settings = found.candidate.change.settings
        assert settings is not None
        assert list(settings["databases"]) == ["main"]

    def test_of_a_cache(self, find: Find) -> None:
        cache = resource(
            "aws:elasticache/replicationGroup:ReplicationGroup",
            "shop-staging-sessions",
            {"nodeType": "cache.t3.micro", "engine": "redis", "numCacheClusters": 2},
        )
        [found] = find("newer-generation", cache)
        assert found.saves == 2 * Decimal("0.001") * 730
        assert found.candidate.change.settings == {"caches": {"sessions": {"node_type": "cache.t4g.micro"}}}

    def test_is_the_newest_of_several(self, find: Find) -> None:
        instance = resource(
            "aws:ec2/instance:Instance", "builder", {"instanceType": "m5.large"}, component=""
        )
        [found] = find("newer-generation", instance)
        assert found.saves == (Decimal("0.096") - Decimal("0.0816")) * 730
        assert found.candidate.change.says == "Say instanceType: m7g.large in the program."

    @pytest.mark.parametrize(
        "inputs",
        [
            {"instanceClass": "db.t4g.micro", "engine": "postgres"},
            {"instanceClass": "db.t3.micro", "engine": "sqlserver-ex"},
            {"instanceClass": "db.t3.made-up", "engine": "postgres"},
            {"instanceClass": 3, "engine": "postgres"},
            {},
        ],
    )
    def test_is_nothing_without_a_successor_of_a_known_price(
        self, find: Find, inputs: dict[str, Any]
    ) -> None:
        assert find("newer-generation", resource("aws:rds/instance:Instance", "main", inputs)) == []

    @pytest.mark.parametrize(
        ("old", "prefix", "new"),
        [
            ("db.t3.micro", "db.", ["db.t4g.micro"]),
            ("m5.large", "", ["m7g.large"]),
            ("m6i.large", "", ["m7g.large"]),
            ("m5.metal", "", []),
            ("cache.r5.large", "cache.", ["cache.r7g.large"]),
            ("db.serverless", "db.", []),
            ("t3.micro", "db.", []),
            ("", "", []),
        ],
    )
    def test_keeps_the_size(self, old: str, prefix: str, new: list[str]) -> None:
        assert list(successors(old, prefix)) == new
