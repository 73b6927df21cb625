from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from cygni.pricing.book_file import Row
from cygni.pricing.book_sources import RowsInMemory
from cygni.pricing.price_list.matching import Found
from cygni.pricing.price_list.offers import ec2, s3
from cygni.pricing.price_list.problems import Problem, ProblemKind
from cygni.pricing.price_list.rules import Offer
from cygni.pricing.price_list.synchronising import SyncReport, report_of, synced_rows

NAT = Row("AmazonVPC", "us-east-1", "nat-gateway", (), "hour", Decimal("0.045"), "2024-07-01", "a page")
MACHINE = Row(
    "AmazonEC2",
    "us-east-1",
    "instance",
    (("instance_type", "m7g.large"), ("os", "Linux"), ("purchase", "on-demand"), ("tenancy", "Shared")),
    "hour",
    Decimal("0.0816"),
    "2024-07-01",
    "a page",
)
READ = "2026-11-22"


def found(*rows: Row, offer: Offer = ec2.OFFER, problems: tuple[Problem, ...] = ()) -> Found:
    return Found(offer, "us-east-1", "20261101", rows, problems)


def report(result: Found, *book: Row) -> SyncReport:
    return report_of([result], [], ("us-east-1",), READ, RowsInMemory(book))


def tier(name: str, usd: str) -> Row:
    attributes = (("storage_class", "standard"), ("tier", name))
    return Row(
        "AmazonS3", "us-east-1", "storage", attributes, "GB-month", Decimal(usd), "2026-01-01", "a page"
    )


class TestSyncedRows:
    def test_are_what_was_found_in_place_of_what_was_there(self) -> None:
        cheaper = replace(NAT, usd=Decimal("0.04"), as_of=READ)
        assert list(synced_rows([NAT, MACHINE], [found(cheaper)])) == [MACHINE, cheaper]

    def test_keep_what_is_of_another_region(self) -> None:
        elsewhere = replace(NAT, region="eu-west-1")
        assert list(synced_rows([elsewhere], [found(NAT)])) == [elsewhere, NAT]

    def test_leave_no_tier_of_an_older_list(self) -> None:
        old = [tier("first 50 TB", "0.023"), tier("over 50 TB", "0.021")]
        new = tier("first 100 TB", "0.02")
        assert list(synced_rows(old, [found(new, offer=s3.OFFER)])) == [new]


class TestReport:
    def test_of_what_is_as_expected_has_no_problem(self) -> None:
        result = report(found(NAT, MACHINE), NAT, MACHINE)
        assert (result.prices, result.problems, result.failed) == (2, (), ())

    def test_names_what_the_list_has_no_more(self) -> None:
        result = report(found(NAT), NAT, MACHINE)
        [problem] = result.problems
        assert (problem.kind, problem.offer) == (ProblemKind.MISSING, "AmazonEC2")
        assert problem.text == (
            "not in AWS's list, so the older price stays: "
            "AmazonEC2 instance instance_type=m7g.large os=Linux purchase=on-demand tenancy=Shared"
        )
        assert result.failed == ()

    def test_counts_what_is_missing_where_it_is_much(self) -> None:
        machines = [
            replace(MACHINE, attributes=(("instance_type", f"m{number}.large"), *MACHINE.attributes[1:]))
            for number in range(9)
        ]
        [problem] = report(found(NAT), NAT, *machines).problems
        assert problem.text.endswith(" and 6 more")

    def test_does_not_miss_what_no_rule_is_for(self) -> None:
        reserved = replace(MACHINE, attributes=(("purchase", "reserved"), ("term", "1yr")))
        assert report(found(NAT), NAT, reserved).problems == ()

    def test_says_only_once_what_is_wrong(self) -> None:
        name = " ".join(("AmazonEC2 instance", *(f"{key}={value}" for key, value in MACHINE.attributes)))
        problem = Problem(ProblemKind.UNIT, "AmazonEC2", "us-east-1", name, "AWS counts it in 'Days'")
        assert report(found(NAT, problems=(problem,)), NAT, MACHINE).problems == (problem,)

    def test_of_an_offer_that_gave_nothing_has_failed(self) -> None:
        problem = Problem(ProblemKind.COLUMNS, "AmazonEC2", "us-east-1", "", "it has no column Unit")
        assert report(found(problems=(problem,)), NAT).failed == ("AmazonEC2",)

    def test_is_the_same_for_programs(self) -> None:
        document = report(found(NAT), NAT, MACHINE).to_dict()
        assert (document["read_on"], document["regions"], document["prices"]) == (READ, ["us-east-1"], 1)
        assert document["offers"] == [
            {"offer": "AmazonEC2", "region": "us-east-1", "version": "20261101", "prices": 1}
        ]
        assert [one["kind"] for one in document["problems"]] == ["missing"]
