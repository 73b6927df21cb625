"""A property that is JSON text is told by what changes in it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cygni.plan.inside_json import spelled_out
from cygni.plan.model import PropertyChange
from cygni.resources import UNKNOWN


def container(image: str = "nginx:1", **variables: str) -> str:
    environment = [{"name": name, "value": value} for name, value in variables.items()]
    return json.dumps([{"name": "app", "image": image, "environment": environment, "essential": True}])


def told(before: Any, after: Any) -> list[tuple[str, Any, Any]]:
    change = PropertyChange("containerDefinitions", before, after, replaces=True)
    found = spelled_out(change)
    assert all(one.replaces for one in found)
    return [(one.path.removeprefix("containerDefinitions"), one.before, one.after) for one in found]


class TestContainers:
    def test_are_told_by_the_image_that_changes(self) -> None:
        assert told(container("nginx:1", A="1"), container("nginx:2", A="1")) == [
            (".app.image", "nginx:1", "nginx:2")
        ]

    def test_are_told_by_the_variables_that_change_come_and_go(self) -> None:
        assert told(container(A="1", B="2", C="3"), container(A="1", B="two", D="4")) == [
            (".app.environment.B", "2", "two"),
            (".app.environment.C", "3", None),
            (".app.environment.D", None, "4"),
        ]

    def test_whose_first_variable_comes_are_told_it(self) -> None:
        [(path, before, after)] = told(container(), container(A="1"))
        assert (path, before, after) == (".app.environment", [], [{"name": "A", "value": "1"}])


class TestPolicies:
    def test_are_told_by_what_changes_in_a_statement(self) -> None:
        def policy(*actions: str) -> str:
            return json.dumps({"Version": "2012-10-17", "Statement": [{"Action": list(actions)}]})

        assert told(policy("s3:GetObject"), policy("s3:GetObject", "s3:PutObject")) == [
            (".Statement", [{"Action": ["s3:GetObject"]}], [{"Action": ["s3:GetObject", "s3:PutObject"]}])
        ]


class TestAnythingElse:
    @pytest.mark.parametrize(
        ("before", "after"),
        [
            ("256", "512"),
            ("[not json", "[1]"),
            (container(), UNKNOWN),
            (None, container()),
            (["a"], ["b"]),
            ('{"a": 1}', '{"a":  1}'),
            ("[" * 100_000, "[]"),
        ],
    )
    def test_stays_as_it_is(self, before: Any, after: Any) -> None:
        assert told(before, after) == [("", before, after)]

    def test_is_told_whole_where_names_are_not_ones_own(self) -> None:
        one, two = (json.dumps([{"name": "a", "x": number}, {"name": "a"}]) for number in (1, 2))
        assert [path for path, _, _ in told(one, two)] == [""]

    @given(
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.text(),
            lambda inner: (
                st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["name", "value", "a"]), inner)
            ),
        )
    )
    def test_always_tells_that_something_changes(self, value: Any) -> None:
        before, after = json.dumps({"a": value}), json.dumps({"a": [value]})
        found = told(before, after)
        assert found
        assert all(old != new for _, old, new in found)
