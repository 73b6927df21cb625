from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest

from cygni.billing.meters import METERS, Aggregation, Meter
from cygni.billing.tallies import NOTHING, quantity, tally_of

TWO = tally_of(Decimal(3)) + tally_of(Decimal("1.5"))


@pytest.mark.parametrize(
    ("aggregation", "expected"),
    [(Aggregation.SUM, "4.5"), (Aggregation.COUNT, "2"), (Aggregation.MAX, "1.5")],
)
def test_becomes_a_quantity(aggregation: Aggregation, expected: str) -> None:
    assert quantity(aggregation, TWO, Fraction(1, 2)) == Fraction(expected)
    assert quantity(aggregation, NOTHING, Fraction(1)) == 0


@pytest.mark.parametrize("aggregation", [Aggregation.UNIQUE_COUNT, Aggregation.TIME_WEIGHTED])
def test_does_not_tell_what_it_does_not_know(aggregation: Aggregation) -> None:
    with pytest.raises(ValueError, match="does not tell"):
        quantity(aggregation, TWO, Fraction(1))


def test_counts_no_largest_where_there_is_none() -> None:
    assert (NOTHING + NOTHING).largest is None
    assert (NOTHING + tally_of(Decimal(-2))).largest == Decimal(-2)


def test_of_meters_that_have_a_key() -> None:
    assert len({meter.key for meter in METERS}) == len(METERS)
    with pytest.raises(ValueError, match="not a key"):
        Meter("VCPU hours", "Processors", "vCPU-hour", Aggregation.SUM)
