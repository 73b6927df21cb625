"""Two readings of one resource: when they are the same."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.clouds import Difference, Pair, differences, renamed, same_names

VPC = "aws:ec2/vpc:Vpc"
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(0, 9) | st.text("ab", max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("xy", max_size=2), inner, max_size=3),
    max_leaves=8,
)


def found(ours: Any, theirs: Any) -> list[Difference]:
    return list(differences(VPC, ours, theirs))


class TestDifferences:
    @given(value=VALUES)
    def test_are_none_of_a_reading_with_itself(self, value: Any) -> None:
        assert found(value, value) == []

    def test_name_the_property_and_both_values(self) -> None:
        assert found({"a": {"b": [1]}}, {"a": {"b": [2]}}) == [Difference(VPC, "a.b[]", "1", "2")]

    @pytest.mark.parametrize(
        ("ours", "theirs"),
        [(None, ""), (None, []), ({}, None), (["b", "a"], ["a", "b"]), ('{"a": 1}', '{"a":1}')],
    )
    def test_ignore_how_nothing_order_and_json_are_written(self, ours: Any, theirs: Any) -> None:
        assert found({"x": ours}, {"x": theirs}) == []

    @pytest.mark.parametrize(("ours", "theirs"), [(None, False), (None, 0), ("1", "2"), ([1], [1, 2])])
    def test_tell_nothing_from_false_and_zero(self, ours: Any, theirs: Any) -> None:
        assert [one.property for one in found({"x": ours}, {"x": theirs})] == ["x"]


class TestSameNames:
    PAIR = Pair(
        "urn",
        VPC,
        {"id": "vpc-ours1", "outputs": {"arn": "arn:vpc-ours1", "cidrBlock": "10.0.0.0/16"}},
        {"id": "vpc-theirs", "arn": "arn:vpc-theirs", "cidr_block": "10.1.0.0/16"},
    )

    def test_come_from_ids_and_arns_alone(self) -> None:
        assert same_names([self.PAIR]) == {"arn:vpc-theirs": "arn:vpc-ours1", "vpc-theirs": "vpc-ours1"}

    def test_replace_inside_of_texts(self) -> None:
        names = same_names([self.PAIR])
        assert renamed({"a": ["x/vpc-theirs/y"], "b": 1}, names) == {"a": ["x/vpc-ours1/y"], "b": 1}

    def test_pass_over_ids_that_a_provider_makes_up(self) -> None:
        attached = Pair(
            "urn",
            "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
            {"id": "role-ours/arn:policy", "outputs": {"role": "role-ours"}},
            {"id": "role-theirs-20260101", "role": "role-theirs"},
        )
        assert same_names([attached]) == {}
        assert attached.id_of_theirs({"role-ours": "role-theirs"}) == "role-theirs/arn:policy"
