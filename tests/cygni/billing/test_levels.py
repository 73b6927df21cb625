from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction

from cygni.billing.levels import Level, time_weighted
from cygni.billing.periods import Period

APRIL = Period(datetime(2026, 4, 1, tzinfo=UTC), datetime(2026, 5, 1, tzinfo=UTC))


def level(day: int, quantity: int, subject: str = "uploads", *, month: int = 4, event: str = "1") -> Level:
    return Level(subject, datetime(2026, month, day, tzinfo=UTC), event, Decimal(quantity))


def test_a_level_all_the_time_is_that_level() -> None:
    assert time_weighted([level(1, 10, month=3)], APRIL, APRIL) == 10


def test_a_level_counts_from_when_it_was_first_told() -> None:
    assert time_weighted([level(16, 10)], APRIL, APRIL) == 5


def test_a_level_holds_until_the_next() -> None:
    assert time_weighted([level(1, 30), level(11, 60), level(21, 0)], APRIL, APRIL) == 30


def test_subjects_hold_levels_of_their_own() -> None:
    assert time_weighted([level(1, 10), level(16, 10, "backups")], APRIL, APRIL) == 15


def test_of_two_levels_at_one_moment_the_later_event_holds() -> None:
    assert time_weighted([level(1, 99, event="1"), level(1, 10, event="2")], APRIL, APRIL) == 10


def test_what_comes_after_the_span_is_not_in_it() -> None:
    first_third = Period(APRIL.start, datetime(2026, 4, 11, tzinfo=UTC))
    assert time_weighted([level(1, 30), level(11, 60)], first_third, APRIL) == 10
    assert time_weighted([level(1, 30), level(9, 0, month=5)], APRIL, APRIL) == 30


def test_nothing_is_held_where_nothing_was_told() -> None:
    assert time_weighted([], APRIL, APRIL) == Fraction(0)
