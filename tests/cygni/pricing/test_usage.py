from __future__ import annotations

from dataclasses import fields
from decimal import Decimal

import pytest

from cygni.errors import UsageError
from cygni.pricing import PriceBook, Usage, estimate
from cygni.pricing.usage import SourcedUsage
from cygni.resources import Resource
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
        described = [Usage().describe(item.name) for item in fields(Usage)]
        assert all(" per " in words for words in described)
        assert Usage().describe("nat_data_gb") == "100 GB/month per NAT gateway"


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
