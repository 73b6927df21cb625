"""Costs read back from what was written."""

from __future__ import annotations

import copy
import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cygni.pricing import CostDiff, PriceBook, cost_diff, estimate
from cygni.pricing.written import cost_diff_of
from cygni.resources import Resource
from tests.cygni.pricing.any_resources import stacks
from tests.cygni.pricing.conftest import Make

BOOK = PriceBook.load()


def written(one: list[Resource], other: list[Resource]) -> tuple[CostDiff, list[Any]]:
    diff = cost_diff(estimate(one, BOOK), estimate(other, BOOK))
    return diff, json.loads(json.dumps(diff.to_dict()))["resources"]


@settings(max_examples=40)
@given(stacks(), stacks())
def test_reads_back_all_that_was_written(one: list[Resource], other: list[Resource]) -> None:
    diff, document = written(one, other)
    assert cost_diff_of(document).at_most == diff.at_most
    assert cost_diff_of(document).to_dict() == diff.to_dict()


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("after", "lines", 0, "monthly"), None),
        (("after", "lines", 0, "monthly"), "-1"),
        (("after", "lines", 0, "monthly"), "NaN"),
        (("after", "lines", 0, "monthly"), 32.85),
        (("after", "lines", 0, "missing"), "no price"),
        (("after", "lines", 0, "usage_based"), "no"),
        (("after", "lines", 0, "as_of"), "yesterday"),
        (("after", "lines", 0, "at_most"), "9" * 400),
        (("after", "lines", 0, "quantity"), "1e-400"),
        (("after", "lines", 0, "missing"), 1),
        (("after", "lines", 0, "assumption"), ["much"]),
        (("after", "note"), 1),
        (("after", "said_at_most"), "-1"),
        (("delta_at_most",), None),
        (("delta_at_most", "monthly"), "1e400"),
        (("after", "lines"), None),
        (("after", "status"), "cheap"),
        (("after",), None),
        (("bound",), "around"),
        (("urn",), 1),
    ],
)
def test_refuses_what_nobody_wrote(make: Make, path: tuple[Any, ...], value: Any) -> None:
    _, document = written([], [make("aws:ec2/natGateway:NatGateway")])
    place = copied = copy.deepcopy(document)[0]
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    with pytest.raises(ValueError):
        cost_diff_of([copied])


@settings(max_examples=100)
@given(
    st.recursive(
        st.none() | st.text(max_size=3) | st.integers(),
        lambda inner: (
            st.lists(inner, max_size=2)
            | st.dictionaries(
                st.sampled_from(["urn", "type", "name", "before", "after", "lines", "bound"]), inner
            )
        ),
        max_leaves=8,
    )
)
def test_reads_nothing_else(value: Any) -> None:
    with suppress(ValueError):
        assert cost_diff_of([value]) is None
