"""How a report puts costs into words."""

from __future__ import annotations

from decimal import Decimal

import pytest

from cygni.pricing import CostLine, Estimate, ResourceCost, Status, cost_diff
from cygni.pricing.report_wording import resource_change_text, resource_text


def billed(*monthly: str | None, by_use: bool = True) -> ResourceCost:
    """A resource with a line of each amount, None where it has no price."""
    amounts = [None if one is None else Decimal(one) for one in monthly]
    lines = tuple(
        CostLine(
            "requests", Decimal(1), "request", amount, amount, amount, by_use, None, None, "key",
            missing="no price" if amount is None else None,
        )
        for amount in amounts
    )  # fmt: skip
    status = Status.NO_PRICE if None in amounts else Status.USAGE_ONLY if by_use else Status.PRICED
    return ResourceCost("urn:a", "aws:sqs/queue:Queue", "a", lines, status)


def change(before: ResourceCost | None, after: ResourceCost | None) -> str:
    old, new = (Estimate(() if side is None else (side,)) for side in (before, after))
    (diff,) = cost_diff(old, new).resources
    return resource_change_text(diff)


class TestResourceText:
    @pytest.mark.parametrize(
        ("cost", "text"),
        [
            (billed("0.4"), "~$0.40"),
            (billed(None), "no price"),
            (billed("0.2", None), "~at least $0.20"),
            (billed("5", by_use=False), "$5.00"),
            (billed(None, by_use=False), "no price"),
            (None, "-"),
        ],
    )
    def test_never_tells_use_without_a_price_as_nothing(self, cost: ResourceCost | None, text: str) -> None:
        assert resource_text(cost) == text


class TestResourceChangeText:
    @pytest.mark.parametrize(
        ("before", "after", "text"),
        [
            (None, billed("0.4"), "~+$0.40"),
            (None, billed(None), "unknown"),
            (None, billed("0.2", None), "~at least +$0.20"),
            (billed("0.2"), None, "~-$0.20"),
            (billed("5", by_use=False), billed("7", by_use=False), "+$2.00"),
        ],
    )
    def test_never_tells_use_without_a_price_as_nothing(
        self, before: ResourceCost | None, after: ResourceCost | None, text: str
    ) -> None:
        assert change(before, after) == text
