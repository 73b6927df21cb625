from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cygni.engine_documents.values import ENGINE_UNKNOWN, with_unknowns
from cygni.naming import Part
from cygni.plan.events import (
    STACK_TYPE,
    DiagnosticEvent,
    PolicyEvent,
    ResourceState,
    StepEvent,
    SummaryEvent,
    name_of,
)
from cygni.plan.model import Change, PropertyChange, StackPlan, StackStatus, Step
from cygni.plan.steps import stack_plan
from cygni.resources import UNKNOWN, is_cloud

BUCKET = "aws:s3/bucket:Bucket"


def urn(name: str = "shop-preview-x-uploads", resource_type: str = BUCKET) -> str:
    return f"urn:pulumi:shop.preview-x.data::cygni::cygni:data:Bucket${resource_type}::{name}"


def event(
    operation: str,
    old: Mapping[str, Any] | None = None,
    new: Mapping[str, Any] | None = None,
    *,
    phase: Literal["planned", "done", "failed"] = "planned",
    name: str = "shop-preview-x-uploads",
    resource_type: str = BUCKET,
    id: str = "",
    **more: Any,
) -> StepEvent:
    def state(inputs: Mapping[str, Any] | None) -> ResourceState | None:
        found = urn(name, resource_type)
        return None if inputs is None else ResourceState(resource_type, found, id=id, inputs=inputs)

    return StepEvent(
        phase, operation, urn(name, resource_type), resource_type, state(old), state(new), **more
    )


def planned(*events: Any, **more: Any) -> StackPlan:
    return stack_plan(Part.DATA, events, region="us-east-1", **more)


class TestCreate:
    def test_is_a_step_without_properties(self) -> None:
        plan = planned(event("create", None, {"bucket": "b"}))
        [step] = plan.steps
        assert (step.change, step.name, step.type) == (Change.CREATE, "shop-preview-x-uploads", BUCKET)
        assert (step.properties, step.stateful, step.part) == ((), None, Part.DATA)
        assert plan.status is StackStatus.CHANGED

    def test_has_a_resource_after_and_none_before(self) -> None:
        plan = planned(event("create", None, {"bucket": "b"}))
        assert plan.before == ()
        assert [one.inputs for one in plan.after] == [{"bucket": "b"}]

    def test_may_be_an_import(self) -> None:
        assert planned(event("import", None, {})).steps[0].change is Change.CREATE


class TestUpdate:
    def test_tells_each_property_that_differs(self) -> None:
        old = {"tags": {"a:b": "1"}, "list": [{"x": 1}], "gone": True}
        new = {"tags": {"a:b": "2"}, "list": [{"x": 2}], "come": False}
        diff = {'tags["a:b"]': "update", "list[0].x": "update", "gone": "delete", "come": "add"}
        [step] = planned(event("update", old, new, diff=diff)).steps
        assert step.change is Change.UPDATE
        assert step.properties == (
            PropertyChange("come", None, False),
            PropertyChange("gone", True, None),
            PropertyChange("list[0].x", 1, 2),
            PropertyChange('tags["a:b"]', "1", "2"),
        )

    def test_tells_the_names_alone_where_the_engine_gives_no_more(self) -> None:
        [step] = planned(event("update", {"a": 1}, {"a": 2}, changed_keys=("a",))).steps
        assert step.properties == (PropertyChange("a", 1, 2),)

    def test_says_nothing_of_tags_twice(self) -> None:
        diff = {"tagsAll": "update", 'tagsAll["a"]': "update", "tags": "update"}
        [step] = planned(event("update", {"tags": 1}, {"tags": 2}, diff=diff)).steps
        assert [change.path for change in step.properties] == ["tags"]

    def test_has_a_resource_on_both_sides(self) -> None:
        plan = planned(event("update", {"a": 1}, {"a": 2}))
        assert [one.inputs for one in plan.before] == [{"a": 1}]
        assert [one.inputs for one in plan.after] == [{"a": 2}]

    def test_loses_no_data(self) -> None:
        assert planned(event("update", {}, {})).steps[0].stateful is None


REPLACED = [
    event("create-replacement", {"bucket": "a"}, {"bucket": "b"}, replace_keys=("bucket",)),
    event(
        "replace",
        {"bucket": "a", "x": 1},
        {"bucket": "b", "x": 2},
        replace_keys=("bucket",),
        diff={"bucket": "update-replace", "x": "update"},
    ),
    event("delete-replaced", {"bucket": "a"}, None),
]


class TestLeftover:
    """An update that was interrupted between the two halves of a replacement."""

    LEFT = event("delete-replaced", {"bucket": "a"}, None)

    def test_is_deleted_by_a_step_of_its_own(self) -> None:
        plan = planned(event("same", {"bucket": "b"}, {"bucket": "b"}), self.LEFT)
        [step] = plan.steps
        assert (step.change, step.name.endswith(" (replaced)"), plan.has_work) == (Change.DELETE, True, True)
        assert [one.inputs["bucket"] for one in plan.after] == ["b"]

    def test_may_be_beside_another_change(self) -> None:
        plan = planned(event("update", {"bucket": "b"}, {"bucket": "b"}), self.LEFT)
        assert sorted(step.change for step in plan.steps) == [Change.DELETE, Change.UPDATE]

    def test_is_told_by_its_id_from_what_is_replaced_now(self) -> None:
        replaced = [replace(one, old=replace(one.old, id="b-2")) for one in REPLACED if one.old]
        steps = planned(*replaced, event("delete-replaced", {"bucket": "0"}, None, id="b-1")).steps
        assert [(step.change, step.id, step.leftover) for step in steps] == [
            (Change.REPLACE, "b-2", False),
            (Change.DELETE, "b-1", True),
        ]

    def test_is_one_of_several(self) -> None:
        left = [event("delete-replaced", {"bucket": one}, None, id=one) for one in ("a", "b")]
        assert [step.id for step in planned(*left).steps] == ["a", "b"]

    def test_is_among_what_was_there_and_before_its_successor(self) -> None:
        live = event("same", {"bucket": "live"}, {"bucket": "live"}, id="a")
        left = [event("delete-replaced", {"bucket": one}, None, id=one) for one in ("b", "c")]
        for events in ([live, *left], [*left, live]):
            plan = planned(*events)
            assert [one.inputs["bucket"] for one in plan.before] == ["b", "c", "live"]
            assert [one.inputs["bucket"] for one in plan.after] == ["live"]

    def test_loses_data_where_there_is_data(self) -> None:
        assert planned(self.LEFT).steps[0].stateful is not None


class TestReplace:
    @pytest.mark.parametrize("events", [REPLACED, REPLACED[::-1]], ids=["create first", "delete first"])
    def test_is_one_step_of_three_events(self, events: list[StepEvent]) -> None:
        plan = planned(*events)
        [step] = plan.steps
        assert step.change is Change.REPLACE
        assert (len(plan.before), len(plan.after), plan.unchanged) == (1, 1, 0)
        assert plan.after[0].inputs == {"bucket": "b", "x": 2}

    def test_tells_what_forces_it(self) -> None:
        [step] = planned(*REPLACED).steps
        assert [(change.path, change.replaces) for change in step.properties] == [
            ("bucket", True),
            ("x", False),
        ]

    def test_tells_what_forces_it_by_key_alone(self) -> None:
        [step] = planned(event("replace", {"a": 1}, {"a": 2}, changed_keys=("a",), replace_keys=("a",))).steps
        assert step.properties == (PropertyChange("a", 1, 2, replaces=True),)

    def test_loses_the_data_of_what_holds_some(self) -> None:
        assert planned(*REPLACED).steps[0].stateful == "uploads"


class TestDelete:
    def test_has_a_resource_before_and_none_after(self) -> None:
        plan = planned(event("delete", {"bucket": "b"}, None))
        assert [step.change for step in plan.steps] == [Change.DELETE]
        assert (len(plan.before), plan.after) == (1, ())

    def test_loses_data_under_its_own_name(self) -> None:
        [step] = planned(event("delete", {}, None)).steps
        assert step.stateful == "uploads"

    def test_names_data_of_another_program_in_full(self) -> None:
        [step] = planned(event("delete", {}, None, name="something")).steps
        assert step.stateful == "something"


class TestSame:
    def test_is_no_step(self) -> None:
        plan = planned(event("same", {"a": 1}, {"a": 1}), event("same", {}, {}, name="other"))
        assert (plan.steps, plan.unchanged, plan.status) == ((), 2, StackStatus.UNCHANGED)
        assert len(plan.before) == len(plan.after) == 2

    def test_counts_what_is_only_read(self) -> None:
        assert planned(event("read", None, {"a": 1})).unchanged == 1


class TestWhatIsNoCloudResource:
    @pytest.mark.parametrize(
        "resource_type",
        ["pulumi:pulumi:Stack", "pulumi:providers:aws", "pulumi:pulumi:StackReference", "cygni:data:Bucket"],
    )
    def test_is_left_out(self, resource_type: str) -> None:
        plan = planned(event("create", None, {}, resource_type=resource_type))
        assert (plan.steps, plan.before, plan.after, plan.unchanged) == ((), (), (), 0)
        assert not is_cloud(resource_type)

    def test_includes_what_else_the_engine_says(self) -> None:
        said = [
            DiagnosticEvent("error", "no", urn()),
            PolicyEvent("p", "pack", "mandatory", "no"),
            SummaryEvent({"create": 1}, 1.0),
        ]
        assert planned(*said) == StackPlan(Part.DATA, StackStatus.UNCHANGED)


class TestOutputs:
    def test_are_those_of_the_stack(self) -> None:
        found = {"vpcId": ENGINE_UNKNOWN, "names": ["a", ENGINE_UNKNOWN], "password": "[secret]"}
        state = ResourceState(STACK_TYPE, "urn:x", outputs=found)
        plan = planned(StepEvent("done", "same", "urn:x", STACK_TYPE, new=state))
        assert plan.outputs == {"vpcId": UNKNOWN, "names": ["a", UNKNOWN], "password": "[secret]"}

    def test_are_none_without_a_stack(self) -> None:
        assert planned().outputs == {}

    @pytest.mark.parametrize(("stored", "work"), [({}, True), ({"a": 2}, True), ({"a": 1}, False)])
    def test_are_work_where_the_state_has_others(self, stored: dict[str, Any], work: bool) -> None:
        old, new = (ResourceState(STACK_TYPE, "urn:x", outputs=each) for each in (stored, {"a": 1}))
        plan = planned(StepEvent("done", "same", "urn:x", STACK_TYPE, old, new))
        assert (plan.has_work, plan.steps) == (work, ())


class TestUp:
    def test_has_the_inputs_as_they_were_in_the_end(self) -> None:
        plan = planned(
            event("create", None, {"vpc": ENGINE_UNKNOWN}),
            event("create", None, {"vpc": "vpc-1"}, phase="done"),
        )
        assert [one.inputs for one in plan.after] == [{"vpc": "vpc-1"}]

    def test_knows_only_what_was_planned(self) -> None:
        assert planned(event("same", {"a": 1}, {"a": 1}, phase="done")).after == ()

    def test_keeps_what_was_planned_of_what_failed(self) -> None:
        plan = planned(event("create", None, {"a": 1}), event("create", None, {"a": 2}, phase="failed"))
        assert [one.inputs for one in plan.after] == [{"a": 1}]
        assert len(plan.steps) == 1

    def test_has_one_resource_for_a_replaced_one(self) -> None:
        done = [
            event("create-replacement", {"bucket": "a"}, {"bucket": "b"}, phase="done"),
            event("replace", {"bucket": "a"}, {"bucket": "b"}, phase="done"),
            event("delete-replaced", {"bucket": "a"}, None, phase="done"),
        ]
        assert [one.inputs["bucket"] for one in planned(*REPLACED, *done).after] == ["b"]


class TestRefresh:
    CHANGED = event("refresh", {"a": 1}, {"a": 2}, phase="done", diff={"a": "update"})
    DELETED = event("refresh", {"a": 1}, None, phase="done")
    SAME = event("refresh", {"a": 1}, {"a": 1}, phase="done")

    @pytest.mark.parametrize("found", [CHANGED, DELETED], ids=["changed", "deleted"])
    def test_tells_what_drifted(self, found: StepEvent) -> None:
        plan = planned(found, refreshed=True)
        assert plan.drifted == ("shop-preview-x-uploads",)
        assert plan.has_work
        assert plan.status is StackStatus.UNCHANGED

    def test_says_nothing_of_what_is_as_it_was(self) -> None:
        plan = planned(self.SAME, refreshed=True)
        assert plan.drifted == ()
        assert not plan.has_work

    def test_counts_only_where_it_was_asked_for(self) -> None:
        assert planned(self.CHANGED).drifted == ()

    def test_keeps_what_was_before_it(self) -> None:
        plan = planned(self.CHANGED, event("update", {"a": 2}, {"a": 1}), refreshed=True)
        assert [one.inputs for one in plan.before] == [{"a": 1}]
        assert [step.change for step in plan.steps] == [Change.UPDATE]

    def test_counts_what_was_deleted_as_there_before(self) -> None:
        plan = planned(self.DELETED, event("create", None, {"a": 1}), refreshed=True)
        assert (len(plan.before), len(plan.after)) == (1, 1)

    def test_is_over_when_it_is_done(self) -> None:
        begun = event("refresh", {"a": 1}, {"a": 1}, diff={"a": "update"})
        assert planned(begun, refreshed=True).drifted == ()


class TestResources:
    def test_know_what_they_were_computed_from(self) -> None:
        references = {urn(): {"bucket": ("urn:a",)}, "urn:else": {"x": ("urn:b",)}}
        [resource] = planned(event("create", None, {}), references=references).after
        assert resource.references == {"bucket": ("urn:a",)}

    def test_are_the_states_of_what_there_was(self) -> None:
        stored = {urn(): {"bucket": ("urn:old",)}}
        plan = planned(event("update", {}, {}), references={urn(): {"bucket": ("urn:new",)}}, stored=stored)
        assert [one.references for one in (*plan.before, *plan.after)] == [
            {"bucket": ("urn:old",)},
            {"bucket": ("urn:new",)},
        ]

    def test_are_in_the_region_they_say(self) -> None:
        plan = planned(event("create", None, {"region": "eu-west-1"}), event("create", None, {}, name="b"))
        assert {one.name: one.region for one in plan.after} == {
            "b": "us-east-1",
            "shop-preview-x-uploads": "eu-west-1",
        }

    def test_and_steps_come_in_one_order_whatever_order_the_engine_reports(self) -> None:
        events = [event("create", None, {}, name=name) for name in ("c", "a", "b")]
        one, other = planned(*events), planned(*reversed(events))
        assert [step.name for step in one.steps] == ["a", "b", "c"]
        assert (one.steps, one.after) == (other.steps, other.after)

    def test_keep_secrets_hidden(self) -> None:
        old, new = {"password": "[secret]"}, {"password": "[secret]"}
        [step] = planned(event("update", old, new, diff={"password": "update"})).steps
        assert step.properties == (PropertyChange("password", "[secret]", "[secret]"),)


UNKNOWNS = [
    ENGINE_UNKNOWN,
    "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
    "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
    "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
    "030794c1-ac77-496b-92df-f27374a8bd58",
    "e48ece36-62e2-4504-bad9-02848725956a",
    "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
]


class TestWithUnknowns:
    @pytest.mark.parametrize("sentinel", UNKNOWNS)
    def test_knows_every_sentinel_of_the_engine_at_any_depth(self, sentinel: str) -> None:
        given = {"a": [sentinel, {"b": sentinel}], "c": sentinel, "d": (sentinel,)}
        assert with_unknowns(given) == {"a": [UNKNOWN, {"b": UNKNOWN}], "c": UNKNOWN, "d": [UNKNOWN]}

    def test_knows_those_of_the_sdk(self) -> None:
        from pulumi.runtime import rpc

        assert rpc.UNKNOWN in UNKNOWNS

    @given(
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.text(),
            lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
        )
    )
    def test_leaves_everything_else(self, value: Any) -> None:
        assert with_unknowns(value) == value


class TestNameOf:
    def test_is_the_last_part_of_the_urn(self) -> None:
        assert name_of(urn()) == "shop-preview-x-uploads"
        assert name_of("no urn") == "no urn"


class TestDatabases:
    INSTANCE = "aws:rds/instance:Instance"

    def delete(self, inputs: Mapping[str, Any], resource_type: str = INSTANCE) -> Step:
        name = "shop-preview-x-main"
        [step] = planned(event("delete", inputs, None, name=name, resource_type=resource_type)).steps
        return step

    @pytest.mark.parametrize(
        "resource_type",
        [INSTANCE, "aws:rds/cluster:Cluster", "aws:elasticache/replicationGroup:ReplicationGroup"],
    )
    def test_lose_data_when_they_are_deleted(self, resource_type: str) -> None:
        assert self.delete({}, resource_type).stateful == "main"

    def test_lose_none_when_a_copy_is_deleted(self) -> None:
        assert self.delete({"replicateSourceDb": "shop-main"}).stateful is None

    def test_tell_whether_aws_would_refuse(self) -> None:
        assert self.delete({"deletionProtection": True}).protected
        assert not self.delete({"deletionProtection": False}).protected
        changed = event(
            "update", {"deletionProtection": True}, {"deletionProtection": False}, resource_type=self.INSTANCE
        )
        assert not planned(changed).steps[0].protected
