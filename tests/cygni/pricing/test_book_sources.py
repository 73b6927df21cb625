from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

from cygni.pricing import PriceBook
from cygni.pricing.book_file import Row
from cygni.pricing.book_sources import NewestRows, RowsInFolder, RowsInMemory
from cygni.pricing.price_book import SHIPPED

OLD = Row("AmazonX", "eu-west-1", "thing", (("kind", "a"),), "GB", Decimal(2), "2025-01-01", "a page")
DAY = date(2026, 11, 22)
NEW = replace(OLD, usd=Decimal(1), as_of="2026-11-22", source="AWS price list")


def newest(synced: list[Row], shipped: list[Row]) -> tuple[Row, ...]:
    return NewestRows(RowsInMemory(synced), RowsInMemory(shipped)).rows("AmazonX", "eu-west-1")


def tier(name: str, row: Row) -> Row:
    return replace(row, attributes=(("kind", "a"), ("tier", name)))


class TestNewestRows:
    def test_are_those_that_were_read_last(self) -> None:
        assert newest([NEW], [OLD]) == (NEW,)

    def test_are_those_that_ship_where_they_are_newer(self) -> None:
        shipped = replace(OLD, as_of="2027-01-01")
        assert newest([NEW], [shipped]) == (shipped,)

    def test_are_the_synchronised_of_the_same_day(self) -> None:
        assert newest([NEW], [replace(OLD, as_of=NEW.as_of)]) == (NEW,)

    def test_are_the_synchronised_where_the_other_has_no_day(self) -> None:
        assert newest([NEW], [replace(OLD, as_of=None)]) == (NEW,)

    def test_keep_what_was_not_synchronised(self) -> None:
        other = replace(OLD, usage="other")
        assert newest([NEW], [other]) == (other, NEW)

    def test_never_mix_the_tiers_of_two_lists(self) -> None:
        synced = [tier("first 10 TB", NEW), tier("over 10 TB", NEW)]
        shipped = [tier("first 50 TB", OLD), tier("over 50 TB", OLD)]
        book = PriceBook(NewestRows(RowsInMemory(synced), RowsInMemory(shipped)))
        tiers = book.tiers("AmazonX", "eu-west-1", "thing", (("kind", "a"),))
        assert [(one.name, one.price.as_of) for one in tiers] == [("first 10 TB", DAY), ("over 10 TB", DAY)]

    def test_have_the_regions_of_both(self) -> None:
        both = NewestRows(RowsInMemory([NEW]), RowsInMemory([replace(OLD, region="us-east-1")]))
        assert both.regions("AmazonX") == {"eu-west-1", "us-east-1"}


class TestRowsInFolder:
    def test_knows_its_services(self) -> None:
        assert {"AmazonEC2", "AWSFargate"} <= set(RowsInFolder(SHIPPED).services())

    def test_has_nothing_of_a_service_without_a_file(self) -> None:
        assert RowsInFolder(SHIPPED).rows("AmazonNothing", "us-east-1") == ()
