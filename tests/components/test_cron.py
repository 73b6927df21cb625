from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from components.binding import Binding
from components.cron import Cron, CronArgs, ScheduleArgs, ScheduleGroup
from components.job import Job
from components.task import FargateArgs, TaskArgs
from tests.pulumi_mocks import ACCOUNT, Made, run_program

CLUSTER = f"arn:aws:ecs:us-east-1:{ACCOUNT}:cluster/shop-staging"
GROUP = f"arn:aws:scheduler:us-east-1:{ACCOUNT}:schedule-group/shop-staging"
NAME = "shop-staging-report"
SCHEDULE = ScheduleArgs(
    name="report",
    group_name="shop-staging",
    group_arn=GROUP,
    expression="cron(0 3 * * ? *)",
    timezone="Europe/Berlin",
    flexible_window=0,
    retries=3,
    retry_for=3600,
    enabled=True,
)
PLACE = FargateArgs(
    cluster_arn=CLUSTER,
    family="shop_staging_report",
    vpc_id="vpc-1",
    subnet_ids=["subnet-1", "subnet-2"],
    public=True,
    region="us-east-1",
    log_group="/cygni/shop/staging/report",
    log_retention=30,
    task=TaskArgs(
        image="report:1", cpu=256, memory=512, architecture="x86_64", ephemeral_storage=20, stop_timeout=30
    ),
    bindings=[Binding(security_groups=["sg-clients"])],
)


def made(**schedule: Any) -> Made:
    def program() -> None:
        Cron(NAME, CronArgs(**vars(PLACE), schedule=replace(SCHEDULE, **schedule)))

    return run_program(program)


def job() -> Made:
    def program() -> None:
        Job(NAME, PLACE)

    return run_program(program)


def statements(found: Made) -> dict[str, Mapping[str, Any]]:
    """What the schedule's role may do, by action."""
    policy = json.loads(found.named("RolePolicy", f"{NAME}-schedule").inputs["policy"])
    return {action: one for one in policy["Statement"] for action in one["Action"]}


class TestSchedule:
    def test_starts_the_task_when_it_is_time(self) -> None:
        inputs = made().only("Schedule").inputs
        assert (inputs["name"], inputs["groupName"]) == ("report", "shop-staging")
        assert inputs["scheduleExpression"] == "cron(0 3 * * ? *)"
        assert (inputs["scheduleExpressionTimezone"], inputs["state"]) == ("Europe/Berlin", "ENABLED")
        assert inputs["flexibleTimeWindow"] == {"mode": "OFF"}

    def test_starts_one_task_on_fargate_in_the_groups_it_is_bound_to(self) -> None:
        found = made()
        target = found.only("Schedule").inputs["target"]
        assert (target["arn"], target["roleArn"]) == (CLUSTER, found.named("Role", f"{NAME}-schedule").arn)
        ecs = target["ecsParameters"]
        assert ecs["taskDefinitionArn"] == found.only("TaskDefinition").arn
        assert (ecs["launchType"], ecs["taskCount"], ecs["propagateTags"]) == (
            "FARGATE",
            1,
            "TASK_DEFINITION",
        )
        assert ecs["networkConfiguration"] == {
            "subnets": ["subnet-1", "subnet-2"],
            "securityGroups": [f"SecurityGroup/{NAME}", "sg-clients"],
            "assignPublicIp": True,
        }

    def test_may_start_late_if_asked(self) -> None:
        window = made(flexible_window=15).only("Schedule").inputs["flexibleTimeWindow"]
        assert window == {"mode": "FLEXIBLE", "maximumWindowInMinutes": 15}

    def test_may_pause(self) -> None:
        assert made(enabled=False).only("Schedule").inputs["state"] == "DISABLED"

    def test_is_tried_again_as_often_and_as_long_as_asked(self) -> None:
        target = made(retries=5, retry_for=600).only("Schedule").inputs["target"]
        assert target["retryPolicy"] == {"maximumRetryAttempts": 5, "maximumEventAgeInSeconds": 600}

    def test_waits_for_what_its_role_may_do(self) -> None:
        found = made()
        needed = {one.urn for one in found.of("RolePolicy")}
        assert len(needed) == 2
        assert needed <= set(found.only("Schedule").depends_on)


class TestRole:
    def test_is_taken_by_schedules_of_the_group_alone(self) -> None:
        role = made().named("Role", f"{NAME}-schedule")
        [statement] = json.loads(role.inputs["assumeRolePolicy"])["Statement"]
        assert statement["Principal"] == {"Service": "scheduler.amazonaws.com"}
        assert statement["Condition"] == {"StringEquals": {"aws:SourceArn": GROUP}}

    def test_may_start_this_task_in_this_cluster_alone(self) -> None:
        found = made()
        run = statements(found)["ecs:RunTask"]
        assert run["Resource"] == [f"{found.only('TaskDefinition').arn}-family:*"]
        assert run["Condition"] == {"ArnEquals": {"ecs:cluster": CLUSTER}}

    def test_may_hand_over_the_tasks_own_roles_to_tasks_alone(self) -> None:
        found = made()
        own = [found.named("Role", f"{NAME}-{kind}").arn for kind in ("execution", "task")]
        handed = statements(found)["iam:PassRole"]
        assert handed["Resource"] == sorted(own)
        assert handed["Condition"] == {"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}}

    def test_may_tag_tasks_only_when_it_starts_them(self) -> None:
        tagging = statements(made())["ecs:TagResource"]
        assert tagging["Resource"] == [f"{CLUSTER.replace('cluster', 'task')}/*"]
        assert tagging["Condition"] == {"StringEquals": {"ecs:CreateAction": "RunTask"}}

    def test_may_do_nothing_else(self) -> None:
        assert set(statements(made())) == {"ecs:RunTask", "iam:PassRole", "ecs:TagResource"}


class TestDeadLetters:
    def test_are_kept_only_if_asked(self) -> None:
        found = made()
        assert found.of("Queue") == []
        assert "deadLetterConfig" not in found.only("Schedule").inputs["target"]

    def test_go_to_an_encrypted_queue_that_the_role_may_write_to(self) -> None:
        found = made(dead_letters="shop_staging_report_unstarted")
        queue = found.only("Queue")
        assert queue.inputs["name"] == "shop_staging_report_unstarted"
        assert (queue.inputs["sqsManagedSseEnabled"], queue.inputs["messageRetentionSeconds"]) == (
            True,
            1209600,
        )
        assert found.only("Schedule").inputs["target"]["deadLetterConfig"] == {"arn": queue.arn}
        assert statements(found)["sqs:SendMessage"]["Resource"] == [queue.arn]


class TestScheduleGroup:
    def test_has_the_name_it_is_given(self) -> None:
        def program() -> None:
            ScheduleGroup("shop-staging", "shop_staging")

        found = run_program(program)
        [group] = [one for one in found.of("ScheduleGroup") if one.custom]
        assert group.inputs["name"] == "shop_staging"


class TestJob:
    @pytest.mark.parametrize("kind", ["LogGroup", "SecurityGroup", "TaskDefinition"])
    def test_has_what_a_task_needs(self, kind: str) -> None:
        assert job().only(kind).custom

    def test_has_nothing_that_runs(self) -> None:
        found = job()
        assert found.of("Service") == found.of("Schedule") == []
