"""The text of cygni-usage.yaml."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal

import pytest

from cygni.pricing import PriceBook, estimate
from cygni.pricing.usage_profiles import Profile
from cygni.pricing.usage_rules import Measured, UsageFile, UsageRules
from cygni.pricing.usage_warnings import usage_warnings
from cygni.pricing.usage_writing import assumed_of, usage_text, with_measured
from cygni.resources import Resource
from cygni.spec.usage_file import parse_usage
from tests.cygni.pricing.conftest import Make

BUCKET = "aws:s3/bucket:Bucket"


@pytest.fixture
def some(make: Make) -> list[Resource]:
    nasty = 'a "b": #c'
    return [
        make(BUCKET, name=nasty),
        make(BUCKET, name="z"),
        make("aws:ec2/natGateway:NatGateway"),
        make("aws:ec2/vpc:Vpc"),
    ]


class TestAssumedOf:
    def test_are_the_amounts_that_an_estimate_asks_for(self, book: PriceBook, some: list[Resource]) -> None:
        found = assumed_of(some, book, UsageRules(profile=Profile.MEDIUM))
        assert found[some[2].urn] == {"nat_data_gb": Decimal(1000)}
        assert some[3].urn not in found
        assert found[some[0].urn]["s3_storage_gb"] == 100


class TestUsageText:
    def test_changes_nothing_as_it_is(self, book: PriceBook, some: list[Resource]) -> None:
        found = parse_usage(usage_text(some, book, UsageRules(), Profile.SMALL), "cygni-usage.yaml")
        assert found == UsageFile(profile=Profile.SMALL)

    def test_changes_nothing_uncommented_either(self, book: PriceBook, some: list[Resource]) -> None:
        text = re.sub(r"(?m)^#(  )", r"\1", usage_text(some, book, UsageRules(), Profile.SMALL))
        found = parse_usage(text, "cygni-usage.yaml")
        assert {rule.pattern for rule in found.types} == {"s3.Bucket", "ec2.NatGateway"}
        assert {rule.pattern for rule in found.resources} == {
            's3.Bucket a "b": #c',
            "s3.Bucket z",
            "ec2.NatGateway it",
        }
        rules = UsageRules(found)
        assert list(usage_warnings(rules, some, book)) == []
        assert estimate(some, book, rules).totals == estimate(some, book).totals


class TestWithMeasured:
    MEASURED = Measured(
        date(2026, 11, 20),
        30,
        {
            "urn:b": {"nat_data_gb": Decimal("1.5E+3")},
            "urn:a": {"alb_lcus": Decimal(0), "nat_data_gb": Decimal("2.8E-8")},
        },
    )

    @pytest.mark.parametrize(
        "text", ["", "version: 1\n", "version: 1\nprofile: large\nresources:\n  a: {alb_lcus: 2}\n"]
    )
    def test_is_read_back_with_all_that_was_there(self, text: str) -> None:
        before, after = (
            parse_usage(text, "it.yaml"),
            parse_usage(with_measured(text, self.MEASURED), "it.yaml"),
        )
        assert after.measured == self.MEASURED
        assert (after.profile, after.resources) == (before.profile, before.resources)

    def test_replaces_what_was_measured_before_and_nothing_else(self) -> None:
        text = "# mine\nversion: 1\nmeasured:\n  until: 2025-01-01\n  days: 3\n  resources: {}\n\n# kept\nprofile: medium # so\n"
        once = with_measured(text, self.MEASURED)
        assert with_measured(once, self.MEASURED) == once
        assert "2025" not in once
        assert {"# mine", "# kept", "profile: medium # so"} <= set(once.splitlines())
        assert once.count("Measured by") == 1
