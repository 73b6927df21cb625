"""Reading what the real engine wrote, and refusing what it did not."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cygni.engine_documents import reading
from cygni.engine_documents.reading import DocumentKind, EngineDocument, PlannedCost, read_document
from cygni.engine_documents.stored import UNKNOWN_REGION
from cygni.engine_documents.values import ENGINE_UNKNOWN
from cygni.errors import DocumentError
from cygni.pricing import PriceBook, cost_diff, estimate
from cygni.resources import UNKNOWN, Resource
from tests.cygni.engine_documents.conftest import (
    PROVIDER,
    STACK,
    export_of,
    preview_of,
    read,
    recorded,
    state_of,
)


def named(resources: tuple[Resource, ...]) -> dict[str, Resource]:
    return {f"{one.type.rpartition(':')[2]} {one.name}": one for one in resources}


class TestRecordedDocuments:
    def test_of_a_first_preview_have_everything_after_it(self) -> None:
        found = read(recorded("node-create"))
        assert (found.kind, found.project, found.stack) == (DocumentKind.PREVIEW, "shop", "dev")
        assert (found.before, len(found.after), found.hidden) == ((), 12, 0)
        after = named(found.after)
        assert "Network shop" not in after
        nat = after["NatGateway shop-nat"]
        assert nat.inputs["allocationId"] is UNKNOWN
        assert nat.references["allocationId"] == (after["Eip shop-ip"].urn,)

    def test_place_each_resource_by_its_own_provider(self) -> None:
        for name in ("node-create", "node-state", "node-checkpoint", "node-change-with-sames"):
            after = named(read(recorded(name)).after)
            assert after["Key eu-key"].region == "eu-central-1"
            assert {one.region for key, one in after.items() if key != "Key eu-key"} == {"us-east-1"}

    def test_of_a_state_are_the_same_on_both_sides(self) -> None:
        found = read(recorded("node-state"))
        assert (found.kind, found.before) == (DocumentKind.STATE, found.after)
        assert named(found.after).keys() == named(read(recorded("node-create")).after).keys()
        assert found.after == read(recorded("node-checkpoint")).after

    def test_never_have_a_secret_in_what_is_read(self) -> None:
        content = recorded("node-state")
        assert b"hush-hush" in content
        found = read(content)
        assert named(found.after)["Key eu-key"].inputs["description"] == "[secret]"
        assert "hush-hush" not in repr(found)

    def test_of_a_change_have_both_sides_of_what_changes_alone(self) -> None:
        found = read(recorded("node-change"))
        assert named(found.before).keys() == {
            "Queue orders",
            "Role task",
            "TaskDefinition web",
            "Service web",
        }
        assert named(found.after).keys() - named(found.before).keys() == {"Repository images"}
        sizes = [named(side)["TaskDefinition web"].inputs["cpu"] for side in (found.before, found.after)]
        assert sizes == ["256", "1024"]
        assert found.hidden == 10

    def test_with_all_their_steps_have_each_resource_once(self) -> None:
        found = read(recorded("node-change-with-sames"))
        assert found.hidden == 0
        assert len({one.urn for one in found.after}) == len(found.after) == 11
        assert len({one.urn for one in found.before}) == len(found.before) == 12
        gone = named(found.before).keys() - named(found.after).keys()
        assert gone == {"NatGateway shop-nat", "Eip shop-ip"}

    def test_of_a_preview_that_failed_are_refused(self) -> None:
        with pytest.raises(
            DocumentError, match="a preview that failed: the local cloud does not serve"
        ) as caught:
            read(recorded("node-failed"))
        assert caught.value.code == "document_invalid"

    @pytest.mark.parametrize(
        "name", ["node-create", "node-change-with-sames", "node-state", "node-checkpoint"]
    )
    def test_are_refused_wherever_they_are_cut_off(self, name: str) -> None:
        content = recorded(name).rstrip()
        for end in range(1, len(content), max(1, len(content) // 40)):
            with pytest.raises(DocumentError, match="cut off|not UTF-8"):
                read(content[:end])

    @settings(max_examples=150)
    @given(st.data())
    def test_with_any_damage_are_read_or_refused(self, data: st.DataObject) -> None:
        content = bytearray(recorded(data.draw(st.sampled_from(["node-change", "node-state"]))))
        for _ in range(data.draw(st.integers(1, 4))):
            content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
        with suppress(DocumentError):
            assert isinstance(read(bytes(content)), EngineDocument)


class TestRegion:
    def test_is_the_first_that_is_told(self) -> None:
        def region(state: dict[str, Any], *others: dict[str, Any], given: str = "") -> str:
            return read(export_of(*others, state), region=given).after[-1].region

        token = "aws:ec2/natGateway:NatGateway"
        provider = state_of("pulumi:providers:aws", {"region": "eu-west-1"}, name="default_7_1_0")
        said = {"outputs": {"arn": "arn:aws:ec2:ap-south-1:1:natgateway/x"}}
        assert region(state_of(token, {"region": "us-west-2"}, **said), provider) == "us-west-2"
        assert region(state_of(token, **said), provider) == "eu-west-1"
        assert region(state_of(token, **said)) == "ap-south-1"
        assert region(state_of(token, outputs={"availabilityZone": "us-gov-west-1b"})) == "us-gov-west-1"
        assert region(state_of(token), given="us-east-2") == "us-east-2"
        assert region(state_of(token)) == UNKNOWN_REGION
        assert (
            region(state_of(token, {"region": ENGINE_UNKNOWN}), provider, given="us-east-2") == UNKNOWN_REGION
        )
        assert region(state_of(token, {"region": 7}), given="us-east-2") == UNKNOWN_REGION

    def test_of_a_provider_that_a_preview_does_not_list_is_not_that_of_the_configuration(self) -> None:
        token = "aws:ec2/natGateway:NatGateway"
        own = f"{STACK}::pulumi:providers:aws::frankfurt::1234"
        steps = [
            {"op": "create", "urn": "x", "newState": state_of(token, name=name, provider=provider)}
            for name, provider in (("here", PROVIDER), ("there", own))
        ]
        found = {one.name: one.region for one in read(preview_of(*steps)).after}
        assert found == {"here": "us-east-1", "there": UNKNOWN_REGION}

    def test_of_a_configuration_may_be_spelled_either_way(self, nat: dict[str, Any]) -> None:
        step = {"op": "create", "urn": nat["urn"], "newState": nat}
        document = preview_of(step) | {"config": {"aws:config:region": "sa-east-1"}}
        assert read(document).after[0].region == "sa-east-1"


class TestSteps:
    @pytest.mark.parametrize(
        ("operation", "before", "after"),
        [
            ("same", 1, 1),
            ("update", 1, 1),
            ("replace", 1, 1),
            ("refresh", 1, 1),
            ("delete", 1, 0),
            ("read", 0, 0),
            ("discard", 0, 0),
            ("remove-pending-replace", 0, 0),
        ],
    )
    def test_say_what_is_there_before_and_after(
        self, nat: dict[str, Any], operation: str, before: int, after: int
    ) -> None:
        found = read(preview_of({"op": operation, "urn": nat["urn"], "oldState": nat, "newState": nat}))
        assert (len(found.before), len(found.after)) == (before, after)

    @pytest.mark.parametrize("first", ["create-replacement", "delete-replaced"])
    def test_of_a_replacement_count_once(self, nat: dict[str, Any], first: str) -> None:
        halves = [
            {"op": "create-replacement", "urn": nat["urn"], "oldState": nat, "newState": nat},
            {"op": "replace", "urn": nat["urn"], "oldState": nat, "newState": nat},
            {"op": "delete-replaced", "urn": nat["urn"], "oldState": nat},
        ]
        steps = halves if first == "create-replacement" else halves[::-1]
        found = read(preview_of(*steps))
        assert (len(found.before), len(found.after)) == (1, 1)

    def test_that_find_a_resource_gone_leave_nothing_after(self, nat: dict[str, Any]) -> None:
        steps = [{"op": "refresh", "urn": nat["urn"], "oldState": nat, "newState": None}]
        assert read(preview_of(*steps)).after == ()

    def test_after_a_refresh_still_have_what_the_state_had_before_it(self) -> None:
        was, found = (state_of("aws:ebs/volume:Volume", {"size": size}, id="vol-1") for size in (10, 20))
        refresh = {"op": "refresh", "urn": was["urn"], "oldState": was, "newState": found}
        same = {"op": "same", "urn": was["urn"], "oldState": found, "newState": found}
        document = read(preview_of(refresh, same))
        assert [one.inputs["size"] for one in (*document.before, *document.after)] == [10, 20]
        gone = {"op": "delete", "urn": was["urn"], "oldState": found}
        document = read(preview_of(refresh, gone))
        assert (len(document.before), document.after) == (1, ())

    def test_of_what_is_read_or_a_component_cost_nobody(self, nat: dict[str, Any]) -> None:
        others = [nat | {"external": True}, nat | {"custom": False}]
        assert read(export_of(*others)).after == ()

    def test_that_are_not_known_are_refused(self, nat: dict[str, Any]) -> None:
        with pytest.raises(DocumentError, match="a step of an unknown kind, 'rename'"):
            read(preview_of({"op": "rename", "urn": nat["urn"], "newState": nat}))

    @pytest.mark.parametrize("lacking", ["null", "nothing"])
    @pytest.mark.parametrize(
        ("operation", "side"),
        [
            ("create", "newState"),
            ("import", "newState"),
            ("import-replacement", "newState"),
            ("delete", "oldState"),
            ("delete-replaced", "oldState"),
            ("refresh", "oldState"),
            *(
                (operation, side)
                for operation in ("same", "update", "replace", "create-replacement")
                for side in ("oldState", "newState")
            ),
        ],
    )
    def test_without_what_their_kind_is_about_are_refused(
        self, nat: dict[str, Any], operation: str, side: str, lacking: str
    ) -> None:
        step = {"op": operation, "urn": nat["urn"], "oldState": nat, "newState": nat}
        whole = read(preview_of(step))
        assert whole.before or whole.after
        broken = step | {side: None}
        if lacking == "nothing":
            del broken[side]
        with pytest.raises(DocumentError, match=f"a step '{operation}' without its {side}"):
            read(preview_of(broken))


class TestRefusal:
    @pytest.mark.parametrize(
        ("document", "says"),
        [
            ({}, "another JSON document"),
            ({"hello": 1}, "another JSON document"),
            (
                {"format_version": "1.2", "terraform_version": "1.9", "planned_values": {}},
                "plan of Terraform",
            ),
            ({"AWSTemplateFormatVersion": "2010-09-09", "Resources": {}}, "CloudFormation"),
            ({"sequence": 1, "preludeEvent": {}}, "stream of the engine's events"),
            ({"steps": [1], "changeSummary": {}}, "a step without an operation"),
            (
                {"steps": [{"op": "create", "newState": []}], "changeSummary": {}},
                "newState of a step is no object",
            ),
            (
                {"steps": [{"op": "create", "newState": {"urn": 1}}], "changeSummary": {}},
                "without URN or type",
            ),
            (export_of({"urn": "urn:x", "type": "aws:s3/bucket:Bucket"}), "without URN or type"),
            (export_of(state_of("aws:s3/bucket:Bucket") | {"inputs": [1]}), "are no object"),
            ({"version": 3, "deployment": {"resources": ["x"]}}, "a resource that is no object"),
            ({"version": 1, "deployment": {"resources": []}}, "version 1"),
            ({"version": "3", "deployment": {"resources": []}}, "version '3'"),
            ({"deployment": {"resources": []}}, "version None"),
            ({"version": True, "deployment": {"resources": []}}, "version True"),
        ],
    )
    def test_says_what_the_document_is(self, document: dict[str, Any], says: str) -> None:
        with pytest.raises(DocumentError, match=says) as caught:
            read(document)
        assert caught.value.hint

    def test_is_of_more_resources_than_anybody_has(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(reading, "MOST_RESOURCES", 3)
        states = [state_of("aws:s3/bucket:Bucket", name=f"b{number}") for number in range(8)]
        with pytest.raises(DocumentError, match="more than 3 resources"):
            read(export_of(*states))

    @pytest.mark.parametrize(
        "encode", [lambda text: text.encode("utf-16"), lambda text: text.encode("latin-1")]
    )
    def test_is_of_another_encoding(self, encode: Callable[[str], bytes]) -> None:
        text = json.dumps(
            export_of(state_of("aws:s3/bucket:Bucket", {"bucket": "größe"})), ensure_ascii=False
        )
        with pytest.raises(DocumentError, match="not UTF-8 text"):
            read(encode(text))

    def test_is_not_of_an_empty_stack(self) -> None:
        assert read(export_of()).after == read(preview_of()).after == ()
        assert read({"version": 3, "deployment": {}}).after == ()


class TestPlans:
    @pytest.mark.parametrize("free_tier", [True, False, None])
    def test_tell_whether_the_free_tier_is_deducted(self, free_tier: bool | None) -> None:
        nothing = estimate([], PriceBook.load())
        summary = {} if free_tier is None else {"free_tier": free_tier}
        cost = {**cost_diff(nothing, nothing).to_dict(), "after": summary}
        plan = read_plan({"version": 1, "project": "shop", "environment": "dev", "cost": cost})

        assert plan.diff.after.free_tier is bool(free_tier)


def read_plan(document: dict[str, Any]) -> PlannedCost:
    found = read_document(io.BytesIO(json.dumps(document).encode()).read, "plan.json")
    assert isinstance(found, PlannedCost)
    return found
