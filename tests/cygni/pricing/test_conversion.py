"""What holds for any resources in any currency."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from decimal import Decimal

import jsonschema  # type: ignore[import-untyped]
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cygni.pricing import CostDiff, PriceBook, cost_diff, estimate
from cygni.pricing.conversion import diff_in, estimate_in, report_in
from cygni.pricing.exchange import DOLLARS, LEAST, MOST, Exchange
from cygni.pricing.report import CostReport, ReportKind
from cygni.pricing.report_document import REPORT_SCHEMA, report_document
from cygni.pricing.report_html import report_html
from cygni.pricing.report_markdown import report_markdown
from cygni.pricing.schema import COST_DIFF_SCHEMA
from cygni.resources import Resource
from tests.cygni.pricing.any_resources import stacks

BOOK = PriceBook.load()
EUROS = Exchange("EUR", Decimal("0.92"), date(2026, 11, 20), "ECB")
EXCHANGES = st.decimals(LEAST, MOST, places=6).map(lambda rate: Exchange("EUR", rate, date(2026, 11, 20)))
_modest = settings(max_examples=12)  # a busy machine is no failure


def change(before: list[Resource], after: list[Resource]) -> CostDiff:
    return cost_diff(estimate(before, BOOK), estimate(after, BOOK))


def report(diff: CostDiff) -> CostReport:
    return CostReport(ReportKind.PREVIEW, ("shop", "production"), diff)


class TestDiffIn:
    @_modest
    @given(stacks(), stacks(), EXCHANGES)
    def test_adds_up_from_its_parts(
        self, before: list[Resource], after: list[Resource], exchange: Exchange
    ) -> None:
        found = diff_in(change(before, after), exchange)
        for side in (found.before, found.after):
            lines = [line for cost in side.resources for line in cost.lines if line.monthly is not None]
            assert side.monthly == sum(line.monthly or 0 for line in lines if not line.usage_based)
            assert side.usage_monthly == sum(line.monthly or 0 for line in lines if line.usage_based)
        assert found.delta.monthly == found.after.monthly - found.before.monthly
        assert found.delta.monthly == sum(one.known.monthly for one in found.resources)

    @_modest
    @given(stacks(), stacks(), EXCHANGES)
    def test_is_the_other_way_round_with_the_sign_changed(
        self, before: list[Resource], after: list[Resource], exchange: Exchange
    ) -> None:
        there, back = (diff_in(change(*sides), exchange) for sides in ((before, after), (after, before)))
        assert there.delta.monthly == -back.delta.monthly
        assert there.delta.usage_monthly == -back.delta.usage_monthly

    @_modest
    @given(stacks(), stacks(), EXCHANGES)
    def test_is_the_dollars_at_the_rate_to_less_than_a_cent(
        self, before: list[Resource], after: list[Resource], exchange: Exchange
    ) -> None:
        plain = change(before, after)
        found = diff_in(plain, exchange)
        assert abs(found.after.monthly - exchange.of_usd(plain.after.monthly)) < Decimal("0.0000001")
        assert (found.at_most.monthly is None) == (plain.at_most.monthly is None)
        assert (found.bound, found.unknown, found.complete) == (plain.bound, plain.unknown, plain.complete)

    @_modest
    @given(stacks(), stacks())
    def test_leaves_dollars_byte_for_byte(self, before: list[Resource], after: list[Resource]) -> None:
        plain = report(change(before, after))
        same = report_in(plain, DOLLARS)
        for written in _WRITERS:
            assert written(same) == written(plain)
        assert "exchange" not in report_document(same)

    @_modest
    @given(stacks(), stacks(), EXCHANGES)
    def test_keeps_the_published_shape(
        self, before: list[Resource], after: list[Resource], exchange: Exchange
    ) -> None:
        found = diff_in(change(before, after), exchange)
        jsonschema.validate(found.to_dict(), COST_DIFF_SCHEMA)
        document = report_document(report(found))
        jsonschema.validate(document, REPORT_SCHEMA)
        assert (document["currency"], document["exchange"]["date"]) == ("EUR", "2026-11-20")

    @_modest
    @given(stacks(), stacks())
    def test_shows_no_dollar(self, before: list[Resource], after: list[Resource]) -> None:
        found = report_in(report(change(before, after)), EUROS)
        assert "$" not in report_markdown(found)
        assert "$" not in report_html(found)

    def test_refuses_what_is_converted_already(self) -> None:
        with pytest.raises(ValueError, match="EUR are no dollars"):
            diff_in(diff_in(change([], []), EUROS), EUROS)


_WRITERS: tuple[Callable[[CostReport], str], ...] = (
    report_markdown,
    report_html,
    lambda found: json.dumps(report_document(found)),
)


class TestEstimateIn:
    def test_converts_prices_exactly_and_amounts_once(self) -> None:
        nat = Resource("urn:nat", "aws:ec2/natGateway:NatGateway", "a", {}, "us-east-1")
        found = estimate_in(estimate([nat], BOOK), EUROS)
        line = found.resources[0].lines[0]
        assert (line.unit_price, line.hourly, line.monthly) == (
            Decimal("0.0414"),  # 0.045 USD × 0.92
            Decimal("0.0414"),
            Decimal("30.222"),  # 32.85 USD × 0.92
        )

    def test_tells_the_rate_with_the_totals(self) -> None:
        nat = Resource("urn:nat", "aws:ec2/natGateway:NatGateway", "a", {}, "us-east-1")
        text = report_markdown(report_in(report(change([], [nat])), EUROS))
        assert "EUR 0.00 → EUR 30.22 a month (**+EUR 30.22**)" in text
        assert "EUR at 1 USD = 0.92 EUR on 2026-11-20 (ECB)" in text
