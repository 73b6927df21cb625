"""Schedules that start Fargate tasks, and Cloud Map. Prices per hour in us-east-1: x86 0.04048 a vCPU and 0.004445 a
GB, a public address 0.005; 0.000001 an invocation."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from cygni.pricing import ResourceCost, Status, Usage
from cygni.resources import UNKNOWN, Resource

SCHEDULE = "aws:scheduler/schedule:Schedule"
TASK_DEFINITION = "aws:ecs/taskDefinition:TaskDefinition"
ARN = "arn:aws:ecs:us-east-1:123456789012:task-definition/report:3"
Make = Callable[..., Resource]
CostOf = Callable[..., ResourceCost]


def starting(make: Make, expression: object = "rate(1 hour)", **inputs: Any) -> Resource:
    ecs = {"taskDefinitionArn": ARN, "launchType": "FARGATE", **inputs.pop("ecs", {})}
    given = {"scheduleExpression": expression, "target": {"arn": "cluster", "ecsParameters": ecs}}
    return make(SCHEDULE, {**given, **inputs})


def sized(make: Make, **inputs: Any) -> Resource:
    return make(TASK_DEFINITION, {"family": "report", "cpu": "1024", "memory": "2048", **inputs})


class TestSchedule:
    def test_costs_its_tasks_while_they_run(self, make: Make, cost_of: CostOf) -> None:
        cost = cost_of(starting(make), sized(make), usage=Usage(run_minutes=Decimal(6)))
        assert cost.status is Status.USAGE_ONLY
        # 730 runs of a tenth of an hour: 73 × (0.04048 + 2 × 0.004445) + 730 × 0.000001
        assert cost.cost.usage_monthly == pytest.approx(Decimal("3.60474"))
        assert cost.cost.monthly == 0

    def test_tells_how_often_and_how_long(self, make: Make, cost_of: CostOf) -> None:
        cost = cost_of(starting(make, "cron(0 3 1 * ? *)"), sized(make))
        assert cost.lines[0].assumption == "1.0 runs a month"
        assert cost.lines[1].assumption == "1.0 runs a month, 5 minutes per run of a scheduled task"

    def test_is_billed_a_minute_at_least(self, make: Make, cost_of: CostOf) -> None:
        costs = [
            cost_of(starting(make), sized(make), usage=Usage(run_minutes=minutes)).cost.usage_monthly
            for minutes in (Decimal("0.1"), Decimal(1), Decimal(2))
        ]
        assert costs[0] == costs[1]
        assert costs[2] == pytest.approx(2 * (costs[1] or 0), rel=Decimal("0.1"))

    def test_costs_nothing_while_it_is_paused(self, make: Make, cost_of: CostOf) -> None:
        assert cost_of(starting(make, state="DISABLED"), sized(make)).status is Status.FREE

    def test_pays_for_a_public_address_while_it_runs(self, make: Make, cost_of: CostOf) -> None:
        public = {"networkConfiguration": {"assignPublicIp": True}}
        usage = Usage(run_minutes=Decimal(6))
        cost = cost_of(starting(make, ecs=public), sized(make), usage=usage)
        assert cost.lines[-1].monthly == pytest.approx(Decimal("0.365"))  # 73 × 0.005

    def test_pays_for_every_task_it_starts(self, make: Make, cost_of: CostOf) -> None:
        one, two = (cost_of(starting(make, ecs={"taskCount": count}), sized(make)) for count in (1, 2))
        assert two.lines[1].quantity == pytest.approx(2 * (one.lines[1].quantity or 0), rel=Decimal("0.001"))

    @pytest.mark.parametrize("expression", [UNKNOWN, "cron(0 3 * * *)", "every day", 5, None])
    def test_has_no_price_when_it_is_not_known_how_often(
        self, make: Make, cost_of: CostOf, expression: object
    ) -> None:
        cost = cost_of(starting(make, expression), sized(make))
        assert cost.status is Status.NO_PRICE

    def test_has_no_price_without_its_task_definition(self, make: Make, cost_of: CostOf) -> None:
        assert cost_of(starting(make)).status is Status.NO_PRICE

    @pytest.mark.parametrize("target", [UNKNOWN, {"ecsParameters": UNKNOWN}, "x"])
    def test_has_no_price_while_its_target_is_unknown(
        self, make: Make, cost_of: CostOf, target: object
    ) -> None:
        assert cost_of(starting(make, target=target), sized(make)).status is Status.NO_PRICE

    def test_of_another_target_costs_its_invocations(self, make: Make, cost_of: CostOf) -> None:
        cost = cost_of(starting(make, target={"arn": "arn:aws:sqs:us-east-1:123456789012:q"}))
        assert cost.cost.usage_monthly == Decimal("0.00073")


class TestNamespace:
    def test_costs_what_its_hosted_zone_costs(self, make: Make, cost_of: CostOf) -> None:
        namespace = cost_of(make("aws:servicediscovery/privateDnsNamespace:PrivateDnsNamespace"))
        zone = cost_of(make("aws:route53/zone:Zone"))
        assert namespace.cost == zone.cost
        assert namespace.cost.monthly == Decimal("0.5")

    def test_has_services_that_are_billed_with_it(self, make: Make, cost_of: CostOf) -> None:
        assert cost_of(make("aws:servicediscovery/service:Service")).status is Status.FREE
