"""From a specification to what is deployed, over several deploys, with a stand-in for the engine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from cygni.errors import EngineDied, LocalCloudEmpty, ResourceFailed, WorldChanged
from cygni.naming import Part
from cygni.plan.events import DiagnosticEvent, ResourceState, StepEvent
from cygni.plan.model import Change, Plan, StackPlan, StackStatus, Step
from cygni.resources import UNKNOWN
from stacks.applying import Applied, apply, apply_order
from stacks.destroying import destroy, plan_destroy
from stacks.operations import OperationKind
from stacks.planning import PlannedEnvironment, expected_outputs, plan_environment
from stacks.target import Environment
from tests.factories import create_environment, create_spec
from tests.fakes import NAT, FakeRunner, Heard, checkpoint_file, read_state, urn_of, write_state

WEB = {"image": "nginx:1", "port": 80}
CHANGED = {"web": {**WEB, "cpu": 512, "memory": 1024}}
EVERY_STACK = ["foundation", "data", "services"]


class Deploys:
    """Deploys of one environment, one after the other, with the calls of the last one."""

    def __init__(self, environment: Environment) -> None:
        self.environment = environment
        self.runner = FakeRunner()
        self.heard = Heard()

    def plan(self, *, refresh: bool = False, **sections: Any) -> PlannedEnvironment:
        self.runner.asked.clear()
        spec = create_spec(self.environment.name, **sections)
        return plan_environment(self.runner, self.environment, spec, self.heard, refresh=refresh, settle=True)

    def apply(self, planned: PlannedEnvironment) -> Applied:
        return apply(self.runner, self.environment, planned, self.heard)

    def deploy(self, *, refresh: bool = False, **sections: Any) -> Applied:
        return self.apply(self.plan(refresh=refresh, **sections))

    def destroy(self) -> int:
        self.runner.asked.clear()
        return destroy(
            self.runner, self.environment, plan_destroy(self.runner, self.environment, self.heard), self.heard
        )

    @property
    def calls(self) -> list[str]:
        return self.runner.calls

    def recorded(self) -> list[str]:
        return [part.value for part in Part if self.environment.records.read(part) is not None]

    def state(self, part: str) -> Mapping[str, Any]:
        return read_state(self._operation(part))

    def disturb(self, part: str) -> None:
        """Somebody else changes the state of a stack."""
        operation = self._operation(part)
        write_state(operation, {**read_state(operation), "touched": "by somebody else"})

    def files(self) -> list[str]:
        state = checkpoint_file(self._operation("data")).parent
        return sorted(path.stem.rsplit(".", 1)[-1] for path in state.iterdir())

    def _operation(self, part: str) -> Any:
        return next(
            replace(operation, stack=f"shop.{self.environment.name}.{part}", kind=OperationKind.EXPORT)
            for operation in [*self.runner.asked, _any_operation(self.environment)]
        )


def _any_operation(environment: Environment) -> Any:
    from stacks.operations import StackOperation

    return StackOperation(kind=OperationKind.EXPORT, stack="", settings=environment.engine)


@pytest.fixture
def staging(tmp_path: Path) -> Deploys:
    return Deploys(create_environment(tmp_path))


@pytest.fixture
def local(tmp_path: Path) -> Deploys:
    return Deploys(create_environment(tmp_path, "local", cloud="life-1", cloud_holds=0))


def statuses(planned: PlannedEnvironment) -> list[str]:
    return [stack.status.value for stack in planned.plan.stacks]


class TestFirstDeploy:
    def test_makes_previews_and_applies_every_stack_in_order(self, staging: Deploys) -> None:
        staging.deploy()
        previews = ["foundation preview", "data preview", "services preview"]
        ups = ["foundation up", "data up", "services up"]
        assert [call for call in staging.calls if not call.endswith(" init")] == previews + ups

    def test_makes_every_stack_once_before_its_preview(self, staging: Deploys) -> None:
        staging.deploy()
        calls = staging.calls
        for part in ("foundation", "data", "services"):
            assert calls.count(f"{part} init") == 1
            assert calls.index(f"{part} init") < calls.index(f"{part} preview")

    def test_changes_nothing_before_it_is_applied(self, staging: Deploys) -> None:
        planned = staging.plan()
        assert planned.plan.counts() == {
            Change.CREATE: 8,
            Change.UPDATE: 0,
            Change.REPLACE: 0,
            Change.DELETE: 0,
        }
        assert all(staging.state(part)["resources"] == [] for part in EVERY_STACK)
        assert staging.recorded() == []

    def test_previews_later_stacks_with_what_is_not_known_yet(self, staging: Deploys) -> None:
        staging.plan()
        asked = {operation.stack: operation for operation in staging.runner.asked}
        assert asked["shop.staging.services"].upstream == {
            "foundation": {"vpcId": UNKNOWN},
            "data": {"bucketNames": {"uploads": "uploads"}},
        }

    def test_holds_each_stack_to_the_plan_that_was_shown(self, staging: Deploys) -> None:
        staging.deploy()
        files = {(operation.stack, operation.kind): operation.plan_file for operation in staging.runner.asked}
        for part in EVERY_STACK:
            stack = f"shop.staging.{part}"
            assert files[stack, OperationKind.UP] == files[stack, OperationKind.PREVIEW] is not None

    def test_returns_the_outputs_as_they_are_now(self, staging: Deploys) -> None:
        applied = staging.deploy()
        assert applied.steps == 8
        assert applied.outputs[Part.FOUNDATION] == {
            "vpcId": staging.state("foundation")["resources"][0]["id"]
        }
        assert applied.outputs[Part.SERVICES] == {"urls": {"web": "http://lb/"}}

    def test_prices_a_service_by_its_task_definition(self, staging: Deploys) -> None:
        planned = staging.plan()
        tasks = [one for one in planned.plan.cost.resources if one.name == "shop-staging-web-blue"]
        assert tasks[0].delta.monthly == pytest.approx(9, abs=1)  # a quarter of a vCPU and 512 MiB

    def test_tells_what_it_does(self, staging: Deploys) -> None:
        staging.deploy()
        assert staging.heard.work == [f"{part} preview" for part in EVERY_STACK] + [
            f"{part} up" for part in EVERY_STACK
        ]


class TestSecondDeploy:
    def test_asks_the_engine_nothing(self, staging: Deploys) -> None:
        staging.deploy()
        planned = staging.plan()
        applied = staging.apply(planned)
        assert staging.calls == []
        assert statuses(planned) == ["skipped"] * 3
        assert not planned.plan.has_changes
        assert planned.plan.cost.delta_monthly == 0
        assert planned.plan.cost.after.monthly == planned.plan.cost.before.monthly > 9
        assert applied.outputs[Part.SERVICES] == {"urls": {"web": "http://lb/"}}

    def test_of_a_changed_service_touches_its_stack_alone(self, staging: Deploys) -> None:
        staging.deploy()
        planned = staging.plan(services={"web": {**WEB, "count": 3}})
        staging.apply(planned)
        assert staging.calls == ["services preview", "services up"]
        assert planned.plan.counts()[Change.UPDATE] == 1
        assert planned.plan.cost.delta_monthly > 0

    def test_previews_with_what_a_stack_before_will_only_know_then(self, staging: Deploys) -> None:
        staging.deploy()
        planned = staging.plan(network={"cidr": "10.30.0.0/16"})
        assert staging.calls == ["foundation preview", "data preview", "services preview"]
        services = staging.runner.asked[-1]
        assert services.upstream["foundation"] == {"vpcId": UNKNOWN}
        [change] = {step.properties[0].after for step in planned.plan.stacks[2].steps}
        assert change is UNKNOWN

    def test_skips_what_did_not_change_after_all(self, staging: Deploys) -> None:
        staging.deploy()
        staging.deploy(network={"cidr": "10.30.0.0/16"})
        staging.plan(network={"cidr": "10.30.0.0/16"})
        assert staging.calls == []

    def test_looks_again_when_the_state_is_not_its_own(self, staging: Deploys) -> None:
        staging.deploy()
        staging.disturb("data")
        planned = staging.plan()
        assert staging.calls == ["data preview"]
        assert statuses(planned) == ["skipped", "unchanged", "skipped"]

    def test_remembers_that_there_was_nothing_to_do(self, staging: Deploys) -> None:
        staging.deploy()
        staging.disturb("data")
        staging.deploy()
        staging.plan()
        assert staging.calls == []

    def test_looks_again_without_records(self, staging: Deploys) -> None:
        staging.deploy()
        for part in Part:
            staging.environment.records.forget(part)
        assert statuses(staging.plan()) == ["unchanged"] * 3

    def test_looks_again_with_another_engine(self, staging: Deploys) -> None:
        staging.deploy()
        engine = replace(staging.environment.engine, version="3.256.0")
        staging.environment = replace(staging.environment, engine=engine)
        assert statuses(staging.plan()) == ["unchanged"] * 3


class TestSections:
    def test_that_are_gone_are_emptied(self, staging: Deploys) -> None:
        staging.deploy()
        planned = staging.plan(buckets=None)
        staging.apply(planned)
        assert [step.name for step in planned.plan.steps if step.change is Change.DELETE] == [
            "shop-staging-uploads"
        ]
        assert staging.state("data")["resources"] == []

    def test_that_are_gone_lose_their_data_only_by_name(self, staging: Deploys) -> None:
        staging.deploy()
        planned = staging.plan(buckets=None)
        assert [step.stateful for step in planned.plan.unprotected([])] == ["uploads"]
        assert planned.plan.unprotected(["uploads"]) == ()

    def test_that_are_gone_are_left_alone_afterwards(self, staging: Deploys) -> None:
        staging.deploy()
        staging.deploy(buckets=None)
        assert statuses(staging.plan(buckets=None)) == ["skipped", "skipped"]
        assert staging.calls == []

    def test_that_never_were_need_no_stack(self, staging: Deploys) -> None:
        staging.deploy(buckets=None, services=None)
        assert staging.files() == ["foundation"]

    def test_that_come_later_are_added(self, staging: Deploys) -> None:
        staging.deploy(buckets=None)
        planned = staging.plan()
        assert statuses(planned) == ["skipped", "changed", "unchanged"]


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


class TestRefresh:
    def test_asks_every_stack(self, staging: Deploys) -> None:
        staging.deploy()
        planned = staging.plan(refresh=True)
        assert staging.calls == [f"{part} preview" for part in EVERY_STACK]
        assert all(operation.refresh for operation in staging.runner.asked)
        assert statuses(planned) == ["unchanged"] * 3
        assert [stack.drifted for stack in planned.plan.stacks] == [(), (), ()]

    def test_finds_what_was_changed_and_changes_it_back(self, staging: Deploys) -> None:
        staging.deploy()
        name = "shop-staging-uploads"
        staging.runner.world[name] = {"bucket": name, "versioning": False}
        planned = staging.plan(refresh=True)
        assert planned.plan.stacks[1].drifted == (name,)
        [step] = planned.plan.steps
        assert (step.name, step.change) == (name, Change.UPDATE)
        staging.apply(planned)
        assert staging.calls[-1] == "data up"
        assert staging.runner.asked[-1].refresh

    def test_finds_what_was_deleted_and_creates_it_again(self, staging: Deploys) -> None:
        staging.deploy()
        staging.runner.world["shop-staging"] = None
        planned = staging.plan(refresh=True)
        assert planned.plan.stacks[0].drifted == ("shop-staging",)
        assert planned.plan.stacks[0].steps[0].change is Change.CREATE


class TestLocalCloud:
    def test_that_was_restarted_is_said_to_be_empty(self, local: Deploys) -> None:
        local.deploy()
        local.environment = replace(local.environment, cloud="life-2", cloud_holds=0)
        with pytest.raises(
            LocalCloudEmpty, match=r"shop \(local\) lists 1 resources of its foundation stack"
        ):
            local.plan()
        assert local.calls == []

    def test_that_was_emptied_is_noticed_without_records(self, local: Deploys) -> None:
        local.deploy()
        for part in Part:
            local.environment.records.forget(part)
        local.environment = replace(local.environment, cloud_holds=0)
        with pytest.raises(LocalCloudEmpty):
            local.plan()

    def test_is_filled_again_with_refresh(self, local: Deploys) -> None:
        local.deploy()
        local.environment = replace(local.environment, cloud="life-2", cloud_holds=0)
        local.runner.world = dict.fromkeys(
            one["urn"].rsplit("::", 1)[-1] for part in EVERY_STACK for one in local.state(part)["resources"]
        )
        assert local.deploy(refresh=True).steps == 8
        local.environment = replace(local.environment, cloud_holds=8)
        local.runner.world = {}
        assert statuses(local.plan()) == ["skipped"] * 3

    def test_that_still_runs_is_trusted(self, local: Deploys) -> None:
        local.deploy()
        local.environment = replace(local.environment, cloud_holds=8)
        assert statuses(local.plan()) == ["skipped"] * 3


class TestAnotherAccount:
    @pytest.fixture
    def moved(self, tmp_path: Path) -> Deploys:
        """Deployed to one account, and now with the credentials of another."""
        first = Deploys(create_environment(tmp_path, cloud="aws:111111111111"))
        first.deploy()
        first.environment = replace(first.environment, cloud="aws:222222222222")
        return first

    @pytest.mark.parametrize("refresh", [False, True])
    def test_is_refused_before_anything_is_asked(self, moved: Deploys, refresh: bool) -> None:
        with pytest.raises(WorldChanged, match="in the AWS account 111111111111, and these .* 222222222222"):
            moved.plan(refresh=refresh)
        assert moved.calls == []

    def test_is_refused_for_a_destroy(self, moved: Deploys) -> None:
        with pytest.raises(WorldChanged, match="111111111111"):
            moved.destroy()
        assert moved.calls == []

    def test_is_told_from_the_state_alone(self, moved: Deploys) -> None:
        for part in Part:
            moved.environment.records.forget(part)
        state = dict(moved.state("data"))
        for one in state["resources"]:
            one["outputs"] = {"arn": "arn:aws:ecs:us-east-1:111111111111:cluster/shop"}
        write_state(moved._operation("data"), state)
        with pytest.raises(WorldChanged, match="the data stack .* 111111111111"):
            moved.plan()

    def test_asks_the_engine_again_where_the_account_was_not_kept(self, moved: Deploys) -> None:
        for part in Part:
            record = moved.environment.records.read(part)
            assert record is not None
            moved.environment.records.write(part, replace(record, cloud=""))
        assert moved.plan().plan.account == "222222222222"
        assert len(moved.calls) == 3


class TestLeftovers:
    def test_save_what_each_of_them_costs(self, staging: Deploys) -> None:
        staging.deploy(network={"nat": "single"})
        stack = "shop.staging.foundation"
        urn = urn_of(stack, NAT, "shop-staging-nat-a")
        staging.disturb("foundation")
        staging.runner.saying["foundation preview"] = [
            StepEvent("planned", "delete-replaced", urn, NAT, ResourceState(NAT, urn, id=one, inputs={}))
            for one in ("nat-1", "nat-2")
        ]
        cost = staging.plan(network={"nat": "single"}).plan.cost
        assert cost.after.monthly > 0
        [gateway] = [one for one in cost.resources if one.urn == urn]
        assert gateway.after is not None
        fixed = sum(line.monthly or 0 for line in gateway.after.lines if not line.usage_based)
        assert gateway.delta.monthly == -2 * fixed < 0
        assert cost.delta_monthly == gateway.delta.monthly


class TestExpectedOutputs:
    def test_hide_what_is_secret_from_later_previews(self) -> None:
        assert expected_outputs({"password": "[secret]", "id": "a"}) == {"password": UNKNOWN, "id": "a"}


class TestWarnings:
    def test_are_told_once(self, staging: Deploys) -> None:
        staging.runner.saying["data preview"] = [
            DiagnosticEvent("warning", "old provider"),
            DiagnosticEvent("warning", "old provider"),
            DiagnosticEvent("info", "never mind"),
        ]
        assert staging.plan().plan.warnings == ("old provider",)


class TestDestroy:
    def test_deletes_the_last_stack_first_and_the_stacks_too(self, staging: Deploys) -> None:
        staging.deploy()
        assert staging.destroy() == 8
        assert staging.calls == [
            *("services destroy-preview", "data destroy-preview", "foundation destroy-preview"),
            *("services destroy", "services remove", "data destroy", "data remove"),
            *("foundation destroy", "foundation remove"),
        ]
        assert staging.files() == []
        assert staging.recorded() == []

    def test_shows_all_before_with_what_is_saved(self, staging: Deploys) -> None:
        staging.deploy()
        plan = plan_destroy(staging.runner, staging.environment, staging.heard).plan
        assert plan.destroy
        assert plan.counts()[Change.DELETE] == 8
        assert [step.stateful for step in plan.unprotected([])] == ["uploads"]
        assert plan.cost.after.monthly == 0
        assert plan.cost.delta_monthly == -plan.cost.before.monthly < -9

    def test_of_nothing_asks_nothing(self, staging: Deploys) -> None:
        assert staging.destroy() == 0
        assert staging.calls == []

    def test_that_failed_continues(self, staging: Deploys) -> None:
        staging.deploy()
        staging.runner.failing["data destroy"] = ResourceFailed("not empty")
        with pytest.raises(ResourceFailed):
            staging.destroy()
        assert staging.files() == ["data", "foundation"]
        assert staging.destroy() == 2
        assert staging.files() == []

    def test_is_forgotten_by_the_next_deploy(self, staging: Deploys) -> None:
        staging.deploy()
        staging.destroy()
        assert staging.deploy().steps == 8


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
