"""All rules, and the page that tells of them."""

from __future__ import annotations

import pytest

from cygni.pricing.estimators import priced_types
from cygni.savings.catalogue import METRICS, RULES
from cygni.savings.reference import describe
from cygni.savings.rule import Rule

by_name = pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)


class TestRules:
    def test_have_names_of_their_own(self) -> None:
        names = [rule.name for rule in RULES]
        assert len(set(names)) == len(names)

    @by_name
    def test_are_told_on_the_page(self, rule: Rule) -> None:
        page = describe()
        assert f"### `{rule.name}`" in page
        assert rule.judges in page
        assert rule.source in page

    def test_ask_only_of_what_has_a_price(self) -> None:
        assert all(any(token in priced_types() for token in metric.types) for metric in METRICS)

    def test_ask_for_no_two_things_by_one_name(self) -> None:
        names = [(metric.amount, token) for metric in METRICS for token in metric.types]
        assert len(set(names)) == len(names)
