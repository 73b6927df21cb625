"""What the cloud has told of a resource completes its inputs, in states and in previews."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from cygni.engine_documents.outputs import told
from cygni.engine_documents.reading import EngineDocument
from cygni.engine_documents.values import ENGINE_UNKNOWN, SIGNATURE
from tests.cygni.engine_documents.conftest import export_of, preview_of, read, state_of

DATABASE = "aws:rds/instance:Instance"
MACHINE = "aws:ec2/instance:Instance"


def step(operation: str, old: Mapping[str, Any], new: Mapping[str, Any], outputs: Mapping[str, Any]) -> Any:
    return {
        "op": operation,
        "oldState": state_of(DATABASE, old, outputs=outputs),
        "newState": state_of(DATABASE, new),
    }


def of_state(token: str, inputs: Mapping[str, Any], outputs: Mapping[str, Any]) -> Mapping[str, Any]:
    [found] = read(export_of(state_of(token, inputs, outputs=outputs))).after
    return found.inputs


def after(document: EngineDocument) -> Mapping[str, Any]:
    [found] = document.after
    return found.inputs


class TestOfAState:
    def test_completes_what_the_inputs_leave_out_at_any_depth(self) -> None:
        found = of_state(
            MACHINE,
            {"instanceType": "m5.large", "rootBlockDevice": {"volumeType": "gp3"}},
            {
                "associatePublicIpAddress": True,
                "rootBlockDevice": {"volumeType": "gp2", "volumeSize": 200, "throughput": 0},
            },
        )
        assert found == {
            "instanceType": "m5.large",
            "associatePublicIpAddress": True,
            "rootBlockDevice": {"volumeType": "gp3", "volumeSize": 200},
        }

    @pytest.mark.parametrize(("outputs", "size"), [(700, 700), (50, 100), (True, 100), ("x", 100)])
    def test_has_storage_as_large_as_it_has_grown(self, outputs: Any, size: int) -> None:
        found = of_state(DATABASE, {"allocatedStorage": 100}, {"allocatedStorage": outputs})
        assert found["allocatedStorage"] == size

    def test_leaves_an_input_that_is_there(self) -> None:
        assert of_state(DATABASE, {"multiAz": False}, {"multiAz": True}) == {"multiAz": False}

    @pytest.mark.parametrize("nothing", [None, "", 0, [], {}, {"a": [""]}, ENGINE_UNKNOWN])
    def test_takes_nothing_for_what_is_empty(self, nothing: Any) -> None:
        assert told({"it": nothing}) == {}

    def test_never_reads_a_secret(self) -> None:
        hidden = {SIGNATURE: "1b47061264138c4ac30d75fd1eb44270", "ciphertext": "hush-hush"}
        assert told({"password": hidden, "users": [{"name": "a", "password": hidden}]}) == {
            "users": [{"name": "a"}]
        }

    @pytest.mark.parametrize("name", ["ebsBlockDevices", "spotPrice", "peerRegion", "tagsAll"])
    def test_does_not_take_what_means_something_else_as_an_output(self, name: str) -> None:
        assert told({name: "x"}) == {}


class TestOfAPreview:
    def test_completes_both_sides_of_what_stays(self) -> None:
        found = read(preview_of(step("same", {}, {}, {"engineVersion": "12.5"})))
        assert found.before == found.after
        assert after(found) == {"engineVersion": "12.5"}

    def test_lets_the_new_inputs_of_an_update_win(self) -> None:
        old, outputs = {"multiAz": True, "iops": 1}, {"multiAz": True, "iops": 1, "engineVersion": "12.5"}
        found = read(preview_of(step("update", old, {"multiAz": False}, outputs)))
        assert after(found) == {"multiAz": False, "engineVersion": "12.5"}

    def test_keeps_storage_that_has_grown_beyond_what_an_update_wants(self) -> None:
        found = read(
            preview_of(
                step(
                    "update", {"allocatedStorage": 100}, {"allocatedStorage": 200}, {"allocatedStorage": 700}
                )
            )
        )
        assert after(found)["allocatedStorage"] == 700

    def test_expects_of_a_replacement_nothing_that_the_old_one_had(self) -> None:
        found = read(preview_of(step("create-replacement", {}, {"a": 1}, {"engineVersion": "12.5"})))
        assert after(found) == {"a": 1}

    def test_forgets_what_a_nested_input_says_no_more(self) -> None:
        old = {"root": {"size": 100, "type": "gp3"}}
        outputs = {"root": {"size": 100, "type": "gp3", "encrypted": True}}
        found = read(preview_of(step("update", old, {"root": {"type": "gp3"}}, outputs)))
        assert after(found) == {"root": {"type": "gp3", "encrypted": True}}
