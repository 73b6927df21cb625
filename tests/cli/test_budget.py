from __future__ import annotations

import pytest

from cli.budget import amount_text, bar


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
