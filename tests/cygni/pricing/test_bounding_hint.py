"""What a guard advises where nothing bounds a cost."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from cygni.engine_documents.stored import UNKNOWN_REGION
from cygni.pricing import PriceBook, cost_diff, estimate
from cygni.pricing.bounding_hint import bounding_hint
from cygni.resources import UNKNOWN, Resource

BOOK = PriceBook.load()
NAT = "aws:ec2/natGateway:NatGateway"
SAY_IT = "rite what it costs at most a month in cygni-usage.yaml, as `at_most: 25` of its type or name"


def hint(token: str, region: str = "us-east-1", inputs: Mapping[str, Any] | None = None) -> str:
    one = Resource("urn:a", token, "a", inputs or {}, region)
    return bounding_hint(
        cost_diff(estimate([], BOOK), estimate([one], BOOK)).resources, "go", count_usage=False
    )


class TestBoundingHint:
    @pytest.mark.parametrize(
        ("token", "region", "inputs", "says"),
        [
            (NAT, UNKNOWN_REGION, {}, "Name the region with --region; or go"),
            (NAT, "eu-north-1", {}, "Read the prices with: cx prices sync --region eu-north-1; or go"),
            ("aws:medialive/channel:Channel", "eu-north-1", {}, f"W{SAY_IT}; or go"),
            ("aws:ec2/instance:Instance", "us-east-1", {"instanceType": UNKNOWN}, f"W{SAY_IT}; or go"),
        ],
    )
    def test_is_what_helps(self, token: str, region: str, inputs: Mapping[str, Any], says: str) -> None:
        assert hint(token, region, inputs) == says

    def test_is_all_of_it_where_several_things_are_not_known(self) -> None:
        both = [
            Resource("urn:a", NAT, "a", {}, "eu-north-1"),
            Resource("urn:b", "acme:x/y:Y", "b", {}, "eu-north-1"),
        ]
        found = cost_diff(estimate([], BOOK), estimate(both, BOOK)).resources
        assert bounding_hint(found, "go", count_usage=False) == (
            f"Read the prices with: cx prices sync --region eu-north-1; w{SAY_IT}; or go"
        )
