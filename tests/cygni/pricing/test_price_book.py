from __future__ import annotations

import sys
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from cygni.errors import PriceBookError
from cygni.pricing import PriceBook
from cygni.pricing.book_file import Row
from cygni.pricing.price_book import SHIPPED


def row(
    usage: str = "thing", usd: str = "1", region: str = "us-east-1", unit: str = "GB", **attributes: str
) -> Row:
    return Row(
        "AmazonX", region, usage, tuple(sorted(attributes.items())), unit, Decimal(usd), None, "a page"
    )


class TestPrice:
    def test_is_exact_and_dated(self, book: PriceBook) -> None:
        price = book.price("AmazonVPC", "us-east-1", "nat-gateway")
        assert price is not None
        assert (price.usd, price.unit, price.as_of) == (Decimal("0.045"), "hour", date(2026, 9, 10))

    def test_keeps_a_price_whose_day_was_not_recorded(self, book: PriceBook) -> None:
        price = book.price("AWSFargate", "eu-west-1", "vcpu", arch="x86_64", os="Linux")
        assert price is not None
        assert price.as_of is None
        assert price.usd == Decimal("0.04048")

    def test_never_falls_back_to_another_region(self, book: PriceBook) -> None:
        assert book.price("AmazonVPC", "us-east-1", "nat-gateway") is not None
        assert book.price("AmazonVPC", "eu-west-1", "nat-gateway") is None
        assert book.price("AmazonVPC", "global", "nat-gateway") is None

    def test_of_an_unknown_service_or_usage_is_none(self, book: PriceBook) -> None:
        assert book.price("AmazonNothing", "us-east-1", "nat-gateway") is None
        assert book.price("AmazonVPC", "us-east-1", "teleport") is None

    def test_may_be_asked_for_by_some_attributes_when_they_leave_one(self, book: PriceBook) -> None:
        price = book.price("AmazonEC2", "us-east-1", "instance", instance_type="m5.large", os="Linux")
        assert price is not None
        assert price.usd == Decimal("0.096")

    def test_that_is_ambiguous_is_none(self) -> None:
        book = PriceBook.of([row(size="a", kind="x"), row(size="a", kind="y")])
        assert book.price("AmazonX", "us-east-1", "thing", size="a") is None

    def test_is_never_that_of_a_tier_unless_it_is_asked_for(self) -> None:
        book = PriceBook.of([row(tier="first 10k")])
        assert book.price("AmazonX", "us-east-1", "thing") is None
        assert book.price("AmazonX", "us-east-1", "thing", tier="first 10k") is not None

    def test_with_exactly_the_attributes_wins(self) -> None:
        book = PriceBook.of([row(usd="1", size="a"), row(usd="2", size="a", kind="y")])
        price = book.price("AmazonX", "us-east-1", "thing", size="a")
        assert price is not None
        assert price.usd == 1


class TestLoad:
    def test_reads_no_service_that_is_not_asked_for(self) -> None:
        book = PriceBook.load()
        book.price("AmazonVPC", "us-east-1", "nat-gateway")
        assert list(book._places) == [("AmazonVPC", "us-east-1")]

    def test_takes_a_single_file(self, tmp_path: Path) -> None:
        file = tmp_path / "own.jsonl"
        file.write_text(
            '{"service": "S", "region": "r", "usage": "u", "unit": "hour", "usd": "0.1", "source": "me"}\n'
        )
        price = PriceBook.load(file).price("S", "r", "u")
        assert price is not None
        assert price.usd == Decimal("0.1")

    def test_refuses_a_path_that_is_not_there(self, tmp_path: Path) -> None:
        with pytest.raises(PriceBookError, match="cannot be read"):
            PriceBook.load(tmp_path / "missing.jsonl")

    def test_refuses_two_prices_for_one_thing(self) -> None:
        with pytest.raises(PriceBookError, match="Two prices"):
            PriceBook.of([row(), row(usd="2")])


class TestShippedBook:
    def test_every_file_reads_and_holds_its_own_service(self) -> None:
        files = sorted(SHIPPED.glob("*.jsonl"))
        book = PriceBook.load()
        assert len(files) >= 30
        assert all(book.regions(file.stem) for file in files)

    def test_is_not_read_by_the_import(self) -> None:
        module = sys.modules["cygni.pricing"]
        assert not any(isinstance(value, PriceBook) for value in vars(module).values())


class TestTiers:
    def test_begin_where_the_one_before_ends(self, book: PriceBook) -> None:
        tiers = book.tiers("AWSDataTransfer", "us-east-1", "internet-out")
        assert [(int(tier.start), tier.end and int(tier.end)) for tier in tiers] == [
            (0, 10_240),
            (10_240, 51_200),
            (51_200, 153_600),
        ]

    def test_end_open_where_the_last_says_over(self, book: PriceBook) -> None:
        tiers = book.tiers("AmazonVPC", "us-east-1", "vpc-endpoint-data", (("type", "Interface"),))
        assert [tier.end for tier in tiers] == [Decimal(1024**2), Decimal(5 * 1024**2), None]

    def test_are_none_when_the_first_is_missing(self, book: PriceBook) -> None:
        """The book has the next tiers for Ireland, but not the first."""
        assert book.tiers("AWSDataTransfer", "eu-west-1", "internet-out") == ()

    def test_of_a_flat_price_are_one_without_an_end(self) -> None:
        tiers = PriceBook.of([row(usd="3")]).tiers("AmazonX", "us-east-1", "thing")
        assert [(tier.start, tier.end, tier.price.usd) for tier in tiers] == [(Decimal(0), None, Decimal(3))]
