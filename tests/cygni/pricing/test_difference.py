from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest

from cygni.pricing import Bound, CostDiff, PriceBook, Status, cost_diff, estimate
from cygni.resources import UNKNOWN, Resource

NAT = "aws:ec2/natGateway:NatGateway"
EIP = "aws:ec2/eip:Eip"
SERVICE = "aws:ecs/service:Service"
BROKER = "aws:medialive/channel:Channel"
Make = Callable[..., Resource]


def compared(book: PriceBook, before: list[Resource], after: list[Resource]) -> CostDiff:
    return cost_diff(estimate(before, book), estimate(after, book))


def storing(make: Make, gibibytes: int) -> list[Resource]:
    """A service in a region whose price book has its vCPUs and memory, but not the storage above 20 GiB."""
    definition = {"family": "w", "cpu": 256, "memory": 512, "ephemeralStorage": {"sizeInGib": gibibytes}}
    inputs = {"desiredCount": 1, "launchType": "FARGATE", "taskDefinition": "w"}
    region = "eu-west-1"
    return [
        make("aws:ecs/taskDefinition:TaskDefinition", definition, region=region),
        make(SERVICE, inputs, region=region),
    ]


class TestCostDiff:
    def test_shows_what_is_new_and_what_goes(self, book: PriceBook, make: Make) -> None:
        diff = compared(book, [make(EIP)], [make(NAT)])
        eip, nat = diff.resources
        assert (eip.after, nat.before) == (None, None)
        assert (eip.delta.monthly, nat.delta.monthly) == (Decimal("-3.65"), Decimal("32.85"))
        assert diff.delta_monthly == Decimal("29.2")
        assert diff.delta_hourly == Decimal("0.04")
        assert diff.delta.usage_monthly == Decimal("4.5")
        assert diff.complete

    def test_matches_a_changed_resource_by_its_urn(self, book: PriceBook, make: Make) -> None:
        definition = make(
            "aws:ecs/taskDefinition:TaskDefinition", {"family": "w", "cpu": 1024, "memory": 2048}
        )

        def service(count: object) -> list[Resource]:
            inputs = {"desiredCount": count, "launchType": "FARGATE", "taskDefinition": "w"}
            return [definition, make(SERVICE, inputs)]

        diff = compared(book, service(1), service(3))
        assert [(each.name, each.delta.hourly) for each in diff.changed] == [("it", Decimal("0.09874"))]
        unknown = compared(book, service(1), service(UNKNOWN))
        assert unknown.changed[0].delta.monthly is None
        assert (unknown.unknown, unknown.complete) == (1, False)

    def test_of_a_missing_price_is_unknown(self, book: PriceBook, make: Make) -> None:
        diff = compared(book, [], [make(NAT, region="eu-west-1"), make(EIP)])
        nat = next(each for each in diff.resources if each.type == NAT)
        assert (nat.delta.monthly, nat.delta.usage_monthly) == (None, None)
        assert (diff.unknown, diff.usage_unknown, diff.delta_monthly) == (1, 1, Decimal("3.65"))

    def test_of_a_price_missing_on_both_sides_alike_is_nothing(self, book: PriceBook, make: Make) -> None:
        there = [make(NAT, region="eu-west-1")]
        diff = compared(book, there, there)
        assert diff.resources[0].delta.monthly == 0
        assert diff.complete
        assert diff.after.missing == 2

    def test_of_a_quantity_unknown_on_both_sides_is_unknown(self, book: PriceBook, make: Make) -> None:
        there = [make(SERVICE, {"desiredCount": UNKNOWN})]
        assert compared(book, there, there).unknown == 1

    def test_of_an_unknown_type_is_unknown_when_it_changes(self, book: PriceBook, make: Make) -> None:
        diff = compared(book, [make(BROKER)], [make(BROKER, {"hostInstanceType": "mq.m5.large"})])
        assert (diff.unknown, diff.complete, diff.bound) == (1, False, Bound.OPEN)

    def test_of_an_unknown_type_is_nothing_while_it_stays_as_it_is(self, book: PriceBook, make: Make) -> None:
        diff = compared(book, [make(BROKER)], [make(BROKER)])
        assert (diff.unknown, diff.complete, diff.changed) == (0, True, ())
        elsewhere = compared(book, [make(BROKER)], [make(BROKER, region="eu-west-1")])
        assert elsewhere.unknown == 1

    def test_of_a_quantity_that_stays_unknown_is_nothing(self, book: PriceBook, make: Make) -> None:
        there = [make(SERVICE, {"desiredCount": 2, "launchType": "FARGATE", "taskDefinition": "elsewhere:3"})]
        diff = compared(book, there, there)
        assert (diff.complete, diff.after.missing > 0) == (True, True)

    def test_of_a_resource_with_a_part_without_a_price_is_known_in_the_other_parts(
        self, book: PriceBook, make: Make
    ) -> None:
        diff = compared(book, [], storing(make, 100))
        [service] = [each for each in diff.resources if each.type == SERVICE]
        assert service.delta.monthly is None
        assert service.known.monthly == diff.delta_monthly == diff.after.monthly > 0
        assert (service.bound, service.usage_bound, diff.bound) == (
            Bound.AT_LEAST,
            Bound.EXACT,
            Bound.AT_LEAST,
        )

    @pytest.mark.parametrize(
        ("before", "after", "bound"),
        [
            (100, 100, Bound.EXACT),
            (100, 150, Bound.AT_LEAST),
            (150, 100, Bound.AT_MOST),
            (100, 20, Bound.AT_MOST),
        ],
    )
    def test_is_bounded_by_how_what_has_no_price_grows(
        self, book: PriceBook, make: Make, before: int, after: int, bound: Bound
    ) -> None:
        diff = compared(book, storing(make, before), storing(make, after))
        assert (diff.bound, diff.delta_monthly) == (bound, Decimal(0))

    def test_is_open_when_something_without_a_price_comes_and_something_goes(
        self, book: PriceBook, make: Make
    ) -> None:
        diff = compared(book, [make(BROKER)], [make(NAT, region="eu-west-1")])
        assert diff.bound is Bound.OPEN

    def test_knows_the_fixed_part_when_only_usage_has_no_price(self, book: PriceBook, make: Make) -> None:
        watched = make(
            "aws:ecs/cluster:Cluster", {"settings": [{"name": "containerInsights", "value": "on"}]}
        )
        diff = compared(book, [make("aws:ecs/cluster:Cluster")], [watched])
        assert (diff.unknown, diff.usage_unknown) == (0, 1)
        assert diff.resources[0].delta.monthly == 0

    def test_adds_what_an_interrupted_replacement_left_twice(self, book: PriceBook, make: Make) -> None:
        diff = compared(book, [make(NAT), make(NAT)], [make(NAT)])
        assert [each.delta.monthly for each in diff.resources] == [Decimal("-32.85")]
        assert diff.delta_monthly == diff.after.monthly - diff.before.monthly

    def test_puts_both_sides_of_each_resource_into_json(self, book: PriceBook, make: Make) -> None:
        shape = compared(book, [make(EIP)], [make(NAT)]).to_dict()
        assert shape["before"]["totals"]["monthly"] == "3.65"
        assert "resources" not in shape["before"]
        assert shape["delta"]["monthly"] == "29.2"
        assert shape["resources"][0]["after"] is None
        assert shape["resources"][0]["before"]["status"] == Status.PRICED
        assert shape["resources"][0]["delta"]["monthly"] == "-3.65"


class TestThere:
    def test_is_each_resource_once_and_what_goes_as_it_was(self, book: PriceBook, make: Make) -> None:
        diff = compared(book, [make(NAT, region="mars-1"), make(EIP)], [make(EIP), make(BROKER)])
        assert {cost.type for cost in diff.there.resources} == {NAT, EIP, BROKER}
        assert (diff.there.missing, dict(diff.there.unpriced)) == (1 + 1, {BROKER: 1})
