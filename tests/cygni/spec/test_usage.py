"""The assumptions about use."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from cygni.pricing import Usage
from cygni.spec.usage import UsageAssumptions
from cygni.usage_assumptions import ASSUMPTIONS
from tests.cygni.spec.findings import found, only


class TestUsage:
    def test_has_the_assumptions_of_the_estimates_with_their_defaults(self) -> None:
        assert list(UsageAssumptions.model_fields) == ["free_tier", *ASSUMPTIONS]
        assert Usage.of(UsageAssumptions().model_dump()) == Usage()

    @pytest.mark.parametrize(("amount", "exact"), [(0, "0"), (0.1, "0.1"), (250, "250"), (10**12, "1e12")])
    def test_keeps_an_amount_as_it_is_written(self, amount: float, exact: str) -> None:
        given = UsageAssumptions.model_validate({"nat_data_gb": amount})
        assert Usage.of(given.model_dump()).amount("nat_data_gb") == Decimal(exact)

    @pytest.mark.parametrize(
        ("amount", "message", "hint"),
        [
            (-1, "-1 is too small", "the least is 0"),
            (10**12 + 1, "1000000000001 is too large", "the most is 1000000000000"),
            ("5", 'should be a number, not "5"', "remove the quotes"),
            (True, "should be a number, not true", None),
            (float("nan"), None, None),
            ([], None, None),
        ],
    )
    def test_refuses_what_is_no_amount(self, amount: Any, message: str | None, hint: str | None) -> None:
        finding = only(found(UsageAssumptions, {"alb_lcus": amount}))
        assert finding.path == ("alb_lcus",)
        assert message is None or (finding.message, finding.hint) == (message, hint)
