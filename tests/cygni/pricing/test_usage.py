from __future__ import annotations

from dataclasses import fields
from decimal import Decimal

import pytest

from cygni.errors import UsageError
from cygni.pricing import Usage


class TestUsage:
    def test_takes_amounts_by_name(self) -> None:
        assert Usage.of({"nat_data_gb": 2.5, "dns_queries": "7"}) == Usage(
            nat_data_gb=Decimal("2.5"), dns_queries=Decimal(7)
        )

    def test_names_the_nearest_assumption(self) -> None:
        with pytest.raises(UsageError) as caught:
            Usage.of({"nat_data": 5})
        assert caught.value.hint == "Did you mean nat_data_gb?"

    @pytest.mark.parametrize("amount", [-1, "many", None, [], float("nan"), float("inf"), "1e13", True])
    def test_refuses_what_is_not_an_amount(self, amount: object) -> None:
        with pytest.raises(UsageError, match="nat_data_gb"):
            Usage.of({"nat_data_gb": amount})

    def test_describes_every_assumption(self) -> None:
        described = [Usage().describe(item.name) for item in fields(Usage)]
        assert all(" per " in words for words in described)
        assert Usage().describe("nat_data_gb") == "100 GB/month per NAT gateway"
