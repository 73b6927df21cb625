from __future__ import annotations

from decimal import Decimal

import pytest

from cygni.errors import UsageError
from cygni.pricing import PriceBook, estimate
from cygni.pricing.book_file import Row
from cygni.pricing.book_sources import RowsInFolder, RowsInMemory
from cygni.pricing.discounts import PaidRows, parse_discounts
from cygni.pricing.price_book import SHIPPED
from cygni.pricing.wording import basis_text
from tests.cygni.pricing.conftest import Make

MACHINE = Row(
    "AmazonEC2", "us-east-1", "instance",
    (("instance_type", "m7g.large"), ("os", "Linux"), ("purchase", "on-demand"), ("tenancy", "Shared")),
    "hour", Decimal("0.0816"), "2026-09-10", "a page",
)  # fmt: skip
KEY = "AmazonEC2 us-east-1 instance instance_type=m7g.large os=Linux"


def paid(text: str, row: Row = MACHINE) -> tuple[Decimal, str | None]:
    found = parse_discounts(f"version: 1\n{text}", "discounts.yaml").paid(row)
    return found.usd, found.discount


class TestPaid:
    def test_is_the_list_price_without_a_discount(self) -> None:
        assert paid("") == (Decimal("0.0816"), None)

    def test_is_less_by_a_percentage_exactly(self) -> None:
        assert paid("percent: 12") == (Decimal("0.071808"), "list price less 12 %")

    def test_is_less_by_that_of_its_service_instead(self) -> None:
        text = "percent: 12\nservices: {AmazonEC2: 20, AmazonS3: 5}"
        assert paid(text) == (Decimal("0.06528"), "list price less 20 %")

    def test_is_the_list_price_where_its_service_has_none(self) -> None:
        assert paid("percent: 12\nservices: {AmazonEC2: 0}") == (Decimal("0.0816"), None)

    def test_is_a_rate_instead_of_both(self) -> None:
        text = f"percent: 12\nrates:\n- {{price: {KEY}, usd: '0.0514'}}"
        assert paid(text) == (Decimal("0.0514"), "a rate of your own; 0.0816 USD at list price")

    def test_is_the_last_rate_that_fits(self) -> None:
        text = f"rates:\n- {{price: {KEY}, usd: 0.05}}\n- {{price: AmazonEC2 us-east-1 instance os=Linux, usd: 0.06}}"
        assert paid(text)[0] == Decimal("0.06")

    @pytest.mark.parametrize(
        "price",
        [
            KEY.replace("us-east-1", "eu-west-1"),
            KEY.replace("Linux", "Windows"),
            "AmazonRDS us-east-1 instance",
        ],
    )
    def test_is_no_rate_of_another_price(self, price: str) -> None:
        assert paid(f"rates:\n- {{price: {price}, usd: 0.05}}") == (Decimal("0.0816"), None)

    def test_says_which_tier_a_rate_without_one_is_above(self) -> None:
        name = "AmazonS3 us-east-1 storage"
        tiers = [("first 50 TB", "0.023"), ("next 450 TB", "0.022")]
        first, rest = (
            Row("AmazonS3", "us-east-1", "storage", (("tier", tier),), "GB-month", Decimal(usd), None, "list")
            for tier, usd in tiers
        )
        discounts = parse_discounts(f"version: 1\nrates:\n- {{price: {name}, usd: '0.0225'}}", "own.yaml")

        assert discounts.paid(first).usd == Decimal("0.0225")
        with pytest.raises(
            UsageError, match=r"list price is 0\.022 USD in its tier 'next 450 TB'"
        ) as refused:
            discounts.paid(rest)
        assert f"{name} tier=next 450 TB" in (refused.value.hint or "")

    def test_is_no_rate_above_the_list_price(self) -> None:
        with pytest.raises(UsageError, match=r"a rate of 0\.9 USD .*, whose list price is 0\.0816 USD"):
            paid(f"rates:\n- {{price: {KEY}, usd: 0.9}}")
        assert paid(f"rates:\n- {{price: {KEY}, usd: 0.0816}}")[0] == Decimal("0.0816")

    def test_knows_attributes_with_spaces(self) -> None:
        row = Row(
            "AmazonEBS", "us-east-1", "iops", (("included", "3000 IOPS"), ("volume_type", "gp3")), "IOPS-month",
            Decimal("0.005"), None, "a page",
        )  # fmt: skip
        text = "rates:\n- {price: AmazonEBS us-east-1 iops included=3000 IOPS volume_type=gp3, usd: 0.004}"
        assert paid(text, row)[0] == Decimal("0.004")


class TestUnused:
    def test_are_rates_that_fit_no_price(self) -> None:
        text = f"version: 1\nrates:\n- {{price: {KEY}, usd: 1}}\n- {{price: AmazonEC2 us-east-1 machine, usd: 1}}"
        discounts = parse_discounts(text, "discounts.yaml")
        assert discounts.unused(RowsInMemory([MACHINE])) == ("AmazonEC2 us-east-1 machine",)


class TestParse:
    @pytest.mark.parametrize(
        "text",
        [
            "", "- 1", "version: 2", "version: 1\npercentage: 12", "version: 1\npercent: 100", "version: 1\npercent: -1",
            "version: 1\npercent: true", "version: 1\npercent: .nan", "version: 1\npercent: twelve",
            "version: 1\nservices: [AmazonEC2]", "version: 1\nservices: {AmazonEC2: 101}", "version: 1\nrates: {a: 1}",
            "version: 1\nrates: [{price: AmazonEC2}]", "version: 1\nrates: [{price: AmazonEC2, usd: 1}]",
            f"version: 1\nrates: [{{price: {KEY}, usd: -1}}]", f"version: 1\nrates: [{{price: {KEY}, usd: no}}]",
            "version: 1\npercent: [", "version: 1\nwhen: 2026-13-45",
        ],
    )  # fmt: skip
    def test_refuses_what_it_does_not_understand(self, text: str) -> None:
        with pytest.raises(UsageError, match=r"the discounts in discounts\.yaml cannot be used"):
            parse_discounts(text, "discounts.yaml")

    def test_is_the_same_for_programs(self) -> None:
        text = f"version: 1\npercent: 12.5\nservices: {{AmazonS3: 3}}\nrates: [{{price: {KEY}, usd: 0.05}}]"
        assert parse_discounts(text, "discounts.yaml").to_dict() == {
            "percent": "12.5",
            "services": {"AmazonS3": "3"},
            "rates": [{"price": KEY, "usd": "0.05"}],
        }


class TestEstimate:
    def test_names_the_discount_beside_each_price(self, make: Make) -> None:
        discounts = parse_discounts("version: 1\npercent: 12", "discounts.yaml")
        book = PriceBook(PaidRows(RowsInFolder(SHIPPED), discounts))
        found = estimate([make("aws:ec2/natGateway:NatGateway")], book)
        line = found.resources[0].lines[0]
        assert (line.unit_price, line.discount) == (Decimal("0.0396"), "list price less 12 %")
        assert line.monthly == Decimal("28.908")
        assert basis_text(found).endswith("USD, less discounts, without free tier and tax")

    def test_at_list_price_says_so(self, make: Make, book: PriceBook) -> None:
        found = estimate([make("aws:ec2/natGateway:NatGateway")], book)
        assert found.resources[0].lines[0].discount is None
        assert basis_text(found).endswith("USD, without free tier, discounts and tax")


def test_spot_is_bounded_by_the_list_price_and_not_by_a_rate_of_ones_own(make: Make) -> None:
    machine = {"instanceType": "m7g.large", "subnetId": "s", "instanceMarketOptions": {"marketType": "spot"}}
    discounts = parse_discounts(f"version: 1\nrates:\n- {{price: {KEY}, usd: '0.05'}}", "discounts.yaml")
    book = PriceBook(PaidRows(RowsInMemory([MACHINE]), discounts))
    [cost] = estimate([make("aws:ec2/instance:Instance", machine)], book).resources
    assert cost.lines[0].at_most == Decimal("0.0816") * 730
