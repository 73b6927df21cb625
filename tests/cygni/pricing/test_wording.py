from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from cygni.pricing import (
    Bound,
    CostDiff,
    CostLine,
    Estimate,
    PriceBook,
    ResourceCost,
    Status,
    Usage,
    cost_diff,
    estimate,
)
from cygni.pricing.wording import (
    basis_text,
    bounded_text,
    coverage_warnings,
    delta_text,
    estimate_text,
    missing_texts,
    money,
    side_text,
    signed_money,
    total_text,
)
from cygni.resources import Resource

NAT = "aws:ec2/natGateway:NatGateway"
UNPRICED = "aws:made/up:Thing"


def one(resource_type: str, name: str, region: str = "us-east-1", **inputs: object) -> Resource:
    return Resource(f"urn:x::{resource_type}::{name}", resource_type, name, inputs, region)


NAT_GATEWAY, OTHER, CHANGED = one(NAT, "a"), one(UNPRICED, "b"), one(UNPRICED, "b", size=2)

INSTANCE = "aws:ec2/instance:Instance"
ON_DEMAND = one(INSTANCE, "c", instanceType="m5.large", subnetId="s")
SPOT = one(INSTANCE, "c", instanceType="m5.large", subnetId="s", instanceMarketOptions={"marketType": "spot"})


def diff(before: list[Resource], after: list[Resource]) -> CostDiff:
    book = PriceBook.load()
    return cost_diff(estimate(before, book), estimate(after, book))


class TestMoney:
    @pytest.mark.parametrize(
        ("amount", "plain", "signed"),
        [
            ("0", "$0.00", "$0.00"),
            ("1234.5", "$1,234.50", "+$1,234.50"),
            ("-2.005", "-$2.01", "-$2.01"),
            ("-0.001", "$0.00", "$0.00"),
        ],
    )
    def test_is_in_dollars_and_cents(self, amount: str, plain: str, signed: str) -> None:
        assert (money(Decimal(amount)), signed_money(Decimal(amount))) == (plain, signed)

    def test_is_rounded_so_that_the_example_adds_up(self) -> None:
        rows = [Decimal("23.725"), Decimal("12.66003")]
        assert [money(row) for row in (*rows, sum(rows, Decimal(0)))] == ["$23.73", "$12.66", "$36.39"]


class TestTotal:
    @pytest.mark.parametrize(
        ("amount", "unknown", "text"),
        [
            ("5", 0, "$5.00"),
            ("0", 0, "$0.00"),
            ("5", 2, "at least $5.00 (2 resources unpriced)"),
            ("0", 2, "unknown (2 resources unpriced)"),
        ],
    )
    def test_says_what_is_not_in_it(self, amount: str, unknown: int, text: str) -> None:
        assert total_text(Decimal(amount), unknown) == text

    def test_is_at_most_what_bounds_it(self) -> None:
        assert total_text(Decimal(5), 2, at_most=Decimal(7)) == "at most $7.00 (2 resources unpriced)"
        assert total_text(Decimal(5), 0, at_most=Decimal(5)) == "$5.00"


class TestEstimate:
    """Spot costs at most what On-Demand does: 70.08 USD a month."""

    def test_is_told_with_the_most_it_costs(self) -> None:
        found = estimate([NAT_GATEWAY, SPOT], PriceBook.load())
        assert estimate_text(found) == "at most $103.73 (1 resource unpriced)"
        assert estimate_text(found, hourly=True) == "at most $0.1421 (1 resource unpriced)"
        assert estimate_text(found, usage=True) == "$4.50"
        assert missing_texts(found) == (
            "1 cost line without a price or a quantity, in the totals with the most it costs",
        )

    def test_is_told_as_the_least_where_something_has_no_bound(self) -> None:
        found = estimate([NAT_GATEWAY, SPOT, OTHER], PriceBook.load())
        assert estimate_text(found) == "at least $33.65 (2 resources unpriced)"
        assert missing_texts(found) == ("1 cost line without a price or a quantity, so not in the totals",)

    def test_has_resources_at_most(self) -> None:
        spot, other = estimate([SPOT, OTHER], PriceBook.load(), Usage(at_most=Decimal(9))).resources
        assert [side_text(one) for one in (spot, other)] == ["at most $70.88", "at most $9.00"]
        assert side_text(other, usage=True) == "$0.00"


class TestDelta:
    @pytest.mark.parametrize(
        ("before", "after", "text"),
        [
            ([], [NAT_GATEWAY], "+$32.85"),
            ([], [NAT_GATEWAY, OTHER], "at least +$32.85 (1 resource unpriced)"),
            ([OTHER], [NAT_GATEWAY], "at most +$32.85 (1 resource unpriced)"),
            ([OTHER], [NAT_GATEWAY, CHANGED], "+$32.85 + unknown (1 resource unpriced)"),
            ([OTHER], [], "unknown (1 resource unpriced)"),
            ([], [SPOT], "at most +$70.88 (1 resource unpriced)"),
            ([SPOT], [SPOT], "$0.00"),
            ([SPOT], [], "at most -$0.80 (1 resource unpriced)"),
            ([SPOT], [ON_DEMAND], "at most +$70.08 (1 resource unpriced)"),
            ([ON_DEMAND], [SPOT], "at most $0.00 (1 resource unpriced)"),
            ([OTHER], [SPOT], "at most +$70.88 (2 resources unpriced)"),
            ([], [SPOT, OTHER], "at least +$0.80 (2 resources unpriced)"),
        ],
    )
    def test_says_which_bound_it_is(self, before: list[Resource], after: list[Resource], text: str) -> None:
        assert delta_text(diff(before, after)) == text

    def test_adds_up_to_the_cent_where_it_is_the_most(self) -> None:
        """Spot has no list price: 43.2525 at most, beside 7.2927 that has one."""
        known = (Decimal(0), Decimal("7.2927"))
        assert money(Decimal("50.5452")) == "$50.55"
        assert bounded_text(known, Bound.AT_LEAST, Decimal("50.5452")) == "at most +$50.55"

    def test_can_be_told_by_the_hour(self) -> None:
        assert delta_text(diff([], [NAT_GATEWAY]), hourly=True) == "+$0.0450"


class TestCoverageWarnings:
    def test_tell_of_a_region_that_the_book_hardly_has(self) -> None:
        abroad = diff([], [one(NAT, "a", "eu-west-1")])
        [warning] = coverage_warnings(abroad, "eu-west-1")
        assert "covers us-east-1" in warning
        assert "in eu-west-1 2 cost lines have no price" in warning
        assert coverage_warnings(diff([one(NAT, "a", "eu-west-1")], []), "eu-west-1") == (warning,)

    def test_say_nothing_where_no_price_is_missing(self) -> None:
        assert coverage_warnings(diff([], [one("aws:ec2/vpc:Vpc", "a", "eu-west-1")]), "eu-west-1") == ()

    def test_say_nothing_of_the_region_that_it_has(self) -> None:
        assert coverage_warnings(diff([], [one(NAT, "a", "mars-1")]), "us-east-1") == ()


class TestBasis:
    @pytest.mark.parametrize(
        ("days", "text"),
        [
            (["2026-01-02"], "list prices as of 2026-01-02"),
            (["2026-01-02", "2025-01-02"], "list prices as of 2025-01-02 to 2026-01-02"),
            (["2026-01-02", None, None], "list prices as of 2026-01-02, 2 of unknown date"),
            ([None], "list prices of unknown date"),
            ([], ""),
        ],
    )
    def test_tells_of_when_prices_are(self, days: list[str | None], text: str) -> None:
        told = f"{text}, USD, without free tier, discounts and tax" if text else ""
        assert basis_text(Estimate(tuple(priced(day) for day in days))) == told

    def test_is_of_both_sides_of_a_difference(self) -> None:
        before, after = Estimate((priced("2026-09-10"),)), Estimate((priced("2024-07-01"), priced(None)))
        dates = "list prices as of 2024-07-01 to 2026-09-10, 1 of unknown date"
        assert basis_text(before, after) == f"{dates}, USD, without free tier, discounts and tax"
        assert basis_text(Estimate(()), Estimate(())) == ""

    def test_tells_that_the_free_tier_is_deducted(self) -> None:
        told = "list prices of unknown date, USD, less the free tier, without discounts and tax"
        assert basis_text(Estimate((priced(None),), free_tier=True)) == told


def priced(day: str | None) -> ResourceCost:
    as_of = date.fromisoformat(day) if day else None
    price = Decimal(1)
    line = CostLine("a", price, "month", price, price, price, False, None, as_of, "key")
    return ResourceCost("urn:a", "aws:a/b:C", "a", (line,), Status.PRICED)
