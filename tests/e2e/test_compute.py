"""Every kind of service under the real engine: scaled, on spare capacity, found by name, watched, on a schedule."""

from __future__ import annotations

from typing import Any

import pytest

from tests.e2e.project import WEB, WORKER, Project

pytestmark = [pytest.mark.engine, pytest.mark.slow]

WATCHED = {
    **WEB,
    "autoscale": {"min": 2, "max": 6, "cpu": 60, "requests": 1000},
    "spot": {"percent": 50, "base": 1},
    "alarms": True,
}
CRON = {"kind": "cron", "image": "report:1", "schedule": "*/15 * * * 1-5", "dead_letter": True}
JOB = {"kind": "job", "image": "migrate:1", "command": ["migrate"]}
WORKING = {**WORKER, "autoscale": {"max": 3, "cpu": 70}, "alarms": True}


def cloud(project: Project) -> dict[str, Any]:
    """What stands of the services, as AWS tells it."""
    ecs, scaling = project.client("ecs"), project.client("application-autoscaling")
    [cluster] = ecs.list_clusters()["clusterArns"]
    names = ecs.list_services(cluster=cluster)["serviceArns"]
    described = ecs.describe_services(cluster=cluster, services=names)["services"]
    services = [one for one in described if one["status"] == "ACTIVE"]
    targets = scaling.describe_scalable_targets(ServiceNamespace="ecs")["ScalableTargets"]
    policies = scaling.describe_scaling_policies(ServiceNamespace="ecs")["ScalingPolicies"]
    alarms = project.client("cloudwatch").describe_alarms()["MetricAlarms"]
    return {
        "counts": {one["serviceName"]: one["desiredCount"] for one in services},
        "registered": {one["serviceName"] for one in services if one["serviceRegistries"]},
        "limits": {
            one["ResourceId"].rpartition("/")[2]: (one["MinCapacity"], one["MaxCapacity"]) for one in targets
        },
        "policies": {one["PolicyName"] for one in policies},
        "alarms": sum(not one["AlarmName"].startswith("TargetTracking") for one in alarms),
        "schedules": [one["Name"] for one in project.client("scheduler").list_schedules()["Schedules"]],
        "names": [one["Name"] for one in project.client("servicediscovery").list_services()["Services"]],
    }


class TestServicesOfEveryKind:
    def test_are_deployed_changed_and_destroyed(self, project: Project) -> None:
        project.write(services={"web": WATCHED, "mailer": WORKING, "report": CRON, "migrate": JOB})
        first = project.deploy()
        assert first.code == 0, first.err
        assert project.differences() == []
        self._stands_as_written(project)
        self._is_told_to_programs(project)
        assert project.deploy().err.startswith("No changes")
        self._autoscaling_is_not_undone(project)
        self._changes_in_place(project)
        self._gives_up_what_is_no_longer_written(project)
        project.destroy()
        assert project.left_behind() == []

    def _stands_as_written(self, project: Project) -> None:
        found = cloud(project)
        assert found["counts"] == {
            "shop-local-web-blue": 0,  # releases start them
            "shop-local-web-green": 0,
            "shop-local-mailer-blue": 0,
            "shop-local-mailer-green": 0,
        }
        assert found["limits"] == {
            "shop-local-web-blue": (0, 6),
            "shop-local-web-green": (0, 6),
            "shop-local-mailer-blue": (0, 3),
            "shop-local-mailer-green": (0, 3),
        }
        assert len(found["policies"]) == 6  # CPU and requests of two colours of web, CPU of two of mailer
        assert found["alarms"] == 2 * 3 + 2 * 2
        assert (found["schedules"], found["names"]) == (["report"], ["web"])
        assert found["registered"] == {"shop-local-web-blue", "shop-local-web-green"}
        schedule = project.client("scheduler").get_schedule(GroupName="shop_local", Name="report")
        assert schedule["ScheduleExpression"] == "cron(0,15,30,45 * ? * MON,TUE,WED,THU,FRI *)"

    def _is_told_to_programs(self, project: Project) -> None:
        outputs = project.cx("outputs", "--json").json["services"]
        assert outputs["schedules"].keys() == {"report"}
        job = outputs["jobs"]["migrate"]
        started = project.client("ecs").run_task(
            cluster=job["clusterArn"],
            taskDefinition=job["taskDefinitionArn"],
            launchType="FARGATE",
            networkConfiguration={
                "awsvpcConfiguration": {
                    "subnets": job["subnetIds"],
                    "securityGroups": job["securityGroupIds"],
                    "assignPublicIp": "ENABLED" if job["assignPublicIp"] else "DISABLED",
                }
            },
        )
        [task] = started["tasks"]
        project.client("ecs").stop_task(cluster=job["clusterArn"], task=task["taskArn"])
        [container] = project.client("ecs").describe_task_definition(taskDefinition=job["taskDefinitionArn"])[
            "taskDefinition"
        ]["containerDefinitions"]
        variables = {one["name"]: one["value"] for one in container["environment"]}
        assert variables["SERVICE_WEB_URL"] == "http://web.local.shop.internal:80"

    def _autoscaling_is_not_undone(self, project: Project) -> None:
        ecs = project.client("ecs")
        [cluster] = ecs.list_clusters()["clusterArns"]
        ecs.update_service(cluster=cluster, service="shop-local-web-blue", desiredCount=5)
        project.change(services={**project.spec["services"], "web": {**WATCHED, "image": "nginx:2"}})
        changed = project.deploy()
        assert changed.code == 0, changed.err
        assert cloud(project)["counts"]["shop-local-web-blue"] == 5

    def _changes_in_place(self, project: Project) -> None:
        services = {
            **project.spec["services"],
            "web": {
                **WATCHED,
                "image": "nginx:2",
                "autoscale": {"min": 1, "max": 9, "cpu": 50},
                "spot": {"percent": 90},
            },
            "report": {**CRON, "schedule": "rate(1 hour)", "enabled": False},
        }
        project.change(services=services)
        changed = project.cx("deploy", "--yes", "--json")
        assert changed.code == 0, changed.err
        kinds = {step["change"] for stack in changed.json["plan"]["stacks"] for step in stack["steps"]}
        assert kinds == {"update", "delete"}  # the policies on requests go, nothing is replaced
        assert cloud(project)["limits"]["shop-local-web-blue"] == (0, 9)
        assert project.differences() == []

    def _gives_up_what_is_no_longer_written(self, project: Project) -> None:
        """One service has nobody to find it; its count stays that of releases."""
        project.change(services={"web": {**WEB, "count": 3}})
        kept = project.cx("deploy", "--yes")
        assert (kept.code, "report-dead" in kept.err) == (2, True), kept.err  # messages are data
        assert project.deploy("--allow-destroy", "report-dead").code == 0
        found = cloud(project)
        assert found["counts"] == {"shop-local-web-blue": 5, "shop-local-web-green": 0}
        gone = {
            name: found[name] for name in ("limits", "policies", "alarms", "schedules", "names", "registered")
        }
        assert gone == {
            "limits": {}, "policies": set(), "alarms": 0, "schedules": [], "names": [], "registered": set(),
        }  # fmt: skip
        assert project.differences() == []
