"""What is deducted where the free tier is asked for."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest

from cygni.pricing import PriceBook, Usage, estimate
from cygni.pricing.estimators import all_estimators
from cygni.pricing.free_tier import ALLOWANCES
from cygni.resources import Resource

QUEUE = "aws:sqs/queue:Queue"
Make = Callable[..., Resource]


class TestFreeTier:
    @pytest.mark.parametrize(
        ("requests", "monthly"),
        # SQS: a million requests a month are free, then 0.40 USD per million (aws.amazon.com/sqs/pricing).
        [(400_000, "0"), (500_000, "0"), (1_000_000, "0.4"), (5_000_000, "3.6")],
    )
    def test_is_shared_by_all_resources_of_an_account(
        self, requests: int, monthly: str, make: Make, book: PriceBook
    ) -> None:
        usage = Usage(free_tier=True, sqs_requests=Decimal(requests))
        queues = [make(QUEUE, name=name) for name in ("a", "b")]

        assert estimate(queues, book, usage).usage_monthly == Decimal(monthly)

    def test_is_told_beside_the_amount(self, make: Make, book: PriceBook) -> None:
        usage = Usage(free_tier=True, sqs_requests=Decimal(5_000_000))
        (line,) = estimate([make(QUEUE)], book, usage).lines

        assert line.quantity == 4_000_000
        assert line.assumption == (
            "5,000,000 requests/month per queue, less 1,000,000 of the 1,000,000 SQS requests that are free"
        )

    @pytest.mark.parametrize("free_tier", [True, False])
    def test_is_told_of_the_whole_estimate(self, free_tier: bool, make: Make, book: PriceBook) -> None:
        found = estimate([make(QUEUE)], book, Usage(free_tier=free_tier))

        assert (found.free_tier, found.to_dict()["free_tier"]) == (free_tier, free_tier)

    def test_is_not_deducted_unless_asked_for(self, make: Make, book: PriceBook) -> None:
        assert estimate([make(QUEUE)], book).usage_monthly == Decimal("0.4")

    def test_leaves_free_resources_and_types_without_an_estimator_alone(
        self, make: Make, book: PriceBook
    ) -> None:
        resources = [make("aws:ec2/vpc:Vpc"), make("aws:medialive/channel:Channel"), make(QUEUE)]
        plain, less = (estimate(resources, book, Usage(free_tier=free)) for free in (False, True))

        assert [each.status for each in less.resources] == [each.status for each in plain.resources]

    def test_has_no_allowance_that_nothing_draws_on(self) -> None:
        drawn = {charge.allowance for estimator in all_estimators() for charge in estimator.charges} - {None}

        assert drawn == set(ALLOWANCES)
