from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from cygni.pricing.book_difference import book_difference
from cygni.pricing.book_file import Row

NAT = Row("AmazonVPC", "us-east-1", "nat-gateway", (), "hour", Decimal("0.045"), "2024-07-01", "a page")


class TestBookDifference:
    def test_of_another_day_alone_is_none(self) -> None:
        found = book_difference(
            [NAT], [replace(NAT, as_of="2026-11-22", source="AWS", usd=Decimal("0.0450"))]
        )
        assert (found.changed, found.added, found.removed, found.same) == ((), (), (), 1)

    def test_tells_the_old_and_the_new_figure(self) -> None:
        [change] = book_difference([NAT], [replace(NAT, usd=Decimal("0.05"), as_of="2026-11-22")]).changed
        assert change.name == "AmazonVPC us-east-1 nat-gateway"
        assert change.percent == Decimal("11.1")
        assert change.to_dict()["before"] == "0.045"
        assert change.to_dict()["after_as_of"] == "2026-11-22"

    def test_takes_another_unit_for_a_change(self) -> None:
        assert len(book_difference([NAT], [replace(NAT, unit="GB")]).changed) == 1

    def test_tells_what_is_new_and_what_went(self) -> None:
        other = replace(NAT, region="eu-west-1")
        found = book_difference([NAT], [other])
        assert [one.name for one in found.added] == ["AmazonVPC eu-west-1 nat-gateway"]
        assert [one.name for one in found.removed] == ["AmazonVPC us-east-1 nat-gateway"]
        assert found.added[0].percent is None
