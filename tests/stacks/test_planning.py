"""From a specification to a plan, over several deploys, with a stand-in for the engine."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cygni.naming import Colour, Part
from cygni.plan.events import DiagnosticEvent, ResourceState, StepEvent
from cygni.plan.model import Change, Plan, StackPlan, StackStatus
from cygni.releases.release import Live, LiveService, Standing
from cygni.resources import UNKNOWN
from cygni.targets.fargate import AWS_STARTUP
from stacks.operations import OperationKind
from stacks.planning import expected_outputs, priced, with_releases
from tests.factories import create_spec
from tests.fake_programs import NAT, urn_of
from tests.stacks.deploys import EVERY_STACK, WEB, Deploys, statuses


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


class TestReleases:
    @staticmethod
    def planned(target: str, live: Live, count: int = 1) -> Plan:
        running = {"web": {"taskDefinition": "web:2", "count": count}}
        stack = StackPlan(Part.SERVICES, StackStatus.CHANGED, outputs={"running": running})
        plan = Plan("shop", "staging", "us-east-1", target, (stack,), priced([stack]))
        web = {"image": "nginx:1", "port": 80, "health_check": {"interval": 20}, "release": {"bake": 100}}
        return with_releases(plan, live, create_spec(services={"web": web}))

    def test_of_a_plan_have_their_strategy_and_the_least_time_they_take(self) -> None:
        live = Live({"web": LiveService(Colour.BLUE, {Colour.BLUE: Standing(1, "web:1", 1)})})
        plan = self.planned("aws", live)
        assert [(one.service, one.strategy) for one in plan.releases] == [("web", "blue-green")]
        assert plan.floor == AWS_STARTUP + 20 + 100
        assert self.planned("local", live).floor == 100

    def test_of_a_plan_that_brings_none_take_no_time(self) -> None:
        live = Live({"web": LiveService(Colour.BLUE, {Colour.BLUE: Standing(1, "web:2", 1)})})
        plan = self.planned("aws", live)
        assert (plan.releases, plan.floor) == ((), 0)
