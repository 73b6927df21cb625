from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from components.alarms import AlarmArgs
from components.scaling import AutoscaleArgs, SpotArgs
from components.service import Service, ServiceArgs
from cygni.naming import Colour
from tests.components.test_service import ENTRANCE, WORKER
from tests.pulumi_mocks import Made, Registered, run_program

NAME = "s-web"
LISTENER = (
    "arn:aws:elasticloadbalancing:us-east-1:123456789012:listener/app/shop/50dc6c495c0c9188/f2f7dc8efc522ab2"
)
WEB = replace(WORKER, entrance=replace(ENTRANCE, listener_arn=LISTENER))
LIMITS = AutoscaleArgs(least=2, most=6, cpu=60, requests=1000, in_cooldown=300, out_cooldown=60)
ALARMS = AlarmArgs(errors=5, latency=0.5, cpu=80, memory=90, minutes=3)


def made(args: ServiceArgs, **changes: Any) -> Made:
    def program() -> None:
        Service(NAME, replace(args, **changes))

    return run_program(program)


def by_colour(found: Made, kind: str) -> dict[str, Registered]:
    return {one.name.removeprefix(f"{NAME}-"): one for one in found.of(kind) if one.custom}


class TestAutoscaling:
    def test_moves_the_count_of_both_colours_within_limits(self) -> None:
        found = made(WEB, autoscale=LIMITS)
        targets = by_colour(found, "Target")
        limits = {
            name: (one.inputs["minCapacity"], one.inputs["maxCapacity"]) for name, one in targets.items()
        }
        assert limits == {"blue": (0, 6), "green": (0, 6)}

    def test_leaves_the_least_to_releases(self) -> None:
        for one in by_colour(made(WEB, autoscale=LIMITS), "Target").values():
            assert one.ignored == ("minCapacity",)

    def test_is_not_there_unless_asked_for(self) -> None:
        assert made(WEB).of("Target") == []

    def test_names_the_service_as_application_auto_scaling_does(self) -> None:
        found = made(replace(WEB, cluster_arn="arn:aws:ecs:us-east-1:1:cluster/shop"), autoscale=LIMITS)
        target = by_colour(found, "Target")["blue"].inputs
        assert target["resourceId"] == "service/shop/s-web-blue"
        assert (target["serviceNamespace"], target["scalableDimension"]) == (
            "ecs",
            "ecs:service:DesiredCount",
        )

    def test_tracks_cpu_and_requests(self) -> None:
        policies = by_colour(made(WEB, autoscale=LIMITS), "Policy")
        assert set(policies) == {"blue-cpu", "blue-requests", "green-cpu", "green-requests"}
        cpu, requests = (
            policies[name].inputs["targetTrackingScalingPolicyConfiguration"]
            for name in ("blue-cpu", "blue-requests")
        )
        assert (cpu["targetValue"], cpu["scaleInCooldown"], cpu["scaleOutCooldown"]) == (60, 300, 60)
        assert cpu["predefinedMetricSpecification"] == {
            "predefinedMetricType": "ECSServiceAverageCPUUtilization"
        }
        assert requests["targetValue"] == 1000
        assert requests["predefinedMetricSpecification"] == {
            "predefinedMetricType": "ALBRequestCountPerTarget",
            "resourceLabel": "app/shop/50dc6c495c0c9188/targetgroup/s-web-blue/1",
        }

    @pytest.mark.parametrize("asked", ["cpu", "requests"])
    def test_tracks_only_what_is_asked(self, asked: str) -> None:
        limits = replace(LIMITS, requests=None) if asked == "cpu" else replace(LIMITS, cpu=None)
        policies = by_colour(made(WEB, autoscale=limits), "Policy")
        assert set(policies) == {f"blue-{asked}", f"green-{asked}"}


class TestSpot:
    @pytest.mark.parametrize(
        ("spot", "strategies"),
        [
            (None, {"FARGATE": (100, 0)}),
            (SpotArgs(70, 0), {"FARGATE": (30, 0), "FARGATE_SPOT": (70, None)}),
            (SpotArgs(70, 2), {"FARGATE": (30, 2), "FARGATE_SPOT": (70, None)}),
            (SpotArgs(100, 1), {"FARGATE": (0, 1), "FARGATE_SPOT": (100, None)}),
            (SpotArgs(100, 0), {"FARGATE_SPOT": (100, None)}),
        ],
    )
    def test_takes_its_part_of_both_colours(
        self, spot: SpotArgs | None, strategies: dict[str, tuple[int, int | None]]
    ) -> None:
        for one in by_colour(made(WEB, spot=spot), "Service").values():
            assert {
                item["capacityProvider"]: (item["weight"], item.get("base"))
                for item in one.inputs["capacityProviderStrategies"]
            } == strategies
            assert "launchType" not in one.inputs
            assert one.inputs["forceNewDeployment"] is True


class TestAlarms:
    def test_are_there_only_if_asked(self) -> None:
        assert made(WEB).of("MetricAlarm") == []

    def test_watch_a_web_service_in_both_colours(self) -> None:
        alarms = by_colour(made(WEB, alarms=ALARMS), "MetricAlarm")
        kinds = ("errors", "latency", "unhealthy")
        assert set(alarms) == {f"{colour}-{kind}" for colour in Colour for kind in kinds}
        where = {
            "LoadBalancer": "app/shop/50dc6c495c0c9188",
            "TargetGroup": "targetgroup/s-web-green/1",
        }
        latency = alarms["green-latency"].inputs
        assert (latency["extendedStatistic"], latency["threshold"], latency["dimensions"]) == (
            "p95",
            0.5,
            where,
        )
        assert "statistic" not in latency
        assert alarms["green-unhealthy"].inputs["threshold"] == 0
        for one in alarms.values():
            assert (one.inputs["evaluationPeriods"], one.inputs["treatMissingData"]) == (3, "notBreaching")

    def test_judge_errors_by_the_number_of_requests(self) -> None:
        inputs = by_colour(made(WEB, alarms=ALARMS), "MetricAlarm")["blue-errors"].inputs
        queries = {query["id"]: query for query in inputs["metricQueries"]}
        assert queries["rate"]["expression"] == "100 * bad / total"
        assert inputs["threshold"] == 5
        metrics = {name: queries[name]["metric"]["metricName"] for name in ("bad", "total")}
        assert metrics == {"bad": "HTTPCode_Target_5XX_Count", "total": "RequestCount"}

    def test_watch_the_cpu_and_memory_of_a_worker(self) -> None:
        found = made(replace(WORKER, cluster_arn="arn:aws:ecs:us-east-1:1:cluster/shop"), alarms=ALARMS)
        alarms = by_colour(found, "MetricAlarm")
        assert set(alarms) == {f"{colour}-{kind}" for colour in Colour for kind in ("cpu", "memory")}
        cpu = alarms["blue-cpu"].inputs
        assert cpu["dimensions"] == {"ClusterName": "shop", "ServiceName": "s-web-blue"}
        assert (cpu["metricName"], cpu["threshold"]) == ("CPUUtilization", 80)
