"""From a plan to what is deployed, whatever happens meanwhile."""

from __future__ import annotations

from typing import Any

import pytest

from cygni.errors import EngineDied, ResourceFailed, WorldChanged
from cygni.naming import Part
from cygni.plan.model import Change, Plan, StackPlan, StackStatus, Step
from cygni.resources import UNKNOWN
from stacks.applying import apply_order
from stacks.destroying import destroy, plan_destroy
from stacks.operations import OperationKind
from stacks.planning import plan_environment
from tests.factories import create_spec
from tests.stacks.deploys import CHANGED, EVERY_STACK, WEB, Deploys, statuses


class TestChangedWorld:
    def test_stops_before_anything_is_changed(self, staging: Deploys) -> None:
        planned = staging.plan()
        staging.runner.asked.clear()
        staging.disturb("services")
        with pytest.raises(WorldChanged, match=r"shop\.staging\.services changed after the plan was shown"):
            staging.apply(planned)
        assert staging.calls == []
        assert staging.recorded() == []

    def test_between_two_stacks_stops_before_the_second(self, staging: Deploys) -> None:
        planned = staging.plan()
        staging.runner.asked.clear()

        def meanwhile(operation: Any) -> None:
            if operation.kind is OperationKind.UP:
                staging.disturb("data")

        staging.runner.before = meanwhile
        with pytest.raises(WorldChanged):
            staging.apply(planned)
        assert staging.calls == ["foundation up"]
        assert staging.recorded() == ["foundation"]

    def test_in_a_stack_without_changes_counts_too(self, staging: Deploys) -> None:
        staging.deploy()
        planned = staging.plan(services={"web": {**WEB, "count": 3}})
        staging.disturb("foundation")
        with pytest.raises(WorldChanged):
            staging.apply(planned)

    def test_is_not_taken_for_the_shown_one(self, staging: Deploys) -> None:
        """Found in an apply that has nothing to do: it must not vouch for a state that it never looked at."""
        staging.deploy()
        staging.environment.records.forget(Part.DATA)
        planned = staging.plan()
        staging.disturb("data")
        with pytest.raises(WorldChanged):
            staging.apply(planned)
        assert "data" not in staging.recorded()

    def test_also_holds_a_destroy(self, staging: Deploys) -> None:
        staging.deploy()
        planned = plan_destroy(staging.runner, staging.environment, staging.heard)
        staging.runner.asked.clear()
        staging.disturb("foundation")
        with pytest.raises(WorldChanged):
            destroy(staging.runner, staging.environment, planned, staging.heard)
        assert staging.calls == []


class TestFailure:
    def test_keeps_what_was_finished_and_continues(self, staging: Deploys) -> None:
        staging.runner.failing["data up"] = ResourceFailed("no room")
        with pytest.raises(ResourceFailed):
            staging.deploy()
        assert staging.recorded() == ["foundation"]
        planned = staging.plan()
        assert statuses(planned) == ["skipped", "changed", "changed"]
        staging.apply(planned)
        assert staging.recorded() == EVERY_STACK

    def test_half_way_leaves_no_record_of_the_stack(self, staging: Deploys) -> None:
        staging.deploy()
        staging.runner.failing["services up"] = ResourceFailed("no room")
        with pytest.raises(ResourceFailed):
            staging.deploy(services=CHANGED)
        assert staging.recorded() == ["foundation", "data"]
        staging.plan()
        assert staging.calls == ["services preview"]

    def test_of_a_preview_changes_nothing(self, staging: Deploys) -> None:
        staging.runner.failing["data preview"] = ResourceFailed("no")
        with pytest.raises(ResourceFailed):
            staging.plan()
        assert staging.recorded() == []
        assert staging.plan().plan.counts()[Change.CREATE] == 8


class TestKilledEngine:
    NAME = "shop-staging-uploads"

    def kill(self, staging: Deploys) -> None:
        staging.runner.killed_at = self.NAME
        with pytest.raises(EngineDied):
            staging.deploy()
        assert staging.state("data")["pending_operations"] != []

    def test_is_recovered_from_before_the_next_plan(
        self, staging: Deploys, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        self.kill(staging)
        monkeypatch.setattr("stacks.recovery._lookup_in", lambda environment: lambda *resource: "b-1")
        planned = staging.plan()
        assert staging.calls == [
            *("data cancel", "data export", "data import", "data refresh"),
            *("data preview", "services preview"),
        ]
        assert [one["id"] for one in staging.state("data")["resources"]] == ["b-1"]
        assert statuses(planned) == ["skipped", "unchanged", "changed"]
        assert "data recover" in staging.heard.work

    def test_creates_again_what_it_had_not_created(
        self, staging: Deploys, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        self.kill(staging)
        monkeypatch.setattr("stacks.recovery._lookup_in", lambda environment: lambda *resource: None)
        planned = staging.plan()
        assert statuses(planned) == ["skipped", "changed", "changed"]
        assert staging.state("data")["pending_operations"] == []

    def test_is_recovered_from_before_a_destroy(
        self, staging: Deploys, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        self.kill(staging)
        monkeypatch.setattr("stacks.recovery._lookup_in", lambda environment: lambda *resource: "b-1")
        planned = plan_destroy(staging.runner, staging.environment, staging.heard)
        assert self.NAME in [step.name for step in planned.plan.steps]

    def test_is_left_alone_by_whoever_holds_no_lock(self, staging: Deploys) -> None:
        self.kill(staging)
        planned = plan_environment(staging.runner, staging.environment, create_spec(), staging.heard)
        assert planned.plan.warnings == (
            "data: a deploy is at work or was interrupted, so this may not be the whole difference",
        )
        assert staging.state("data")["pending_operations"] != []
        assert "data cancel" not in staging.calls

    def test_is_recovered_from_even_where_its_section_is_gone(
        self, staging: Deploys, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        self.kill(staging)
        monkeypatch.setattr("stacks.recovery._lookup_in", lambda environment: lambda *resource: "b-1")
        planned = staging.plan(buckets=None)
        assert [(step.name, step.change) for step in planned.plan.stacks[1].steps] == [
            (self.NAME, Change.DELETE)
        ]


def stack_that(part: Part, *changes: Change, **outputs: Any) -> StackPlan:
    """A plan with such steps, of a stack that exports this and `{"kept": 1, "map": {"a": 1, "b": 2}}` before."""
    steps = tuple(Step(part, f"urn:{n}", "aws:x/y:Y", str(n), change) for n, change in enumerate(changes))
    status = StackStatus.CHANGED if steps else StackStatus.UNCHANGED
    return StackPlan(
        part, status, steps, outputs=outputs, stored_outputs={"kept": 1, "map": {"a": 1, "b": 2}}
    )


def order(staging: Deploys, *stacks: StackPlan) -> list[Part]:
    plan = staging.plan().plan
    return apply_order(
        Plan(plan.project, plan.environment, plan.region, plan.target, stacks, plan.cost, plan.warnings)
    )


class TestApplyOrder:
    FOUNDATION, DATA, SERVICES = Part
    SERVICE = stack_that(Part.SERVICES, Change.UPDATE)

    def test_is_the_order_of_the_stacks(self, staging: Deploys) -> None:
        stacks = [stack_that(part, Change.CREATE, Change.UPDATE, Change.REPLACE) for part in Part]
        assert order(staging, *stacks) == list(Part)

    @pytest.mark.parametrize("other", list(Change))
    def test_lets_what_is_used_go_after_what_uses_it(self, staging: Deploys, other: Change) -> None:
        foundation = stack_that(Part.FOUNDATION, Change.DELETE, other, kept=1, map={"a": 1})
        assert order(staging, foundation, stack_that(Part.DATA), self.SERVICE) == [
            *(self.DATA, self.SERVICES, self.FOUNDATION)
        ]

    def test_turns_round_when_everything_goes(self, staging: Deploys) -> None:
        stacks = [stack_that(part, Change.DELETE) for part in Part]
        assert order(staging, *stacks) == [self.SERVICES, self.DATA, self.FOUNDATION]

    @pytest.mark.parametrize(
        "outputs",
        [
            {"kept": UNKNOWN},
            {"kept": 2},
            {"kept": 1, "added": 3},
            {"map": {"a": 1, "c": 3}},
            {"map": {"a": UNKNOWN}},
            {"kept": {"a": 1}},
        ],
    )
    def test_lets_what_offers_something_new_go_first(self, staging: Deploys, outputs: Any) -> None:
        foundation = stack_that(Part.FOUNDATION, Change.DELETE, Change.CREATE, **outputs)
        assert order(staging, foundation, self.SERVICE) == [self.FOUNDATION, self.SERVICES]

    def test_compares_with_the_outputs_that_the_state_has(self, staging: Deploys) -> None:
        """The gateways go when nothing uses them any more; the outputs are those of before."""
        staging.deploy(network={"nat": "per-zone"})
        staging.deploy(network={"nat": "none"}, services=CHANGED)
        assert staging.calls[-2:] == ["services up", "foundation up"]
        staging.plan(network={"nat": "none"}, services=CHANGED)
        assert staging.calls == []
