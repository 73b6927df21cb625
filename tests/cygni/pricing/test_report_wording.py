"""How a report puts costs into words."""

from __future__ import annotations

from decimal import Decimal

import pytest

from cygni.pricing import CostLine, Estimate, PriceBook, ResourceCost, Status, cost_diff, estimate
from cygni.pricing.report import CostReport, ReportKind
from cygni.pricing.report_document import report_document
from cygni.pricing.report_html import report_html
from cygni.pricing.report_markdown import report_markdown
from cygni.pricing.report_wording import footnotes, not_counted_text, resource_change_text, resource_text
from cygni.resources import Resource


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


REGISTRY = Resource("urn:r", "aws:ecr/repository:Repository", "images", {}, "us-east-1")
QUEUE = Resource("urn:q", "aws:sqs/queue:Queue", "jobs", {}, "us-east-1")


def report_of(*resources: Resource) -> CostReport:
    found = estimate(resources, PriceBook.load())
    return CostReport(ReportKind.STATE, ("shop", "dev"), cost_diff(found, found))


class TestNotCounted:
    def test_is_told_of_each_resource(self) -> None:
        queue, registry = report_of(REGISTRY, QUEUE).diff.resources
        assert (not_counted_text(queue), not_counted_text(registry)) == (
            "",
            "not counted: scanning by Amazon Inspector",
        )

    @pytest.mark.parametrize(("one", "count"), [(REGISTRY, 1), (QUEUE, 0)])
    def test_is_told_of_in_a_footnote(self, one: Resource, count: int) -> None:
        told = [note for note in footnotes(report_of(one)) if "more than is counted" in note]
        assert told == ["AWS may bill 1 resource for more than is counted here: --explain tells what"] * count

    def test_is_in_every_form_of_a_report(self) -> None:
        report, text = report_of(REGISTRY), "scanning by Amazon Inspector"
        (resource,) = report_document(report)["resources"]
        assert resource["not_counted"] == [text]
        assert f"not counted: {text}" in report_markdown(report, explain=True)
        assert f"not counted: {text}" in report_html(report)
