"""Buckets, repositories, logs, alarms, keys, secrets, zones, certificates: us-east-1 in the shipped book."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from cygni.pricing import ResourceCost, Status, Usage
from cygni.resources import UNKNOWN, Resource

LOG_GROUP = "aws:cloudwatch/logGroup:LogGroup"
ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm"
KEY = "aws:kms/key:Key"
SECRET = "aws:secretsmanager/secret:Secret"
Make = Callable[..., Resource]
CostOf = Callable[..., ResourceCost]


class TestBucket:
    def test_costs_nothing_until_it_is_used(self, make: Make, cost_of: CostOf) -> None:
        cost = cost_of(make("aws:s3/bucket:Bucket"))
        assert (cost.status, cost.cost.monthly) == (Status.USAGE_ONLY, Decimal(0))
        assert cost.cost.usage_monthly == Decimal(
            "0.32"
        )  # 10 × 0.023 + 10,000 × 0.000005 + 100,000 × 0.0000004

    def test_has_no_price_beyond_the_first_fifty_tb(self, make: Make, cost_of: CostOf) -> None:
        cost = cost_of(make("aws:s3/bucket:Bucket"), usage=Usage(s3_storage_gb=Decimal(51_201)))
        assert cost.status is Status.NO_PRICE
        assert cost.lines[0].monthly == Decimal("1177.6")  # 51,200 × 0.023

    def test_with_no_use_at_all_costs_nothing(self, make: Make, cost_of: CostOf) -> None:
        none = Usage.of({"s3_storage_gb": 0, "s3_read_requests": 0, "s3_write_requests": 0})
        cost = cost_of(make("aws:s3/bucket:Bucket"), usage=none)
        assert (cost.cost.usage_monthly, len(cost.lines), cost.missing) == (Decimal(0), 3, 0)


class TestRepository:
    def test_costs_what_it_stores(self, make: Make, cost_of: CostOf) -> None:
        cost = cost_of(make("aws:ecr/repository:Repository"))
        assert (cost.status, cost.cost.usage_monthly) == (Status.USAGE_ONLY, Decimal("0.5"))


class TestLogGroup:
    @pytest.mark.parametrize(
        ("retention", "stored"), [(30, "4.931507"), (365, "60"), (0, "60"), (None, "60"), ("7", "1.150685")]
    )
    def test_stores_what_retention_brings_together(
        self, make: Make, cost_of: CostOf, retention: object, stored: str
    ) -> None:
        cost = cost_of(make(LOG_GROUP, {"retentionInDays": retention}))  # 5 GB × days × 24 / 730
        ingest, storage = cost.lines
        assert (ingest.monthly, storage.quantity) == (Decimal("2.5"), Decimal(stored))
        assert cost.status is Status.USAGE_ONLY

    def test_with_an_unknown_retention_has_a_gap(self, make: Make, cost_of: CostOf) -> None:
        cost = cost_of(make(LOG_GROUP, {"retentionInDays": UNKNOWN}))
        assert (cost.status, cost.cost.monthly, cost.cost.usage_monthly) == (
            Status.NO_PRICE,
            Decimal(0),
            None,
        )

    def test_of_another_class_has_no_price(self, make: Make, cost_of: CostOf) -> None:
        assert cost_of(make(LOG_GROUP, {"logGroupClass": "DELIVERY"})).missing == 2


class TestFlowLog:
    FLOW_LOG = "aws:ec2/flowLog:FlowLog"

    @pytest.mark.parametrize("inputs", [{}, {"logDestinationType": "cloud-watch-logs"}])
    def test_is_billed_with_its_log_group(self, inputs: dict[str, Any], make: Make, cost_of: CostOf) -> None:
        assert cost_of(make(self.FLOW_LOG, inputs)).status is Status.FREE

    @pytest.mark.parametrize("destination", ["s3", UNKNOWN])
    def test_elsewhere_has_no_price(self, destination: object, make: Make, cost_of: CostOf) -> None:
        assert cost_of(make(self.FLOW_LOG, {"logDestinationType": destination})).status is Status.NO_PRICE


class TestMetricAlarm:
    @pytest.mark.parametrize(
        ("inputs", "monthly"),
        [
            ({"period": 60}, "0.1"),
            ({"period": 10}, "0.3"),
            ({"metricQueries": [{"id": "a", "metric": {}}, {"id": "b", "metric": {}}]}, "0.2"),
            ({"metricQueries": [{"metric": {"period": 30}}]}, "0.3"),
            ({"metricQueries": [{"metric": {}}, {"expression": "x"}], "thresholdMetricId": "x"}, "0.3"),
        ],
    )
    def test_costs_by_metric_and_resolution(
        self, make: Make, cost_of: CostOf, inputs: dict[str, Any], monthly: str
    ) -> None:
        assert cost_of(make(ALARM, inputs)).cost.monthly == Decimal(monthly)

    @pytest.mark.parametrize("queries", [UNKNOWN, 3, [3], [{"expression": "SELECT AVG(x) FROM y"}]])
    def test_on_metrics_that_are_not_told_has_no_price(
        self, make: Make, cost_of: CostOf, queries: object
    ) -> None:
        assert cost_of(make(ALARM, {"metricQueries": queries})).status is Status.NO_PRICE


class TestKey:
    @pytest.mark.parametrize(
        ("spec", "usage"),
        [(None, "0.03"), ("SYMMETRIC_DEFAULT", "0.03"), ("RSA_2048", "0.03"), ("ECC_NIST_P256", "0.15")],
    )
    def test_costs_a_dollar_and_its_requests(
        self, make: Make, cost_of: CostOf, spec: str | None, usage: str
    ) -> None:
        cost = cost_of(make(KEY, {"customerMasterKeySpec": spec}))
        assert (cost.cost.monthly, cost.cost.usage_monthly) == (Decimal(1), Decimal(usage))

    @pytest.mark.parametrize("spec", ["HMAC_256", UNKNOWN, 3])
    def test_of_another_kind_is_sure_of_the_dollar_only(
        self, make: Make, cost_of: CostOf, spec: object
    ) -> None:
        cost = cost_of(make(KEY, {"customerMasterKeySpec": spec}))
        assert (cost.cost.monthly, cost.cost.usage_monthly) == (Decimal(1), None)

    @pytest.mark.parametrize(("rotations", "monthly"), [("0", "1"), ("1", "2"), ("2", "3"), ("7", "3")])
    def test_costs_more_for_its_first_two_rotations(
        self, make: Make, cost_of: CostOf, rotations: str, monthly: str
    ) -> None:
        """aws.amazon.com/kms/pricing: the first and second rotation add 1.00 a month each, further ones nothing."""
        usage = Usage(key_rotations=Decimal(rotations))
        cost = cost_of(make(KEY, {"enableKeyRotation": True}), usage=usage)
        assert cost.cost.monthly == Decimal(monthly)
        assert cost.lines[0].assumption == (
            f"{rotations} rotations so far per key; the first two add a month's price each"
        )

    def test_says_nothing_of_rotations_where_there_are_none(self, make: Make, cost_of: CostOf) -> None:
        assert cost_of(make(KEY)).lines[0].assumption is None


class TestSecret:
    def test_costs_forty_cents_and_its_requests(self, make: Make, cost_of: CostOf) -> None:
        cost = cost_of(make(SECRET))
        assert (cost.cost.monthly, cost.cost.usage_monthly) == (Decimal("0.4"), Decimal("0.05"))

    def test_with_a_replica_needs_the_price_of_its_region(self, make: Make, cost_of: CostOf) -> None:
        cost = cost_of(make(SECRET, {"replicas": [{"region": "eu-west-1"}]}))
        assert cost.lines[2].price_key == "AWSSecretsManager eu-west-1 secret"
        assert cost.cost.monthly is None

    @pytest.mark.parametrize("replicas", [UNKNOWN, [{"region": UNKNOWN}], "x"])
    def test_with_unknown_replicas_has_no_price(self, make: Make, cost_of: CostOf, replicas: object) -> None:
        assert cost_of(make(SECRET, {"replicas": replicas})).cost.monthly is None


class TestZone:
    @pytest.mark.parametrize("region", ["us-east-1", "eu-west-1"])
    def test_costs_the_same_everywhere(self, make: Make, cost_of: CostOf, region: str) -> None:
        cost = cost_of(make("aws:route53/zone:Zone", region=region))
        assert (cost.cost.monthly, cost.cost.usage_monthly) == (Decimal("0.5"), Decimal("0.4"))


class TestCertificate:
    def test_that_is_public_is_free(self, make: Make, cost_of: CostOf) -> None:
        assert cost_of(make("aws:acm/certificate:Certificate")).status is Status.FREE

    @pytest.mark.parametrize(
        "inputs", [{"certificateAuthorityArn": UNKNOWN}, {"options": {"export": "ENABLED"}}]
    )
    def test_that_is_not_has_no_price(self, make: Make, cost_of: CostOf, inputs: dict[str, Any]) -> None:
        assert cost_of(make("aws:acm/certificate:Certificate", inputs)).status is Status.NO_PRICE
