"""Queues and topics: us-east-1 in the shipped book."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest

from cygni.pricing import ResourceCost, Status, Usage
from cygni.resources import UNKNOWN, Resource

QUEUE = "aws:sqs/queue:Queue"
TOPIC = "aws:sns/topic:Topic"
SUBSCRIPTION = "aws:sns/topicSubscription:TopicSubscription"
Make = Callable[..., Resource]
CostOf = Callable[..., ResourceCost]


class TestQueue:
    @pytest.mark.parametrize(("fifo", "usd"), [(None, "0.4"), (False, "0.4"), (True, "0.5")])
    def test_costs_its_requests(self, fifo: bool | None, usd: str, make: Make, cost_of: CostOf) -> None:
        cost = cost_of(make(QUEUE, {"fifoQueue": fifo}))
        assert (cost.status, cost.cost.monthly, cost.cost.usage_monthly) == (
            Status.USAGE_ONLY,
            Decimal(0),
            Decimal(usd),  # a million requests
        )

    def test_follows_what_is_assumed(self, make: Make, cost_of: CostOf) -> None:
        cost = cost_of(make(QUEUE), usage=Usage(sqs_requests=Decimal(5_000_000)))
        assert cost.cost.usage_monthly == Decimal(2)

    def test_of_an_unknown_kind_has_no_price(self, make: Make, cost_of: CostOf) -> None:
        assert cost_of(make(QUEUE, {"fifoQueue": UNKNOWN})).status is Status.NO_PRICE


class TestTopic:
    def test_costs_what_is_published(self, make: Make, cost_of: CostOf) -> None:
        cost = cost_of(make(TOPIC))
        assert (cost.status, cost.cost.usage_monthly) == (Status.USAGE_ONLY, Decimal("0.05"))

    def test_in_order_has_no_price_for_what_it_delivers(self, make: Make, cost_of: CostOf) -> None:
        cost = cost_of(make(TOPIC, {"fifoTopic": True}))
        assert [line.monthly for line in cost.lines] == [Decimal("0.03"), None]
        assert (cost.status, cost.missing) == (Status.NO_PRICE, 1)

    def test_of_an_unknown_kind_has_no_price(self, make: Make, cost_of: CostOf) -> None:
        assert cost_of(make(TOPIC, {"fifoTopic": UNKNOWN})).status is Status.NO_PRICE


class TestSubscription:
    @pytest.mark.parametrize("protocol", ["sqs", "lambda"])
    def test_of_a_queue_or_function_is_free(self, protocol: str, make: Make, cost_of: CostOf) -> None:
        assert cost_of(make(SUBSCRIPTION, {"protocol": protocol})).status is Status.FREE

    @pytest.mark.parametrize(("protocol", "usd"), [("https", "0.06"), ("email", "2")])
    def test_elsewhere_costs_each_message(self, protocol: str, usd: str, make: Make, cost_of: CostOf) -> None:
        assert cost_of(make(SUBSCRIPTION, {"protocol": protocol})).cost.usage_monthly == Decimal(usd)

    @pytest.mark.parametrize(("protocol", "words"), [("sms", "sms"), (UNKNOWN, "unknown")])
    def test_without_a_price_says_so(self, protocol: object, words: str, make: Make, cost_of: CostOf) -> None:
        (line,) = cost_of(make(SUBSCRIPTION, {"protocol": protocol})).lines
        assert (line.component, line.monthly) == (f"messages delivered by {words}", None)
