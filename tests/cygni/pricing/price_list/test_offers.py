from __future__ import annotations

import io

import pytest

from cygni.errors import UsageError
from cygni.pricing import PriceBook
from cygni.pricing.book_file import Row
from cygni.pricing.estimators import all_estimators
from cygni.pricing.price_list.matching import match_offer
from cygni.pricing.price_list.offer_file import read_offer
from cygni.pricing.price_list.offers import OFFERS, offers_of
from cygni.pricing.price_list.rules import GLOBAL, Offer, Rule
from tests.price_list import listed, offer_csv, shipped_rows

RULES = [(offer, rule) for offer in OFFERS for rule in offer.rules]
FIRST_MISSING = ("AWSDataTransfer", "internet-out")
"""Outside us-east-1 the book that ships has tiers without the first one, which nobody can price with."""


def figures(rows: list[Row]) -> set[tuple[object, ...]]:
    return {(row.service, row.region, row.usage, row.attributes, row.unit, row.usd) for row in rows}


def regions(offer: Offer) -> set[str]:
    if offer.worldwide:
        return {GLOBAL}
    return {one for service in offer.services for one in PriceBook.load().regions(service)}


@pytest.mark.parametrize("offer", OFFERS, ids=lambda offer: offer.code)
class TestEveryOffer:
    def test_reads_back_every_price_that_ships(self, offer: Offer) -> None:
        for region in regions(offer):
            rows = [
                row for row in shipped_rows(offer, region) if any(rule.covers(row) for rule in offer.rules)
            ]
            text = offer_csv(offer.code, listed(offer, rows))
            file = read_offer(io.StringIO(text, newline=""), offer.code)
            result = match_offer(offer, file, region, "2026-11-22")
            lost = figures(rows) - figures(list(result.rows))
            assert not {one for one in lost if (one[0], one[2]) != FIRST_MISSING}
            assert result.problems == ()

    def test_has_rules_of_which_one_alone_is_meant(self, offer: Offer) -> None:
        for region in regions(offer):
            for row in shipped_rows(offer, region):
                assert sum(rule.covers(row) for rule in offer.rules) <= 1


@pytest.mark.parametrize(("offer", "rule"), RULES, ids=lambda one: getattr(one, "name", ""))
class TestEveryRule:
    def test_counts_as_the_estimators_do(self, offer: Offer, rule: Rule) -> None:
        charges = [
            charge
            for estimator in all_estimators()
            for charge in estimator.charges
            if (charge.service, charge.usage) == (rule.service, rule.usage)
        ]
        assert all(charge.unit == rule.unit for charge in charges)

    def test_has_units_in_lower_case(self, offer: Offer, rule: Rule) -> None:
        assert all(unit == unit.lower() and each > 0 for unit, each in rule.units.items())


class TestOffersOf:
    def test_are_all_where_none_is_named(self) -> None:
        assert offers_of(()) == OFFERS

    def test_are_those_with_prices_of_a_service(self) -> None:
        assert [offer.code for offer in offers_of(["AWSFargate"])] == ["AmazonECS"]
        assert [offer.code for offer in offers_of(["AmazonVPC"])] == ["AmazonEC2", "AmazonVPC"]

    def test_of_a_service_that_no_offer_has_are_an_error(self) -> None:
        with pytest.raises(UsageError, match="the price list of AWSWAF cannot be read"):
            offers_of(["AWSWAF"])
