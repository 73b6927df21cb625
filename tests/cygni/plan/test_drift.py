from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from cygni.naming import Part
from cygni.plan.drift import drift_in
from cygni.plan.events import ResourceState, StepEvent
from cygni.plan.model import Drift, PropertyChange

TYPE = "aws:s3/bucket:Bucket"
URN = f"urn:pulumi:shop.local.data::cygni::{TYPE}::uploads"


def state(outputs: dict[str, Any] | None, inputs: dict[str, Any] | None = None) -> ResourceState | None:
    return None if outputs is None else ResourceState(TYPE, URN, "b-1", "", True, inputs or {}, outputs)


def read(operation: str, old: dict[str, Any], new: dict[str, Any] | None, **diff: str) -> StepEvent:
    return StepEvent("done", operation, URN, TYPE, state(old), state(new), diff=diff)


def found(*events: StepEvent) -> tuple[Drift, ...]:
    return drift_in(Part.DATA, events)


class TestDrift:
    @pytest.mark.parametrize("operation", ["update", "refresh"])
    def test_is_told_property_by_property(self, operation: str) -> None:
        old, new = {"a": 1, "b": {"c": "x"}, "same": 0}, {"a": 2, "b": {}, "same": 0}
        event = read(operation, old, new, **{"b.c": "delete", "a": "update"})
        [drift] = found(event)
        assert (drift.name, drift.id, drift.gone) == ("uploads", "b-1", False)
        assert drift.properties == (PropertyChange("a", 1, 2), PropertyChange("b.c", "x", None))

    @pytest.mark.parametrize("operation", ["delete", "refresh"])
    def test_is_what_is_gone(self, operation: str) -> None:
        [drift] = found(read(operation, {"a": 1}, None))
        assert (drift.gone, drift.properties) == (True, ())

    def test_is_nothing_that_is_as_it_was(self) -> None:
        assert found(read("same", {"a": 1}, {"a": 1})) == ()

    def test_is_not_told_before_it_is_read(self) -> None:
        begun = replace(read("update", {"a": 1}, {"a": 2}, a="update"), phase="planned")
        assert found(begun) == ()

    def test_is_none_of_the_engines_own(self) -> None:
        event = replace(read("update", {"a": 1}, {"a": 2}, a="update"), type="pulumi:providers:aws")
        assert found(event) == ()

    def test_names_tags_once(self) -> None:
        event = read("update", {}, {}, **{"tags.Name": "update", "tagsAll.Name": "update"})
        assert [one.path for one in found(event)[0].properties] == ["tags.Name"]
        alone = read("update", {}, {}, **{"tagsAll.Name": "update"})
        assert [one.path for one in found(alone)[0].properties] == ["tagsAll.Name"]

    def test_takes_from_the_inputs_what_is_no_output(self) -> None:
        event = replace(read("update", {}, {}, a="update"), old=state({}, {"a": 1}), new=state({}, {"a": 2}))
        assert found(event)[0].properties == (PropertyChange("a", 1, 2),)

    def test_shows_no_secret(self) -> None:
        event = read("update", {"p": "[secret]"}, {"p": "[secret]"}, p="update")
        assert found(event)[0].properties == (PropertyChange("p", "[secret]", "[secret]"),)
