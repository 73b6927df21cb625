"""From CloudWatch's values to what is used in a month."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from cygni.engine_documents.stored import UNKNOWN_REGION, Identity
from cygni.pricing.estimators import priced_types
from cygni.pricing.usage_metrics import METRICS, Metric, Points, Query, monthly_amounts, queries
from cygni.usage_assumptions import ASSUMPTIONS
from tests.cygni.pricing.conftest import Make

END = datetime(2026, 11, 21, tzinfo=UTC)
NAT = "aws:ec2/natGateway:NatGateway"
GB = float(2**30)


def days(*values: float) -> Points:
    """A value a day, the last one yesterday."""
    begin = END - timedelta(days=len(values))
    return [(begin + timedelta(days=number), value) for number, value in enumerate(values)]


@pytest.fixture
def nat(make: Make) -> tuple[Query, ...]:
    resource = make(NAT)
    return queries([resource], {resource.urn: Identity("nat-1", "nat-1", "")})


class TestMetrics:
    @pytest.mark.parametrize("metric", METRICS, ids=lambda one: f"{one.amount} {one.types[0]}")
    def test_tell_what_is_assumed_of_types_that_are_priced(self, metric: object) -> None:
        found = next(one for one in METRICS if one is metric)
        assert found.amount in ASSUMPTIONS
        assert any(token in priced_types() for token in found.types)


class TestQueries:
    def test_are_of_what_exists_and_has_a_place(self, make: Make) -> None:
        here, new, nowhere = (
            make(NAT, name="a"),
            make(NAT, name="b"),
            make(NAT, name="c", region=UNKNOWN_REGION),
        )
        identities = {one.urn: Identity("nat-1", "nat-1", "") for one in (here, nowhere)}
        found = queries([here, new, nowhere], identities)
        assert {(one.urn, one.region, one.dimensions) for one in found} == {
            (here.urn, "us-east-1", (("NatGatewayId", "nat-1"),))
        }
        assert {one.name for one in found} == {"BytesOutToDestination", "BytesOutToSource"}

    @pytest.mark.parametrize(("tail", "amount"), [("app/web/50dc", "alb_lcus"), ("net/web/50dc", "nlb_lcus")])
    def test_tell_load_balancers_apart_by_their_arn(self, make: Make, tail: str, amount: str) -> None:
        balancer = make("aws:lb/loadBalancer:LoadBalancer")
        arn = f"arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/{tail}"
        [query] = queries([balancer], {balancer.urn: Identity(arn, "web", arn)})
        assert (query.metric.amount, query.dimensions) == (amount, (("LoadBalancer", tail),))

    def test_name_an_ecs_service_by_its_cluster_too(self, make: Make) -> None:
        dimensions = {"ClusterName": "{cluster}", "ServiceName": "{service}"}
        metric = Metric("cpu", ("aws:ecs/service:Service",), "AWS/ECS", ("CPUUtilization",), dimensions)
        service = make("aws:ecs/service:Service")
        id = "arn:aws:ecs:us-east-1:123456789012:service/shop_staging/shop-staging-web-blue"
        [query] = queries([service], {service.urn: Identity(id, id, "")}, [metric])
        assert query.dimensions == (
            ("ClusterName", "shop_staging"),
            ("ServiceName", "shop-staging-web-blue"),
        )
        assert queries([service], {service.urn: Identity("made-up", "made-up", "")}, [metric]) == ()

    def test_are_in_one_region_for_what_is_in_none(self, make: Make) -> None:
        zone = make("aws:route53/zone:Zone", region="eu-west-1")
        assert {one.region for one in queries([zone], {zone.urn: Identity("Z1", "Z1", "")})} == {"us-east-1"}


class TestMonthlyAmounts:
    def test_add_metrics_up_and_scale_them_to_a_month(self, nat: tuple[Query, ...]) -> None:
        out, back = nat
        amounts, covered = monthly_amounts({out: days(*[GB] * 10), back: days(*[3 * GB] * 10)}, END)
        [found] = amounts.values()
        assert found == {"nat_data_gb": Decimal("121.667")}  # 4 GB a day × 730 hours / 24
        assert covered == 10

    def test_count_from_the_first_value_on(self, nat: tuple[Query, ...]) -> None:
        young = [(END - timedelta(days=2), GB), (END - timedelta(days=1), GB)]
        amounts, covered = monthly_amounts({nat[0]: young, nat[1]: []}, END)
        assert (list(amounts.values()), covered) == ([{"nat_data_gb": Decimal("30.4167")}], 2)

    def test_say_nothing_where_there_are_no_values(self, nat: tuple[Query, ...]) -> None:
        assert monthly_amounts(dict.fromkeys(nat, ()), END)[0] == {}

    def test_tell_a_measured_nothing_from_no_values(self, nat: tuple[Query, ...]) -> None:
        amounts, _ = monthly_amounts({nat[0]: days(0.0, 0.0)}, END)
        assert list(amounts.values()) == [{"nat_data_gb": Decimal(0)}]

    def test_average_what_is_a_level(self, make: Make) -> None:
        bucket = make("aws:s3/bucket:Bucket")
        asked = queries([bucket], {bucket.urn: Identity("b", "b", "")})
        storage = next(one for one in asked if ("StorageType", "StandardStorage") in one.dimensions)
        amounts, _ = monthly_amounts({storage: days(10 * GB, 20 * GB)}, END)
        assert amounts == {bucket.urn: {"s3_storage_gb": Decimal(15)}}
