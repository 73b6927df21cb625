from __future__ import annotations

from decimal import Decimal, InvalidOperation

import pytest

from cygni.pricing.price_list.rules import Ranges
from cygni.pricing.price_list.tiers import Range, are_whole, range_of, tier_names


def ranges(*bounds: int) -> list[Range]:
    starts = [Decimal(0), *map(Decimal, bounds)]
    return list(zip(starts, [*starts[1:], None], strict=True))


class TestRangeOf:
    def test_reads_what_aws_writes(self) -> None:
        assert range_of("0", "Inf") == (Decimal(0), None)
        assert range_of("10240", "51200") == (Decimal(10240), Decimal(51200))

    def test_refuses_what_is_no_range(self) -> None:
        for start, end in (("x", "Inf"), ("-1", "2"), ("5", "5"), ("NaN", "Inf")):
            with pytest.raises((ValueError, InvalidOperation)):
                range_of(start, end)


class TestAreWhole:
    def test_leave_nothing_out_and_do_not_overlap(self) -> None:
        assert are_whole(ranges())
        assert are_whole(ranges(10, 50))
        assert not are_whole(ranges(10, 50)[1:])
        assert not are_whole(ranges(10, 50)[:-1])
        assert not are_whole([*ranges(), *ranges(10)])


class TestTierNames:
    def test_of_data_are_in_units_of_1024(self) -> None:
        names = list(tier_names(ranges(10240, 51200, 1048576, 5242880), Ranges.DATA))
        assert names == ["first 10 TB", "next 40 TB", "next 974 TB", "next 4 PB", "over 5 PB"]

    def test_of_things_are_counted(self) -> None:
        assert list(tier_names(ranges(25), Ranges.COUNT)) == ["first 25", "over 25"]
        assert list(tier_names(ranges(7_500_000_000), Ranges.COUNT, " GB-s")) == [
            "first 7.5B GB-s",
            "over 7.5B GB-s",
        ]
