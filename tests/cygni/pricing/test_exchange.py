from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cygni.pricing.exchange import DOLLARS, LEAST, MOST, Exchange

EUROS = Exchange("EUR", Decimal("0.92"), date(2026, 11, 20), "ECB")
AMOUNTS = st.decimals(Decimal(-(10**9)), Decimal(10**9), places=12)
RATES = st.decimals(LEAST, MOST, places=6)


class TestExchange:
    def test_is_so_much_for_each_dollar(self) -> None:
        assert EUROS.of_usd(Decimal("32.85")) == Decimal("30.222")
        assert EUROS.in_usd(Decimal("30.222")) == Decimal("32.85")

    def test_rounds_once_to_twelve_places(self) -> None:
        third = Exchange("EUR", Decimal("0.333333"))
        assert third.of_usd(Decimal("0.000000000001")) == 0
        assert third.of_usd(Decimal("0.0000001")) == Decimal("0.000000033333")
        assert third.exactly(Decimal("0.0000001")) == Decimal("0.0000000333333")

    @given(AMOUNTS)
    def test_leaves_dollars_as_they_are(self, amount: Decimal) -> None:
        assert str(DOLLARS.of_usd(amount)) == str(DOLLARS.in_usd(amount)) == str(amount)

    @given(AMOUNTS, RATES)
    def test_comes_back_to_the_cent(self, amount: Decimal, rate: Decimal) -> None:
        there = Exchange("EUR", rate)
        assert abs(there.in_usd(there.of_usd(amount)) - amount) < Decimal("0.000000001")

    @given(AMOUNTS, RATES)
    def test_does_not_depend_on_the_sign(self, amount: Decimal, rate: Decimal) -> None:
        there = Exchange("EUR", rate)
        assert there.of_usd(-amount) == -there.of_usd(amount)

    @pytest.mark.parametrize(
        ("exchange", "text"),
        [
            (DOLLARS, ""),
            (EUROS, "1 USD = 0.92 EUR on 2026-11-20 (ECB)"),
            (Exchange("JPY", Decimal("155.3"), date(2026, 11, 20)), "1 USD = 155.3 JPY on 2026-11-20"),
        ],
    )
    def test_is_told_with_its_day(self, exchange: Exchange, text: str) -> None:
        assert exchange.text == text

    def test_is_told_to_programs_where_it_is_no_dollar(self) -> None:
        assert DOLLARS.document == {"currency": "USD"}
        rate = {"per_usd": "0.92", "date": "2026-11-20", "source": "ECB"}
        assert EUROS.document == {"currency": "EUR", "exchange": rate}
