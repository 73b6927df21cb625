from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction

from cygni.metering.due import Due, Told, due, rounded
from cygni.metering.runs import Spot

SPOT = Spot("requests", "web", datetime(2026, 3, 1, 10, tzinfo=UTC))


def test_what_was_never_told_is_the_first_of_its_spot() -> None:
    assert due({SPOT: Fraction(7)}, {}) == [Due(SPOT, 0, Decimal(7))]


def test_what_was_told_is_not_told_again() -> None:
    assert due({SPOT: Fraction(7)}, {SPOT: Told(1, Decimal("7.000000000"))}) == []


def test_what_came_late_is_told_as_the_difference_under_the_next_number() -> None:
    assert due({SPOT: Fraction(9)}, {SPOT: Told(2, Decimal(7))}) == [Due(SPOT, 2, Decimal(2))]


def test_what_was_too_much_is_taken_back() -> None:
    assert due({SPOT: Fraction(5)}, {SPOT: Told(1, Decimal(7))}) == [Due(SPOT, 1, Decimal(-2))]


def test_what_nobody_knows_of_any_more_stays_as_it_was_told() -> None:
    assert due({}, {SPOT: Told(1, Decimal(7))}) == []


def test_nothing_is_not_told() -> None:
    assert due({SPOT: Fraction(0)}, {}) == []


def test_differences_sum_up_to_what_is_known_rounded_once() -> None:
    told = Told()
    for thirds in range(1, 50):
        [one] = due({SPOT: Fraction(thirds, 3)}, {SPOT: told})
        told = Told(told.events + 1, told.total + one.quantity)
    assert told.total == rounded(Fraction(49, 3)) == Decimal("16.333333333")
