from __future__ import annotations

import io
import tracemalloc
from decimal import Decimal
from itertools import chain

import pytest

from cygni.errors import PriceListError
from cygni.pricing.price_list.matching import Found, match_offer
from cygni.pricing.price_list.offer_file import read_offer
from cygni.pricing.price_list.offers import cloudfront, data_transfer, ec2, elb, keys_and_secrets, s3
from cygni.pricing.price_list.problems import ProblemKind
from cygni.pricing.price_list.rules import Offer
from tests.price_list import Line, offer_csv

HERE = {"Region Code": "us-east-1", "Location Type": "AWS Region"}
MACHINE = {
    **HERE,
    "Product Family": "Compute Instance",
    "Instance Type": "m7g.large",
    "Tenancy": "Shared",
    "Operating System": "Linux",
    "License Model": "No License required",
    "CapacityStatus": "Used",
    "Pre Installed S/W": "NA",
    "usageType": "BoxUsage:m7g.large",
    "Unit": "Hrs",
    "PricePerUnit": "0.0816000000",
}
STORAGE = {**HERE, "Volume Type": "Standard", "usageType": "TimedStorage-ByteHrs", "Unit": "GB-Mo"}


def found(offer: Offer, *lines: Line, region: str = "us-east-1") -> Found:
    file = read_offer(io.StringIO(offer_csv(offer.code, lines), newline=""), offer.code)
    return match_offer(offer, file, region, "2026-11-22")


def figures(result: Found) -> dict[str, Decimal]:
    """USD by usage and attributes."""
    return {" ".join((row.usage, *(value for _, value in row.attributes))): row.usd for row in result.rows}


def complaint(result: Found) -> tuple[ProblemKind, str]:
    [problem] = result.problems
    return problem.kind, problem.text


class TestMatchOffer:
    def test_reads_a_price_with_its_day_and_its_list(self) -> None:
        [row] = found(ec2.OFFER, MACHINE).rows
        assert (row.service, row.region, row.usage, row.unit) == (
            "AmazonEC2",
            "us-east-1",
            "instance",
            "hour",
        )
        assert dict(row.attributes) == {
            "instance_type": "m7g.large",
            "os": "Linux",
            "purchase": "on-demand",
            "tenancy": "Shared",
        }
        assert (row.usd, row.as_of) == (Decimal("0.0816"), "2026-11-22")
        assert row.source == "AWS price list AmazonEC2 20261101000000"

    @pytest.mark.parametrize(
        "other",
        [
            {"TermType": "Reserved", "PurchaseOption": "No Upfront"},
            {"CapacityStatus": "UnusedCapacityReservation", "usageType": "UnusedBox:m7g.large"},
            {"Pre Installed S/W": "SQL Web"},
            {"License Model": "Bring your own license"},
            {"Operating System": "SUSE"},
            {"Tenancy": "Host"},
            {"Region Code": "us-east-1-bos-1"},
            {"Region Code": ""},
            {"Location Type": "AWS Outposts"},
            {"usageType": "EBSOptimized:m7g.large"},
            {"usageType": "UnusedDed:m7g.large"},
        ],
    )
    def test_leaves_out_what_is_sold_otherwise(self, other: Line) -> None:
        result = found(ec2.OFFER, {**MACHINE, **other, "PricePerUnit": "9"}, MACHINE)
        assert figures(result) == {"instance m7g.large Linux on-demand Shared": Decimal("0.0816")}
        assert result.problems == ()

    def test_takes_the_region_off_usage_types(self) -> None:
        usage = {**HERE, "Product Family": "NAT Gateway", "Unit": "Hrs", "PricePerUnit": "0.052"}
        for region, prefix in (
            ("eu-central-1", "EUC1-"),
            ("eu-west-1", "EU-"),
            ("us-east-1", "USE1-"),
            ("us-east-1", ""),
        ):
            line = {**usage, "Region Code": region, "usageType": f"{prefix}NatGateway-Hours"}
            assert figures(found(ec2.OFFER, line, region=region)) == {"nat-gateway": Decimal("0.052")}

    def test_does_not_take_another_thing_for_a_region(self) -> None:
        line = {
            **HERE, "Product Family": "Load Balancer-Application", "usageType": "TS-LoadBalancerUsage",
            "Unit": "Hrs", "PricePerUnit": "0.0056",
        }  # fmt: skip
        assert found(elb.OFFER, line).rows == ()

    def test_knows_the_whole_name_of_a_region_before_a_usage_type(self) -> None:
        line = {
            **HERE, "Region Code": "eu-west-3", "Product Family": "Encryption Key", "usageType": "eu-west-3-KMS-Keys",
            "Unit": "months", "PricePerUnit": "1",
        }  # fmt: skip
        assert figures(found(keys_and_secrets.KMS, line, region="eu-west-3")) == {"key": Decimal(1)}

    def test_converts_what_aws_counts_in_larger_units(self) -> None:
        line = {
            **HERE,
            "usageType": "EBS:VolumeP-Throughput.gp3",
            "Unit": "GiBps-mo",
            "PricePerUnit": "40.96",
        }
        [row] = found(ec2.OFFER, line).rows
        assert (row.unit, row.usd) == ("MiBps-month", Decimal("0.04"))

    def test_names_tiers_by_their_ranges(self) -> None:
        lines = [
            {**STORAGE, "StartingRange": start, "EndingRange": end, "PricePerUnit": usd}
            for start, end, usd in (
                ("51200", "512000", "0.022"), ("0", "51200", "0.023"), ("512000", "Inf", "0.021"),
            )
        ]  # fmt: skip
        assert figures(found(s3.OFFER, *lines)) == {
            "storage standard first 50 TB": Decimal("0.023"),
            "storage standard next 450 TB": Decimal("0.022"),
            "storage standard over 500 TB": Decimal("0.021"),
        }

    def test_takes_the_price_after_what_is_free(self) -> None:
        lines = [
            {**HERE, "usageType": "KMS-Requests", "Unit": "Requests", **amounts}
            for amounts in (
                {"StartingRange": "0", "EndingRange": "20000", "PricePerUnit": "0.0000000000"},
                {"StartingRange": "20000", "EndingRange": "Inf", "PricePerUnit": "0.0000030000"},
            )
        ]
        assert figures(found(keys_and_secrets.KMS, *lines)) == {"requests symmetric": Decimal("0.000003")}

    def test_reads_what_the_world_shares(self) -> None:
        line = {
            "Transfer Type": "CloudFront Outbound", "usageType": "EU-DataTransfer-Out-Bytes", "Unit": "GB",
            "PricePerUnit": "0.085", "Region Code": "",
        }  # fmt: skip
        [row] = found(cloudfront.OFFER, line).rows
        assert (row.region, dict(row.attributes)) == ("global", {"geo": "Europe, Israel"})

    def test_takes_the_same_price_from_several_products(self) -> None:
        assert len(found(ec2.OFFER, MACHINE, MACHINE).rows) == 1

    def test_holds_nothing_of_the_file_but_its_prices(self) -> None:
        *head, line = offer_csv("AmazonEC2", [MACHINE]).splitlines(keepends=True)
        lines = chain(head, (line.replace("SKU0", f"SKU{number:09}") for number in range(20_000)))
        tracemalloc.start()
        try:
            result = match_offer(ec2.OFFER, read_offer(lines, "AmazonEC2"), "us-east-1", "2026-11-22")
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
        assert len(result.rows) == 1
        assert peak < 20_000 * len(line) / 10


class TestProblems:
    def test_two_prices_for_one_thing_are_none(self) -> None:
        result = found(ec2.OFFER, MACHINE, {**MACHINE, "PricePerUnit": "0.09"})
        assert result.rows == ()
        kind, text = complaint(result)
        assert kind is ProblemKind.AMBIGUOUS
        assert text == "it is listed at 0.0816000000 and at 0.09 USD"

    def test_another_unit_is_no_price(self) -> None:
        result = found(ec2.OFFER, {**MACHINE, "Unit": "Seconds"})
        assert result.rows == ()
        assert complaint(result) == (ProblemKind.UNIT, "AWS counts it in 'Seconds', the book in 'hour'")

    @pytest.mark.parametrize("figure", ["", "free", "-1", "NaN", "Infinity", "1e300", "1000000.01"])
    def test_what_is_no_figure_is_no_price(self, figure: str) -> None:
        result = found(ec2.OFFER, {**MACHINE, "PricePerUnit": figure})
        assert result.rows == ()
        assert complaint(result)[0] is ProblemKind.VALUE

    def test_another_currency_is_no_price(self) -> None:
        result = found(ec2.OFFER, {**MACHINE, "Currency": "CNY"})
        assert result.rows == ()
        assert complaint(result) == (ProblemKind.VALUE, "it is in CNY")

    def test_a_price_of_nothing_is_no_price(self) -> None:
        assert found(ec2.OFFER, {**MACHINE, "PricePerUnit": "0.0000000000"}).rows == ()

    def test_graduated_prices_where_there_was_one_are_none(self) -> None:
        result = found(
            ec2.OFFER,
            {**MACHINE, "EndingRange": "100"},
            {**MACHINE, "StartingRange": "100", "PricePerUnit": "0.07"},
        )
        assert result.rows == ()
        assert complaint(result)[0] is ProblemKind.RANGES

    @pytest.mark.parametrize("second", [{"StartingRange": "60000"}, {"StartingRange": "40000"}])
    def test_ranges_with_a_gap_or_that_overlap_are_no_price(self, second: Line) -> None:
        line = {**STORAGE, "PricePerUnit": "0.023"}
        result = found(
            s3.OFFER, {**line, "EndingRange": "51200"}, {**line, **second, "PricePerUnit": "0.022"}
        )
        assert result.rows == ()
        assert complaint(result)[0] is ProblemKind.RANGES

    def test_a_tier_that_cannot_be_read_takes_its_group_with_it(self) -> None:
        lines = [
            {**HERE, "usageType": f"EBS:VolumeP-IOPS.io2{tier}", "Unit": unit, "PricePerUnit": "0.05"}
            for tier, unit in (("", "IOPS-Mo"), (".tier2", "IOPS-Hrs"), (".tier3", "IOPS-Mo"))
        ]
        result = found(ec2.OFFER, *lines)
        assert result.rows == ()
        assert complaint(result)[0] is ProblemKind.UNIT

    def test_a_column_that_went_takes_the_prices_with_it_that_need_it(self) -> None:
        text = offer_csv("AmazonEC2", [MACHINE, {**HERE, "usageType": "NatGateway-Hours"}])
        file = read_offer(io.StringIO(text.replace('"Tenancy"', '"Tenure"', 1), newline=""), "AmazonEC2")
        result = match_offer(ec2.OFFER, file, "us-east-1", "2026-11-22")
        assert "instance" not in {row.usage for row in result.rows}
        assert complaint(result) == (ProblemKind.COLUMNS, "the list has no column Tenancy")

    def test_without_the_columns_of_every_list_there_is_nothing(self) -> None:
        text = offer_csv("AWSDataTransfer", [{"From Region Code": "us-east-1"}])
        file = read_offer(io.StringIO(text.replace('"Unit"', '"Measure"', 1), newline=""), "AWSDataTransfer")
        result = match_offer(data_transfer.OFFER, file, "us-east-1", "2026-11-22")
        assert complaint(result) == (ProblemKind.COLUMNS, "it has no column Unit")

    def test_a_line_that_is_cut_off_ends_it(self) -> None:
        text = offer_csv("AmazonEC2", [MACHINE])[:-20]
        with pytest.raises(PriceListError, match="cut off|no CSV"):
            match_offer(
                ec2.OFFER, read_offer(io.StringIO(text, newline=""), "AmazonEC2"), "us-east-1", "2026-11-22"
            )
