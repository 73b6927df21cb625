"""What costs only while a plan is carried out."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from cygni.naming import Part
from cygni.plan.document import plan_document
from cygni.plan.model import Plan, PlannedRelease, Rollout, StackPlan, StackStatus, TemporaryCost
from cygni.plan.temporary import with_temporary
from cygni.plan.wording import temporary_text
from cygni.pricing import PriceBook, cost_diff, estimate
from cygni.releases.settings import ReleaseSettings, Strategy
from cygni.resources import Resource
from tests.cygni.plan.conftest import NAT, VPC, MakePlan

# Two tasks of 0.25 vCPU and 0.5 GB at AWS's list price of us-east-1, an hour.
HOURLY = 2 * (Decimal("0.25") * Decimal("0.04048") + Decimal("0.5") * Decimal("0.004445"))
SERVICE = "aws:ecs/service:Service"


def resource(token: str, name: str, **inputs: Any) -> Resource:
    return Resource(f"urn:x::{token}::{name}", token, name, inputs, "us-east-1")


@pytest.fixture
def rollout(make_plan: MakePlan) -> Plan:
    """A new version of a service with two tasks."""
    running = {"web": {"services": {"blue": "web-blue", "green": "web-green"}, "count": 2}}
    definition = resource(
        "aws:ecs/taskDefinition:TaskDefinition", "web", family="web", cpu="256", memory="512"
    )
    service = resource(SERVICE, "web-blue", desiredCount=2, launchType="FARGATE", taskDefinition="web")
    idle = resource(SERVICE, "web-green", desiredCount=0, launchType="FARGATE", taskDefinition="web")
    found = estimate([definition, service, idle], PriceBook.load())
    return replace(
        make_plan(),
        stacks=(StackPlan(Part.SERVICES, StackStatus.CHANGED, stored_outputs={"running": running}),),
        cost=cost_diff(found, found),
        releases=(PlannedRelease("web", Rollout.VERSION, "blue-green", 2, 2),),
        floor=100.0,
    )


class TestBothColours:
    @pytest.mark.parametrize(
        ("strategy", "seconds"), [(Strategy.BLUE_GREEN, 700), (Strategy.CANARY, 700), (Strategy.ROLLING, 100)]
    )
    def test_run_for_the_release_and_while_the_old_one_is_warm(
        self, rollout: Plan, strategy: Strategy, seconds: float
    ) -> None:
        found = with_temporary(rollout, {"web": ReleaseSettings(strategy=strategy, warm=600)}).temporary
        assert found == (TemporaryCost("both colours of web", HOURLY, seconds),)

    def test_never_run_where_the_old_one_ends_first(self, rollout: Plan) -> None:
        assert with_temporary(rollout, {"web": ReleaseSettings(strategy=Strategy.RECREATE)}).temporary == ()

    @pytest.mark.parametrize("kind", [Rollout.FIRST, Rollout.COUNT])
    def test_run_for_a_new_version_alone(self, rollout: Plan, kind: Rollout) -> None:
        plan = replace(rollout, releases=(replace(rollout.releases[0], rollout=kind),))
        assert with_temporary(plan, {"web": ReleaseSettings()}).temporary == ()

    def test_are_known_where_the_stack_itself_was_skipped(self, rollout: Plan) -> None:
        [stack] = rollout.stacks
        skipped = replace(stack, status=StackStatus.SKIPPED, outputs=stack.stored_outputs, stored_outputs={})
        [found] = with_temporary(replace(rollout, stacks=(skipped,)), {"web": ReleaseSettings()}).temporary
        assert found.hourly == HOURLY

    def test_cost_something_unknown_where_the_service_has_no_price(self, rollout: Plan) -> None:
        plan = replace(rollout, stacks=())
        [found] = with_temporary(plan, {"web": ReleaseSettings()}).temporary
        assert found.hourly is None
        assert temporary_text(found) == "both colours of web: unknown, without a price"

    def test_cost_at_most_what_bounds_tasks_on_spot(self, rollout: Plan) -> None:
        found = estimate(
            [
                resource(
                    "aws:ecs/taskDefinition:TaskDefinition", "web", family="web", cpu="256", memory="512"
                ),
                resource(
                    SERVICE,
                    "web-blue",
                    desiredCount=2,
                    capacityProviderStrategies=[{"capacityProvider": "FARGATE_SPOT", "weight": 1}],
                    taskDefinition="web",
                ),
            ],
            PriceBook.load(),
        )
        plan = replace(rollout, cost=cost_diff(found, found))
        planned = with_temporary(plan, {"web": ReleaseSettings(strategy=Strategy.CANARY, warm=0)})
        [told] = planned.temporary
        assert (told.hourly, told.hourly_at_most) == (None, HOURLY)
        assert temporary_text(told).startswith("both colours of web: at most $0.0247 an hour")
        [written] = plan_document(planned)["temporary"]
        assert (written["hourly"], Decimal(written["hourly_at_most"])) == (None, HOURLY)

    def test_read_as_one_line(self) -> None:
        text = temporary_text(TemporaryCost("both colours of web", Decimal("0.5"), 7200))
        assert text == "both colours of web: $0.5000 an hour, for at least 120 min: $1.0000"


class TestJobs:
    def test_before_a_release_cost_one_task(self, make_plan: MakePlan) -> None:
        job = resource(
            "aws:ecs/taskDefinition:TaskDefinition",
            "shop-staging-migrate",
            family="migrate",
            cpu="256",
            memory="512",
        )
        plan = replace(
            make_plan(),
            stacks=(StackPlan(Part.SERVICES, StackStatus.CHANGED, after=(job,)),),
            releases=tuple(
                PlannedRelease(name, Rollout.FIRST, "blue-green", 0, 1) for name in ("web", "api")
            ),
        )
        settings = dict.fromkeys(("web", "api"), ReleaseSettings(before="migrate"))
        [found] = with_temporary(plan, settings).temporary
        assert found == TemporaryCost("the job migrate before the release", HOURLY / 2, 0.0)
        [found] = with_temporary(replace(plan, stacks=()), settings).temporary
        assert found.hourly is None


class TestReplacements:
    def test_are_there_twice_for_a_while_if_they_cost(self, make_plan: MakePlan) -> None:
        plan = make_plan(replaces=[(NAT, "nat", []), (VPC, "vpc", [])])
        [found] = with_temporary(plan, {}).temporary
        assert found == TemporaryCost("nat beside what replaces it", Decimal("0.045"), 0.0)
        assert temporary_text(found) == "nat beside what replaces it: $0.0450 an hour"

    def test_are_no_other_changes(self, make_plan: MakePlan) -> None:
        plan = make_plan(creates=[(NAT, "a")], deletes=[(NAT, "b")], updates=[(NAT, "c", [])])
        assert with_temporary(plan, {}).temporary == ()
