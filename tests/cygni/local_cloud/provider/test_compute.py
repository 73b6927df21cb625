"""What is particular of services, schedules and scaling."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from cygni.local_cloud.provider.operations import Kept, resource_type
from tests.cygni.local_cloud.provider.samples import Make
from tests.cygni.local_cloud.provider.samples_compute import COMPUTE
from tests.cygni.local_cloud.provider.samples_core import CORE

World = Any  # the fixture's class, see conftest.py
SAMPLES = CORE | COMPUTE


@pytest.fixture
def make(world: World) -> Make:
    made: dict[str, Kept] = {}

    def create(name: str) -> Kept:
        if name not in made:
            made[name] = world.create(SAMPLES[name].token, SAMPLES[name].inputs(create))
        return made[name]

    return create


@pytest.fixture
def update(world: World, make: Make) -> Callable[..., None]:
    """Changes some inputs of a sample, and nothing else."""

    def change(name: str, **inputs: Any) -> None:
        kept = make(name)
        news = {**kept.inputs, **inputs}
        world.operations.update(
            resource_type(SAMPLES[name].token), kept.id, kept.outputs, news, inputs.keys()
        )

    return change


class TestEcsService:
    def described(self, world: World) -> dict[str, Any]:
        [found] = world.operations.cloud.client("ecs", "us-east-1").describe_services(
            cluster="sample", services=["sample"]
        )["services"]
        return dict(found)

    def test_keeps_a_count_that_others_moved_when_something_else_changes(
        self, world: World, make: Make, update: Callable[..., None]
    ) -> None:
        make("service")
        world.operations.cloud.client("ecs", "us-east-1").update_service(
            cluster="sample", service="sample", desiredCount=7
        )
        update("service", deploymentMaximumPercent=150)
        found = self.described(world)
        assert found["desiredCount"] == 7
        assert found["deploymentConfiguration"]["maximumPercent"] == 150
        assert found["deploymentConfiguration"]["deploymentCircuitBreaker"]["enable"] is True

    def test_changes_its_count_when_that_is_asked(
        self, world: World, make: Make, update: Callable[..., None]
    ) -> None:
        make("service")
        update("service", desiredCount=4)
        assert self.described(world)["desiredCount"] == 4


class TestSchedule:
    def test_is_refused_a_window_without_minutes(self, world: World) -> None:
        sample = {"name": "a", "scheduleExpression": "rate(1 day)", "target": {"arn": "a", "roleArn": "b"}}
        with pytest.raises(AssertionError, match="mode FLEXIBLE"):
            world.check(
                "aws:scheduler/schedule:Schedule", {**sample, "flexibleTimeWindow": {"mode": "FLEXIBLE"}}
            )


class TestAlarm:
    @pytest.mark.parametrize(
        ("inputs", "reason"),
        [
            (
                {"metricName": "CPUUtilization", "namespace": "AWS/ECS"},
                "needs statistic or extendedStatistic",
            ),
            (
                {
                    "metricQueries": [
                        {
                            "id": "a",
                            "expression": "1",
                            "metric": {"metricName": "m", "period": 60, "stat": "Sum"},
                        }
                    ]
                },
                "not both",
            ),
        ],
    )
    def test_is_refused_what_says_too_little_or_too_much(
        self, world: World, inputs: dict[str, Any], reason: str
    ) -> None:
        with pytest.raises(AssertionError, match=reason):
            world.check("aws:cloudwatch/metricAlarm:MetricAlarm", {"evaluationPeriods": 1, **inputs})
