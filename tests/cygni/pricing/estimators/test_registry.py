"""What holds for every estimator."""

from __future__ import annotations

import re
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import pytest

from cygni.pricing import PriceBook
from cygni.pricing.charges import Charge
from cygni.pricing.estimators import ALL, ESTIMATORS, FREE_TYPES
from cygni.pricing.reference import has_price

# The shipped book has no price for these in any region: they are known, and shown as missing.
WITHOUT_A_PRICE = {
    "Fargate Spot vCPU, x86",
    "Fargate Spot memory, x86",
    "Fargate Spot vCPU, ARM",
    "Fargate Spot memory, ARM",
    "gateway load balancer",
    "GLCU capacity",
    "Container Insights",
    "messages a FIFO topic delivers",
}

CHARGES = list(dict.fromkeys(charge for estimator in ALL for charge in estimator.charges))


@cache
def provider_tokens() -> frozenset[str]:
    """Every resource type of the official SDK, read from its text: importing it takes seconds."""
    spec = find_spec("pulumi_aws")
    assert spec is not None
    assert spec.origin is not None
    return frozenset(re.findall(r'"(aws:\w+/\w+:\w+)":', Path(spec.origin).read_text("utf-8")))


class TestRegistry:
    @pytest.mark.parametrize("token", sorted({*ESTIMATORS, *FREE_TYPES}))
    def test_names_types_as_the_official_provider_does(self, token: str) -> None:
        assert token in provider_tokens()

    def test_calls_no_priced_type_free(self) -> None:
        assert not set(ESTIMATORS) & set(FREE_TYPES)

    def test_gives_each_type_one_estimator(self) -> None:
        assert len(ESTIMATORS) == sum(len(estimator.types) for estimator in ALL)

    @pytest.mark.parametrize("charge", CHARGES, ids=lambda charge: charge.component)
    def test_has_a_price_in_the_home_region_for_every_charge(self, book: PriceBook, charge: Charge) -> None:
        assert has_price(book, charge, "us-east-1") is (charge.component not in WITHOUT_A_PRICE)

    @pytest.mark.parametrize("charge", CHARGES, ids=lambda charge: charge.component)
    def test_counts_in_the_unit_of_the_book(self, book: PriceBook, charge: Charge) -> None:
        region = charge.region or "us-east-1"
        tiers = book.tiers(charge.service, region, charge.usage, charge.attributes) if charge.tiered else ()
        price = book.find(charge.service, region, charge.usage, charge.attributes)
        units = {tier.price.unit for tier in tiers} | ({price.unit} if price else set())
        assert units <= {charge.unit}
