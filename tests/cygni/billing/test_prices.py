from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest

from cygni.billing.prices import Graduated, Package, PerUnit, Price, Step, Tier, Volume, amount_of

TIERS = (
    Tier(Decimal(100), Decimal("0.10")),
    Tier(Decimal(1000), Decimal("0.05"), Decimal(3)),
    Tier(None, Decimal("0.01")),
)


def amount(price: Price, quantity: str) -> Fraction:
    return amount_of(price.steps(Fraction(quantity)))


@pytest.mark.parametrize(
    ("price", "quantity", "expected"),
    [
        (PerUnit(Decimal("0.25")), "8", "2"),
        (PerUnit(Decimal("0.25")), "1/3", "1/12"),
        (Graduated(TIERS), "100", "10"),
        (Graduated(TIERS), "101", "13.05"),
        (Graduated(TIERS), "1000", "58"),
        (Graduated(TIERS), "1500", "63"),
        (Volume(TIERS), "100", "10"),
        (Volume(TIERS), "101", "8.05"),
        (Volume(TIERS), "1000", "53"),
        (Volume(TIERS), "1500", "15"),
        (Package(Decimal(1000), Decimal(2)), "1", "2"),
        (Package(Decimal(1000), Decimal(2)), "1000", "2"),
        (Package(Decimal(1000), Decimal(2)), "1000.001", "4"),
    ],
)
def test_prices_a_quantity(price: Price, quantity: str, expected: str) -> None:
    assert amount(price, quantity) == Fraction(expected)


@pytest.mark.parametrize(
    "price", [PerUnit(Decimal(1)), Graduated(TIERS[1:]), Volume(TIERS[1:]), Package(Decimal(10), Decimal(5))]
)
@pytest.mark.parametrize("quantity", [0, -1])
def test_charges_nothing_for_nothing_and_less(price: Price, quantity: int) -> None:
    assert price.steps(Fraction(quantity)) == ()


def test_tells_what_was_multiplied() -> None:
    assert Graduated(TIERS).steps(Fraction(150)) == (
        Step(Fraction(100), Decimal("0.10")),
        Step(Fraction(50), Decimal("0.05"), Decimal(3)),
    )
    assert Package(Decimal(10), Decimal(5)).steps(Fraction(11)) == (Step(Fraction(2), Decimal(5)),)


class TestBadPrices:
    @pytest.mark.parametrize("model", [Graduated, Volume])
    @pytest.mark.parametrize(
        ("tiers", "because"),
        [
            ((), "has no end"),
            ((Tier(Decimal(5), Decimal(1)),), "has no end"),
            ((Tier(Decimal(0), Decimal(1)), Tier(None, Decimal(1))), "above zero"),
            ((Tier(None, Decimal(1)), Tier(None, Decimal(1))), "above zero"),
            ((Tier(Decimal("NaN"), Decimal(1)), Tier(None, Decimal(1))), "above zero"),
            (
                (Tier(Decimal(5), Decimal(1)), Tier(Decimal(5), Decimal(1)), Tier(None, Decimal(1))),
                "above the one",
            ),
        ],
    )
    def test_with_tiers_that_do_not_grow_are_refused(
        self, model: type[Graduated | Volume], tiers: tuple[Tier, ...], because: str
    ) -> None:
        with pytest.raises(ValueError, match=because):
            model(tiers)

    def test_below_zero_are_refused(self) -> None:
        with pytest.raises(ValueError, match="zero or more"):
            PerUnit(Decimal(-1))
        with pytest.raises(ValueError, match="zero or more"):
            Tier(None, Decimal("Infinity"))
        with pytest.raises(ValueError, match="zero or more"):
            Package(Decimal(1), Decimal(-1))

    def test_for_packages_of_nothing_are_refused(self) -> None:
        with pytest.raises(ValueError, match="more than nothing"):
            Package(Decimal(0), Decimal(1))
