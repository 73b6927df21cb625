"""What of a usage file changes nothing."""

from __future__ import annotations

from decimal import Decimal

import pytest

from cygni.pricing import PriceBook
from cygni.pricing.usage_rules import UsageFile, UsageRule, UsageRules
from cygni.pricing.usage_warnings import usage_warnings
from tests.cygni.pricing.conftest import Make

BUCKET = "aws:s3/bucket:Bucket"
BALANCER = "aws:lb/loadBalancer:LoadBalancer"
FUNCTION = "aws:lambda/function:Function"
ODD = "aws:medialive/channel:Channel"


def rule(pattern: str, *names: str) -> UsageRule:
    return UsageRule(pattern, dict.fromkeys(names, Decimal(3)))


class TestUsageWarnings:
    def test_names_patterns_that_fit_nothing(self, book: PriceBook, make: Make) -> None:
        file = UsageFile(types=(rule("s4.*"),), resources=(rule("up", "s3_storage_gb"),), name="uf7.yaml")
        assert list(usage_warnings(UsageRules(file), [make(BUCKET, name="uploads")], book)) == [
            "uf7.yaml: types s4.* fits no resource",
            "uf7.yaml: resources up fits no resource",
        ]

    def test_names_amounts_that_nothing_they_fit_is_billed_by(self, book: PriceBook, make: Make) -> None:
        file = UsageFile(resources=(rule("*-uploads", "s3_storage_gb", "alb_lcus"),))
        some = [make(BUCKET, name="a-uploads"), make(BUCKET, name="b-uploads"), make(BALANCER, name="web")]
        assert list(usage_warnings(UsageRules(file), some, book)) == [
            "cygni-usage.yaml: resources *-uploads: alb_lcus is not assumed of s3.Bucket"
        ]

    def test_names_a_few_of_many_types(self, book: PriceBook, make: Make) -> None:
        some = [
            make(token) for token in (BUCKET, FUNCTION, ODD, "aws:sqs/queue:Queue", "aws:sns/topic:Topic")
        ]
        [told] = usage_warnings(UsageRules(UsageFile(types=(rule("*", "nat_data_gb"),))), some, book)
        assert told.endswith("is not assumed of lambda.Function, medialive.Channel, s3.Bucket and 2 more")

    @pytest.mark.parametrize(
        ("token", "name"),
        [
            (BUCKET, "s3_glacier_gb"),
            (BALANCER, "internet_egress_gb"),
            (FUNCTION, "lambda_ms"),  # no charge is by it alone
        ],
    )
    def test_is_silent_of_what_an_estimate_goes_by(
        self, book: PriceBook, make: Make, token: str, name: str
    ) -> None:
        some = [make(token), make(ODD)]
        assert list(usage_warnings(UsageRules(UsageFile(types=(rule("*", name),))), some, book)) == []

    def test_is_silent_where_the_file_says_nothing(self, book: PriceBook, make: Make) -> None:
        assert list(usage_warnings(UsageRules(), [make(BUCKET)], book)) == []
