from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cygni.naming import Part
from cygni.plan.model import PlannedRelease, PropertyChange, Rollout, StackPlan, StackStatus
from cygni.plan.wording import (
    change_summary,
    duration_text,
    floor_text,
    property_text,
    property_texts,
    question,
    readable,
    release_line,
    stack_line,
)
from cygni.resources import UNKNOWN, short_type
from tests.cygni.plan.conftest import BUCKET, NAT, MakePlan


class TestShortType:
    @pytest.mark.parametrize(
        ("token", "short"),
        [
            ("aws:ec2/natGateway:NatGateway", "ec2.NatGateway"),
            ("random:index/randomPassword:RandomPassword", "random.RandomPassword"),
            ("command:local:Command", "command:local:Command"),
            ("cygni:data:Bucket", "cygni:data:Bucket"),
            ("pulumi:providers:aws", "pulumi:providers:aws"),
            ("", ""),
        ],
    )
    def test_is_the_service_and_the_kind(self, token: str, short: str) -> None:
        assert short_type(token) == short


class TestStackLine:
    def test_says_why_nothing_happens(self) -> None:
        assert stack_line(StackPlan(Part.DATA, StackStatus.SKIPPED)) == (
            "nothing changed since its last deploy: skipped"
        )
        assert stack_line(StackPlan(Part.DATA, StackStatus.UNCHANGED)) == "no changes"

    def test_counts_what_happens(self, make_plan: MakePlan) -> None:
        plan = make_plan(creates=[(NAT, "a"), (NAT, "b")], deletes=[(NAT, "c")], replaces=[(BUCKET, "d", [])])
        assert stack_line(plan.stacks[1]) == "2 to create, 1 to replace, 1 to delete"


class TestChangeSummary:
    def test_counts_over_all_stacks(self, make_plan: MakePlan) -> None:
        plan = make_plan(creates=[(NAT, "a")], updates=[(BUCKET, "d", [])])
        assert change_summary(plan) == "2 changes: 1 to create, 1 to update"

    def test_knows_one_from_many(self, make_plan: MakePlan) -> None:
        assert change_summary(make_plan(creates=[(NAT, "a")])) == "1 change: 1 to create"

    def test_says_that_there_are_none(self, make_plan: MakePlan) -> None:
        assert change_summary(make_plan()) == "No changes."


RELEASES = [
    (PlannedRelease("web", Rollout.FIRST, "canary", 0, 1), "web: first release, canary, 1 task"),
    (PlannedRelease("web", Rollout.VERSION, "", 2, 2), "web: new version, 2 tasks"),
    (PlannedRelease("web", Rollout.VERSION, "rolling", 2, 4), "web: new version, rolling, 2 → 4 tasks"),
    (PlannedRelease("web", Rollout.COUNT, "rolling", 2, 1), "web: 2 → 1 task"),
    (
        PlannedRelease("web", Rollout.SECRETS, "canary", 2, 2, ("A", "B")),
        "web: new tasks (A, B changed), canary, 2 tasks",
    ),
    (
        PlannedRelease("web", Rollout.VERSION, "", 2, 2, ("A", "B", "C", "D")),
        "web: new version (A, B and 2 more changed), 2 tasks",
    ),
]


class TestReleases:
    @pytest.mark.parametrize(("release", "line"), RELEASES)
    def test_are_told_in_a_line_each(self, release: PlannedRelease, line: str) -> None:
        assert release_line(release) == line

    def test_are_asked_for_and_summed_up(self, make_plan: MakePlan) -> None:
        plan = replace(make_plan(), releases=(RELEASES[0][0],), floor=65.0)
        assert plan.needs_consent
        assert change_summary(plan) == "1 service to release, and no other changes."
        assert question(plan).startswith("Release web of ")
        assert floor_text(plan).startswith("at least 1 min 5 s: ")
        more = replace(make_plan(creates=[(NAT, "a")]), releases=(RELEASES[0][0],))
        assert change_summary(more) == "1 change: 1 to create; 1 service to release"
        assert floor_text(more) == ""

    @pytest.mark.parametrize(
        ("seconds", "text"), [(0.2, "0 s"), (59, "59 s"), (120, "2 min"), (125, "2 min 5 s")]
    )
    def test_take_a_time_that_is_read_quickly(self, seconds: float, text: str) -> None:
        assert duration_text(seconds) == text


class TestPropertyText:
    @pytest.mark.parametrize(
        ("value", "text"),
        [
            (None, "(none)"),
            (UNKNOWN, "(known after apply)"),
            ([UNKNOWN, 1], '["(known after apply)", 1]'),
            ("512", '"512"'),
            (True, "true"),
            ({"b": 1, "a": "é"}, '{"a": "é", "b": 1}'),
            ("[secret]", '"[secret]"'),
            ("two\nlines", '"two\\nlines"'),
            ("\x1b[31m", '"\\u001b[31m"'),
        ],
    )
    def test_is_one_line(self, value: Any, text: str) -> None:
        assert property_text(PropertyChange("a", value, "")) == f'a: {text} → ""'

    @pytest.mark.parametrize("width", [None, 200, 60])
    def test_is_short_and_has_what_differs(self, width: int | None) -> None:
        alike = "x" * 500
        text = property_text(PropertyChange("a", f"{alike}one{alike}", f"{alike}two{alike}"), width=width)
        assert len(text) <= min(width or 200, 170)
        assert "one" in text
        assert "two" in text

    def test_tells_both_sides_of_a_property(self) -> None:
        assert property_text(PropertyChange("cpu", "256", "512")) == 'cpu: "256" → "512"'

    def test_tells_each_change_inside_of_json(self) -> None:
        before, after = (json.dumps({"image": f"nginx:{n}", "port": n}) for n in (1, 2))
        assert property_texts(PropertyChange("x", before, after)) == (
            'x.image: "nginx:1" → "nginx:2"',
            "x.port: 1 → 2",
        )


class TestReadable:
    @given(
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.text() | st.just(UNKNOWN),
            lambda inner: st.lists(inner) | st.tuples(inner) | st.dictionaries(st.text(), inner),
        )
    )
    def test_is_always_json(self, value: Any) -> None:
        assert "Unknown" not in json.dumps(readable(value), ensure_ascii=False) or "Unknown" in str(value)
        assert json.loads(json.dumps(readable(value))) == readable(value)
