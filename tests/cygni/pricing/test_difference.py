from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from cygni.pricing import CostDiff, PriceBook, Status, cost_diff, estimate
from cygni.resources import UNKNOWN, Resource

NAT = "aws:ec2/natGateway:NatGateway"
EIP = "aws:ec2/eip:Eip"
SERVICE = "aws:ecs/service:Service"
BROKER = "aws:mq/broker:Broker"
Make = Callable[..., Resource]


def compared(book: PriceBook, before: list[Resource], after: list[Resource]) -> CostDiff:
    return cost_diff(estimate(before, book), estimate(after, book))


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

    def test_of_an_unknown_type_is_unknown(self, book: PriceBook, make: Make) -> None:
        diff = compared(book, [make(BROKER)], [make(BROKER)])
        assert (diff.unknown, diff.complete) == (1, False)

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
