"""What AWS would refuse in the middle of a deploy is refused before it."""

from __future__ import annotations

from typing import Any

import pytest

from cygni.plan.model import PropertyChange
from cygni.plan.refusals import refusals
from cygni.resources import UNKNOWN
from tests.cygni.plan.conftest import plan_of

DATABASE = "aws:rds/instance:Instance"
CLUSTER = "aws:eks/cluster:Cluster"


def updated(kind: str, path: str, before: Any, after: Any) -> list[str]:
    plan = plan_of(updates=[(kind, "shop-main", [PropertyChange(path, before, after)])])
    return [one.message for one in refusals(plan)]


class TestStorage:
    def test_never_shrinks(self) -> None:
        plan = plan_of(updates=[(DATABASE, "shop-main", [PropertyChange("allocatedStorage", 30, 20.0)])])
        [refusal] = refusals(plan)
        assert refusal.message == "rds.Instance shop-main: storage never shrinks, so not from 30 to 20 GiB"
        assert refusal.hint == "In cygni.yaml, write storage: 30 or more."

    @pytest.mark.parametrize(("before", "after"), [(20, 30), (30, UNKNOWN), (None, 20)])
    def test_may_change_otherwise(self, before: Any, after: Any) -> None:
        assert updated(DATABASE, "allocatedStorage", before, after) == []

    def test_is_of_another_size_where_the_database_is_another(self) -> None:
        plan = plan_of(replaces=[(DATABASE, "main", [PropertyChange("allocatedStorage", 30, 20)])])
        assert list(refusals(plan)) == []


class TestKubernetes:
    @pytest.mark.parametrize(
        ("before", "after", "why", "instead"),
        [
            ("1.35", "1.34", "never goes back", "1.35"),
            ("1.32", "1.34", "goes up by one minor version at a time", "1.33"),
        ],
    )
    def test_goes_neither_back_nor_up_by_two(self, before: str, after: str, why: str, instead: str) -> None:
        plan = plan_of(updates=[(CLUSTER, "shop", [PropertyChange("version", before, after)])])
        [refusal] = refusals(plan)
        assert refusal.message == f"eks.Cluster shop: Kubernetes {why}, so not from {before} to {after}"
        assert refusal.hint == f'In cygni.yaml, write version: "{instead}".'

    @pytest.mark.parametrize("after", ["1.35", "1.34", UNKNOWN, None])
    def test_goes_up_by_one(self, after: Any) -> None:
        assert updated(CLUSTER, "version", "1.34", after) == []
