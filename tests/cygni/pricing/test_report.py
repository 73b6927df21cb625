"""Cost reports: for programs, as Markdown and as a page."""

from __future__ import annotations

import json
from collections.abc import Sequence
from decimal import Decimal
from html.parser import HTMLParser
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest
from hypothesis import given, settings

from cygni.pricing import PriceBook, cost_diff, estimate
from cygni.pricing.report import CostReport, ReportKind, line_diffs
from cygni.pricing.report_document import REPORT_SCHEMA, published, report_document
from cygni.pricing.report_html import report_html
from cygni.pricing.report_markdown import report_markdown
from cygni.pricing.report_wording import unchanged_text
from cygni.pricing.wording import money
from cygni.resources import Resource
from tests.cygni.pricing.any_resources import stacks
from tests.cygni.pricing.conftest import Make

BOOK = PriceBook.load()


def report_of(
    before: Sequence[Resource], after: Sequence[Resource], kind: ReportKind = ReportKind.PREVIEW, **more: Any
) -> CostReport:
    return CostReport(kind, ("shop", "dev"), cost_diff(estimate(before, BOOK), estimate(after, BOOK)), **more)


@pytest.fixture
def change(make: Make) -> CostReport:
    """Storage of a database grows, a NAT gateway comes, a bucket goes, and something nobody prices stays."""
    database = {"instanceClass": "db.t4g.micro", "engine": "postgres", "storageType": "gp3"}
    kinds = (
        "aws:rds/instance:Instance",
        "aws:ec2/natGateway:NatGateway",
        "aws:s3/bucket:Bucket",
        "acme:x/y:Y",
    )
    before = [make(kinds[0], database | {"allocatedStorage": 20}), make(kinds[2]), make(kinds[3])]
    after = [make(kinds[0], database | {"allocatedStorage": 100}), make(kinds[1]), make(kinds[3])]
    return report_of(before, after, warnings=("mind <this>",))


def parts(document: dict[str, Any], name: str, side: str) -> Decimal:
    found = [one for one in document["resources"] for one in one["components"] if not one["usage_based"]]
    amounts = [one["before"] if side == "before" else one for one in found]
    return sum((Decimal(one[name]) for one in amounts if one and one[name] is not None), Decimal(0))


class TestSchema:
    def test_is_one_and_says_what_each_field_at_the_top_means(self) -> None:
        jsonschema.Draft202012Validator.check_schema(json.loads(published()))
        plain = {"hours_per_month", "prices", "resources", "warnings"}
        fields = REPORT_SCHEMA["properties"]
        assert {name for name, schema in fields.items() if "description" not in schema} == plain
        assert set(REPORT_SCHEMA["required"]) == set(fields) - {"exchange"}


class TestReportDocument:
    def test_has_what_is_promised_at_its_top(self, change: CostReport) -> None:
        document = report_document(change)
        wanted = {
            "monthly_before",
            "monthly_after",
            "monthly_delta",
            "currency",
            "prices_as_of",
            "resources",
            "unpriced",
        }
        assert wanted <= document.keys()
        assert (document["currency"], document["version"]) == ("USD", 1)

    def test_pairs_the_components_of_both_sides(self, change: CostReport) -> None:
        resources = {one["type"]: one for one in report_document(change)["resources"]}
        [storage] = [
            one
            for one in resources["aws:rds/instance:Instance"]["components"]
            if "storage" in one["name"] and not one["usage_based"]
        ]
        assert (storage["before"]["quantity"], storage["quantity"], storage["price"]) == (
            "20",
            "100",
            "0.115",
        )
        assert (storage["before"]["monthly"], storage["monthly"]) == ("2.3", "11.5")
        bucket = resources["aws:s3/bucket:Bucket"]
        assert bucket["change"] == "removed"
        assert {(one["quantity"], one["monthly"]) for one in bucket["components"]} == {("0", "0")}
        assert all(one["usage_based"] and one["assumption"] for one in bucket["components"])

    def test_never_tells_what_nobody_priced_as_nothing(self, change: CostReport, make: Make) -> None:
        [unpriced] = report_document(change)["unpriced"]
        assert (unpriced["type"], unpriced["status"]) == ("acme:x/y:Y", "not_priced")
        document = report_document(report_of([], [make("acme:x/y:Y")]))
        assert document["monthly_after"] is document["monthly_delta"] is None
        assert (document["monthly_before"], document["complete"]) == ("0", False)
        assert document["resources"][0]["monthly_after"] is None

    def test_has_no_total_of_a_preview_that_lists_nothing(self) -> None:
        report = report_of([], [], hidden=3)
        document = report_document(report)
        assert (document["monthly_before"], document["monthly_after"], document["monthly_delta"]) == (
            None,
            None,
            "0",
        )
        assert "Fixed cost of what is listed" in report_markdown(report)
        assert "Fixed of what is listed" in report_html(report)

    def test_is_not_complete_where_something_is_not_listed(self, make: Make) -> None:
        nat = make("aws:ec2/natGateway:NatGateway")
        assert report_document(report_of([], [nat]))["complete"]
        assert not report_document(report_of([], [nat], hidden=1))["complete"]

    def test_bounds_no_difference_where_what_is_not_listed_may_cost_otherwise(self, make: Make) -> None:
        nat = make("aws:ec2/natGateway:NatGateway")
        known = report_document(report_of([], [nat], hidden=1))
        open_ = report_document(report_of([], [nat], hidden=1, repricing=("ec2.LaunchTemplate a",)))
        assert (known["bound"], known["usage_bound"], known["monthly_delta_at_most"]) == (
            "exact",
            "exact",
            "32.85",
        )
        assert (open_["bound"], open_["usage_bound"], open_["monthly_delta_at_most"]) == (
            "open",
            "open",
            None,
        )

    @settings(max_examples=40)
    @given(stacks(), stacks())
    def test_keeps_its_schema_and_adds_up(self, one: list[Resource], other: list[Resource]) -> None:
        report = report_of(one, other)
        document = json.loads(json.dumps(report_document(report), allow_nan=False))
        jsonschema.validate(document, REPORT_SCHEMA)
        for side, estimated in (("before", report.diff.before), ("after", report.diff.after)):
            assert parts(document, "monthly", side) == estimated.monthly
            assert Decimal(document[f"monthly_{side}"] or 0) == estimated.monthly

    @settings(max_examples=30)
    @given(stacks(), stacks())
    def test_turned_round_has_the_opposite_difference(
        self, one: list[Resource], other: list[Resource]
    ) -> None:
        there, back = report_document(report_of(one, other)), report_document(report_of(other, one))
        for name in ("monthly_delta", "usage_monthly_delta"):
            assert Decimal(there[name] or 0) == -Decimal(back[name] or 0)


class TestUnchanged:
    """A NAT gateway of 0.045 an hour stays, with a bucket billed by use alone; another gateway comes."""

    def report(self, make: Make, kind: ReportKind = ReportKind.PREVIEW) -> CostReport:
        nat = "aws:ec2/natGateway:NatGateway"
        stays = [make(nat, name="a"), make("aws:s3/bucket:Bucket")]
        return report_of(stays, [*stays, make(nat, name="b")] if kind is ReportKind.PREVIEW else stays, kind)

    def test_is_told_with_what_it_costs_so_that_rows_add_up(self, make: Make) -> None:
        report = self.report(make)
        told = f"2 unchanged resources not shown, $32.85 and ~{money(report.diff.before.usage_monthly)}"
        assert unchanged_text(report) == told
        assert f"\n\n{told}\n\n" in report_markdown(report)
        assert f">{told}</td>" in report_html(report)

    def test_has_no_word_where_everything_is_shown(self, make: Make) -> None:
        for report in (self.report(make, ReportKind.STATE), report_of([], [make("aws:s3/bucket:Bucket")])):
            assert unchanged_text(report) == ""
            assert "unchanged" not in report_markdown(report) + report_html(report)

    def test_without_a_price_is_not_told_as_nothing(self, make: Make) -> None:
        stays = [make("aws:ec2/natGateway:NatGateway", region="ap-south-2")]
        assert unchanged_text(report_of(stays, stays)) == (
            "1 unchanged resource not shown, unknown (1 resource unpriced) and unknown (1 resource unpriced)"
        )


class TestLineDiffs:
    @settings(max_examples=30)
    @given(stacks(), stacks())
    def test_hold_every_line_of_both_sides_once(self, one: list[Resource], other: list[Resource]) -> None:
        for diff in report_of(one, other).diff.resources:
            pairs = line_diffs(diff)
            for side in ("before", "after"):
                cost = getattr(diff, side)
                found = [getattr(pair, side) for pair in pairs if getattr(pair, side) is not None]
                key = str
                assert sorted(found, key=key) == sorted(cost.lines if cost else (), key=key)


class TestMarkdown:
    def test_has_totals_table_and_components(self, change: CostReport) -> None:
        text = report_markdown(change)
        assert text.startswith("### Cost: shop · dev\n")
        assert "| `ec2.NatGateway` it | - | $32.85 | +$32.85 | +$4.50 |" in text
        assert "20 → 100 × $0.115/GB-month, $2.30 → $11.50 (+$9.20)" in text
        assert "not priced, so not in the totals: acme:x/y:Y ×1" in text
        assert "mind &#60;this&#62;" in text

    def test_explains_each_line_if_asked(self, change: CostReport) -> None:
        assert "assumed: 100 GB/month per NAT gateway" not in report_markdown(change)
        assert "assumed: 100 GB/month per NAT gateway" in report_markdown(change, explain=True)

    def test_of_a_state_has_one_column_of_costs(self, make: Make) -> None:
        nat = [make("aws:ec2/natGateway:NatGateway")]
        text = report_markdown(report_of(nat, nat, ReportKind.STATE))
        assert "| `ec2.NatGateway` it | $32.85 | $4.50 |" in text
        assert "→" not in text.partition("<details>")[0]

    def test_of_a_state_leaves_out_what_costs_nothing(self, make: Make) -> None:
        definition = make(
            "aws:ecs/taskDefinition:TaskDefinition", {"family": "web", "cpu": "256", "memory": "512"}
        )
        idle = {"desiredCount": 0, "launchType": "FARGATE", "taskDefinition": "web"}
        found = [
            definition,
            make("aws:ecs/service:Service", idle, name="idle"),
            make("aws:ecs/service:Service", {**idle, "desiredCount": 1}, name="busy"),
        ]
        text = report_markdown(report_of(found, found, ReportKind.STATE))
        assert "busy" in text
        assert "idle" not in text

    def test_fits_into_a_comment(self, make: Make) -> None:
        many = [make("aws:ec2/natGateway:NatGateway", name=f"n{number}" * 10) for number in range(3000)]
        text = report_markdown(report_of([], many), explain=True)
        assert len(text) < 65_536
        assert "more, +$" in text


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: set[str] = set()
        self.text = ""

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.seen.add(tag)
        if tag not in ("meta", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


class TestHtml:
    def test_is_a_whole_page_that_asks_nobody_else(self, change: CostReport) -> None:
        page = report_html(change)
        parsed = _Page()
        parsed.feed(page)
        assert parsed.open == []
        assert not parsed.seen & {"script", "img", "link", "iframe"}
        assert "mind <this>" in parsed.text
        assert "$32.85" in parsed.text
        assert "assumed: 100 GB/month per NAT gateway" in parsed.text

    def test_shows_names_as_they_are(self, make: Make) -> None:
        nasty = make("aws:ec2/natGateway:NatGateway", name='<script>alert("x")</script>')
        page = report_html(report_of([], [nasty]))
        assert "<script>" not in page
        assert "&lt;script&gt;" in page
