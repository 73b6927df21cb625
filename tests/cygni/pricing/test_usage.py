from __future__ import annotations

from decimal import Decimal

import pytest

from cygni.errors import UsageError
from cygni.pricing import PriceBook, Usage, estimate
from cygni.pricing.usage import SourcedUsage
from cygni.resources import Resource
from cygni.usage_assumptions import ASSUMPTIONS
from tests.cygni.pricing.conftest import Make


class TestUsage:
    def test_takes_amounts_by_name(self) -> None:
        assert Usage.of({"nat_data_gb": 2.5, "dns_queries": "7"}) == Usage(
            nat_data_gb=Decimal("2.5"), dns_queries=Decimal(7)
        )

    def test_names_the_nearest_assumption(self) -> None:
        with pytest.raises(UsageError) as caught:
            Usage.of({"nat_data": 5})
        assert caught.value.hint == "Did you mean nat_data_gb?"

    @pytest.mark.parametrize("amount", [-1, "many", None, [], float("nan"), float("inf"), "1e13", True])
    def test_refuses_what_is_not_an_amount(self, amount: object) -> None:
        with pytest.raises(UsageError, match="nat_data_gb"):
            Usage.of({"nat_data_gb": amount})

    def test_describes_every_assumption(self) -> None:
        described = [Usage().describe(name) for name in ASSUMPTIONS]
        assert all(" per " in words for words in described)
        assert Usage().describe("nat_data_gb") == "100 GB/month per NAT gateway"

    def test_is_the_same_however_its_defaults_are_said(self) -> None:
        said = Usage(nat_data_gb=ASSUMPTIONS["nat_data_gb"].default)
        assert said == Usage()
        assert hash(said) == hash(Usage())
        assert Usage(free_tier=True) != Usage()
        assert (
            repr(Usage(free_tier=True, nat_data_gb=Decimal(1)))
            == "Usage(free_tier=True, nat_data_gb=Decimal('1'))"
        )

    def test_refuses_a_free_tier_that_is_neither_true_nor_false(self) -> None:
        assert Usage.of({"free_tier": True}).free_tier
        with pytest.raises(UsageError, match="free_tier"):
            Usage.of({"free_tier": "no"})


class TestUsageOfEachResource:
    def test_may_differ_and_says_who_said_so(self, book: PriceBook, make: Make) -> None:
        class OfOne:
            def for_resource(self, resource: Resource) -> Usage:
                if resource.name != "busy":
                    return Usage()
                return SourcedUsage(s3_storage_gb=Decimal(500), sources={"s3_storage_gb": "measured"})

        buckets = [make("aws:s3/bucket:Bucket", name=name) for name in ("busy", "calm")]
        found = estimate(buckets, book, OfOne())
        storage = {cost.name: cost.lines[0] for cost in found.resources}
        assert (storage["busy"].quantity, storage["calm"].quantity) == (Decimal(500), Decimal(10))
        assert storage["busy"].assumption == "500 GB per bucket (measured)"
        assert storage["calm"].assumption == "10 GB per bucket"
