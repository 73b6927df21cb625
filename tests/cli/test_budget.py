from __future__ import annotations

import pytest

from cli.budget import amount_text, bar
from cli.connected import shown_day, shown_moment


@pytest.mark.parametrize(
    ("used", "reserved", "shown"),
    [
        ("0", "0", "────────────────────────"),
        ("50", "0", "━━━━━━━━━━━━────────────"),
        ("50", "25", "━━━━━━━━━━━━······──────"),
        ("90", "50", "━━━━━━━━━━━━━━━━━━━━━···"),
        ("250", "10", "━━━━━━━━━━━━━━━━━━━━━━━━"),
    ],
)
def test_a_bar_has_what_is_used_and_reserved_and_no_more_than_all(
    used: str, reserved: str, shown: str
) -> None:
    budget = {"amount": "100", "used": used, "reserved": reserved}
    assert bar(budget) == f"{shown} {used} %"


def test_amounts_have_two_places_or_none() -> None:
    assert [amount_text(one) for one in ("200", "2E+2", "1.5", "177.142857")] == [
        "200",
        "200",
        "1.50",
        "177.14",
    ]


@pytest.mark.parametrize(
    ("zone", "day", "moment"),
    [
        ("Europe/Berlin", "2026-11-23", "2026-11-23"),
        ("UTC", "2026-11-22", "2026-11-22 23:00"),
        ("America/New_York", "2026-11-22", "2026-11-22 18:00"),
        ("Of/Nowhere", "2026-11-22", "2026-11-22 23:00"),
    ],
)
def test_days_are_those_of_who_is_billed(zone: str, day: str, moment: str) -> None:
    begins = "2026-11-22T23:00:00Z"
    assert (shown_day(begins, zone), shown_moment(begins, zone)) == (day, moment)
