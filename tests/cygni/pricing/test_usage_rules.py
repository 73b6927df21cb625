"""What is assumed of each resource, by everything that anybody has said of it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cygni.pricing import PriceBook, estimate
from cygni.pricing.usage_profiles import Profile, profile_amounts
from cygni.pricing.usage_rules import Measured, UsageFile, UsageRule, UsageRules
from cygni.usage_assumptions import ASSUMPTIONS, HIGHEST
from tests.cygni.pricing.conftest import Make

BUCKET = "aws:s3/bucket:Bucket"


def rule(pattern: str, storage: int) -> UsageRule:
    return UsageRule(pattern, {"s3_storage_gb": Decimal(storage)})


def storage(rules: UsageRules, make: Make, name: str = "uploads") -> tuple[Decimal, str]:
    found = rules.for_resource(make(BUCKET, name=name))
    return found.amount("s3_storage_gb"), found.describe("s3_storage_gb").partition("(")[2].rstrip(")")


class TestForResource:
    def test_takes_the_strongest_word(self, make: Make) -> None:
        urn = make(BUCKET, name="uploads").urn
        measured = Measured(date(2026, 11, 20), 30, {urn: {"s3_storage_gb": Decimal(4)}})
        steps = [
            (UsageRules(), (10, "")),
            (UsageRules(UsageFile(profile=Profile.MEDIUM)), (100, "profile medium")),
            (UsageRules(UsageFile(profile=Profile.MEDIUM), profile=Profile.LARGE), (1000, "profile large")),
            (UsageRules(UsageFile(profile=Profile.MEDIUM), {"s3_storage_gb": Decimal(2)}), (2, "cygni.yaml")),
            (
                UsageRules(UsageFile(types=(rule(BUCKET, 3),)), {"s3_storage_gb": Decimal(2)}),
                (3, f"cygni-usage.yaml, types {BUCKET}"),
            ),
            (
                UsageRules(UsageFile(types=(rule(BUCKET, 3),), measured=measured)),
                (4, "measured in 30 days to 2026-11-20"),
            ),
            (
                UsageRules(UsageFile(resources=(rule("up*", 5),), measured=measured)),
                (5, "cygni-usage.yaml, resources up*"),
            ),
        ]
        for rules, (amount, source) in steps:
            assert storage(rules, make) == (Decimal(amount), source)

    @pytest.mark.parametrize("pattern", ["s3.Bucket", "s3.*", "aws:s3/*", BUCKET, "*"])
    def test_finds_types_by_both_spellings_and_wildcards(self, make: Make, pattern: str) -> None:
        assert storage(UsageRules(UsageFile(types=(rule(pattern, 7),))), make)[0] == 7

    @pytest.mark.parametrize(
        "pattern", ["uploads", "up*", "s3.Bucket uploads", "s3.Bucket *", "urn:pulumi:*::uploads"]
    )
    def test_finds_resources_by_name_urn_and_wildcards(self, make: Make, pattern: str) -> None:
        rules = UsageRules(UsageFile(resources=(rule(pattern, 7),)))
        assert storage(rules, make)[0] == 7
        [fitted] = rules.fitted([make(BUCKET, name="uploads"), make("aws:sqs/queue:Queue", name="jobs")])
        assert [one.name for one in fitted.resources] == ["uploads"]

    @pytest.mark.parametrize("pattern", ["Uploads", "upload", "s3.Queue uploads", ""])
    def test_takes_no_near_miss(self, make: Make, pattern: str) -> None:
        rules = UsageRules(UsageFile(resources=(rule(pattern, 7),)))
        assert storage(rules, make)[0] == 10
        [fitted] = rules.fitted([make(BUCKET, name="uploads")])
        assert (fitted.text, fitted.resources) == (f"resources {pattern}", ())

    def test_says_which_file_it_is_from(self, make: Make) -> None:
        rules = UsageRules(UsageFile(resources=(rule("*", 3),), name="uf7.yaml"))
        assert storage(rules, make)[1] == "uf7.yaml, resources *"

    def test_prefers_what_has_no_wildcard_then_what_comes_later(self, make: Make) -> None:
        rules = UsageRules(UsageFile(resources=(rule("uploads", 1), rule("up*", 2), rule("*", 3))))
        assert [storage(rules, make, name)[0] for name in ("uploads", "upper", "other")] == [1, 3, 3]

    def test_leaves_what_a_rule_does_not_name_to_the_weaker(self, make: Make) -> None:
        rules = UsageRules(UsageFile(profile=Profile.MEDIUM, resources=(rule("*", 3),)))
        assert rules.for_resource(make(BUCKET)).amount("s3_read_requests") == 1_000_000

    def test_reaches_the_estimate_and_is_told_there(self, book: PriceBook, make: Make) -> None:
        rules = UsageRules(UsageFile(resources=(rule("busy", 1000),)))
        [calm, busy] = estimate(
            [make(BUCKET, name="busy"), make(BUCKET, name="calm")], book, rules
        ).resources[::-1]
        assert calm.lines[0].assumption == "10 GB per bucket"
        assert busy.lines[0].assumption == "1,000 GB per bucket (cygni-usage.yaml, resources busy)"
        assert busy.lines[0].monthly == Decimal(23)  # 0.023 USD a GB in us-east-1, first 50 TB


class TestProfiles:
    def test_assume_ever_more(self) -> None:
        for name, assumption in ASSUMPTIONS.items():
            amounts = [profile_amounts(profile).get(name, assumption.default) for profile in Profile]
            assert amounts == sorted(amounts)
            assert all(0 <= amount <= HIGHEST for amount in amounts)

    def test_leave_alone_what_traffic_does_not_change(self) -> None:
        large = profile_amounts(Profile.LARGE)
        assert not large.keys() & {"run_minutes", "lambda_ms"}
        hours = [name for name, one in ASSUMPTIONS.items() if "hours/month" in one.unit]
        assert hours
        assert all(large[name] <= 730 for name in hours)

    def test_small_is_what_is_assumed_anyway(self) -> None:
        assert not profile_amounts(Profile.SMALL)
        assert profile_amounts(Profile.LARGE)["nat_data_gb"] == 10_000

    @given(st.sampled_from(Profile), st.sampled_from(sorted(ASSUMPTIONS)))
    def test_only_name_what_is_assumed(self, profile: Profile, name: str) -> None:
        assert profile_amounts(profile).keys() <= ASSUMPTIONS.keys()
        assert name in ASSUMPTIONS
